/**
 * Route 53: hosted zones, their records, and a DNS server that answers from them. At the front door it decides
 * which load balancer or distribution a host belongs to.
 *
 * What AWS documents and the emulator does otherwise or not yet: behaviours.ts.
 */
import * as sdk from '@aws-sdk/client-route-53'
import type { EmulatorContext } from '../../service.ts'
import { answerQuery } from './answer.ts'
import { behaviours } from './behaviours.ts'
import type { Route53 } from './contract.ts'
import { type DnsServer, openDnsServer } from './dns-server.ts'
import { createOperations } from './operations.ts'
import { aliasHosts, resolveAlias } from './resolve.ts'
import { createDataSourceTypes, createResourceTypes } from './resources.ts'
import { createState } from './state.ts'

/** `dnsPort`: the DNS server's port on 127.0.0.1; 0, the default, takes a free one. */
export function createRoute53(context: EmulatorContext, { dnsPort = 0 }: { dnsPort?: number } = {}): Route53 {
  const zones = createState(context.store)
  let server: DnsServer | undefined
  return {
    name: 'route53',
    behaviours,
    resourceTypes: createResourceTypes(context, zones),
    dataSourceTypes: createDataSourceTypes(zones),
    api: { signingName: 'route53', protocol: 'rest-xml', sdk, operations: createOperations(context, zones) },
    async start() {
      server = await openDnsServer(dnsPort, (query) => answerQuery(zones, query))
    },
    async stop() {
      await server?.close()
      server = undefined
    },
    address: () => server && { address: server.address, port: server.port },
    resolveAlias: (host) => resolveAlias(zones, host),
    aliasHosts: () => aliasHosts(zones),
    values: (name, type) => zones.lookup(name)?.get(type)?.values ?? [],
  }
}
