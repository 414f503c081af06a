/** What all services of a platform share, and what is handed to all of them. */
import { accessLogs } from '../access-logs.ts'
import type { Asset } from '../assets.ts'
import { certificates } from '../certificates.ts'
import { cluster } from '../cluster.ts'
import { database } from '../database.ts'
import { databaseAlarms } from '../database-alarms.ts'
import { delivery } from '../delivery.ts'
import { hostedZone } from '../dns.ts'
import { notices } from '../events.ts'
import { loadBalancer } from '../load-balancer.ts'
import { logs } from '../logs.ts'
import { network } from '../network.ts'
import { originHeader } from '../origin-header.ts'
import { securityGroups } from '../security-groups.ts'
import type { BatonStack } from '../stack.ts'

export interface PlatformAssets {
  readonly smokeTest?: Asset
}

export type Foundation = ReturnType<typeof foundation>

/** What all services share. */
export function foundation(stack: BatonStack) {
  const zone = hostedZone(stack)
  const net = network(stack)
  const groups = securityGroups(stack, net)
  const certificate = certificates(stack, zone)
  const topic = notices(stack)
  const store = database(stack, { network: net, securityGroups: groups })
  databaseAlarms(stack, store, topic.arn)
  return {
    zone,
    network: net,
    securityGroups: groups,
    certificate,
    topicArn: topic.arn,
    database: store,
    logs: logs(stack, { network: net, securityGroups: groups }),
    originHeader: originHeader(stack),
    loadBalancer: loadBalancer(stack, {
      network: net,
      securityGroups: groups,
      certificateArn: certificate.regional,
      accessLogs: accessLogs(stack),
    }),
    cluster: cluster(stack),
    delivery: delivery(stack),
  }
}
