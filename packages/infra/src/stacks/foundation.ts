/** What all services of a platform share, and what is handed to all of them. */

import { database } from '../database/database.ts'
import { databaseAlarms } from '../database/database-alarms.ts'
import { delivery } from '../delivery/delivery.ts'
import { notices } from '../monitoring/events.ts'
import { logs } from '../monitoring/logs.ts'
import { certificates } from '../network/certificates.ts'
import { hostedZone } from '../network/dns.ts'
import { flowLogs } from '../network/flow-logs.ts'
import { loadBalancer } from '../network/load-balancer.ts'
import { network } from '../network/network.ts'
import { securityGroups } from '../network/security-groups.ts'
import { originHeader } from '../security/origin-header.ts'
import { cluster } from '../service/cluster.ts'
import { accessLogs } from '../storage/access-logs.ts'
import type { Asset } from '../terraform/assets.ts'
import type { BatonStack } from '../terraform/stack.ts'

export interface PlatformAssets {
  readonly smokeTest?: Asset
  readonly jobLimits?: Asset
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
  const bucketOfLogs = accessLogs(stack)
  flowLogs(stack, { network: net, accessLogs: bucketOfLogs })
  if (store !== undefined) databaseAlarms(stack, store, topic.arn)
  return {
    zone,
    network: net,
    securityGroups: groups,
    certificate,
    accessLogs: bucketOfLogs,
    topicArn: topic.arn,
    ...(store === undefined ? {} : { database: store }),
    logs: logs(stack, { network: net, securityGroups: groups }),
    originHeader: originHeader(stack),
    loadBalancer: loadBalancer(stack, {
      network: net,
      securityGroups: groups,
      certificateArn: certificate.regional,
      accessLogs: bucketOfLogs,
    }),
    cluster: cluster(stack),
    delivery: delivery(stack),
  }
}
