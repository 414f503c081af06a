/** From a checked input to a platform: names and host names complete, paths absolute, addresses carved out. */
import { resolve } from 'node:path'
import { ipv4Block, subBlock } from './cidr.ts'
import type { Network, Platform, Service, Site } from './platform.ts'
import type { CheckedInput } from './schema.ts'

export function completePlatform(input: CheckedInput, rootDir: string): Platform {
  const path = (folder: string) => resolve(rootDir, folder)
  const host = (label: string) => `${label}.${input.domain}`
  const sites: Site[] = Object.entries(input.sites).map(([name, { service, ...site }]) => ({
    ...site,
    name,
    host: host(site.host),
    source: path(site.source),
    ...(service === undefined ? {} : { service }),
  }))
  const services: Service[] = Object.entries(input.services).map(([name, service]) => ({
    ...service,
    name,
    source: path(service.source),
    hosts: sites.filter((site) => site.service === name).map((site) => site.host),
  }))
  const { migrations } = input.database
  return {
    project: input.project,
    environment: input.environment,
    name: `${input.project}-${input.environment}`,
    region: input.region,
    ...(input.account === undefined ? {} : { account: input.account }),
    domain: input.domain,
    rootDir,
    hostedZone: input.hostedZone,
    deletionProtection: input.deletionProtection,
    network: completeNetwork(input),
    sites,
    ...(input.resources === undefined
      ? {}
      : { resources: { ...input.resources, host: host(input.resources.host) } }),
    services,
    database: { ...input.database, migrations: { ...migrations, source: path(migrations.source) } },
    logs: input.logs,
    delivery: input.delivery,
    notifications: input.notifications,
    ...(input.pipeline === undefined ? {} : { pipeline: input.pipeline }),
  }
}

/**
 * Subnets a quarter of a kibi-address each out of a /16: 10.0.1–2.0/24 public, 10.0.3–4 private, 10.0.5–6 database
 * in two zones. In general the network is cut into 256 and the first block stays free.
 */
function completeNetwork({ network, region }: CheckedInput): Network {
  const { cidr, nat, loadBalancer, flowLogs, zones, subnets } = network
  const block = ipv4Block(cidr)
  const kinds = ['public', 'private', 'database'] as const
  const cidrOf = (kind: (typeof kinds)[number], zone: number) =>
    subnets[kind]?.[zone] ?? subBlock(block, block.prefix + 8, 1 + kinds.indexOf(kind) * zones.length + zone)
  return {
    cidr,
    nat,
    loadBalancer,
    flowLogs,
    zones: zones.map((letter, index) => ({
      letter,
      name: `${region}${letter}`,
      publicCidr: cidrOf('public', index),
      privateCidr: cidrOf('private', index),
      databaseCidr: cidrOf('database', index),
    })),
  }
}
