/** From a checked input to a platform: names and host names complete, paths absolute, addresses carved out. */
import { resolve } from 'node:path'
import { ipv4Block, subBlock } from './cidr.ts'
import { completeImage, completeJob, completeProcess, completeService } from './complete-service.ts'
import type { Database, Network, Platform, Site } from './platform.ts'
import type { CheckedInput } from './schema.ts'

export function completePlatform(input: CheckedInput, rootDir: string): Platform {
  const path = (folder: string) => resolve(rootDir, folder)
  const host = (label: string) => `${label}.${input.domain}`
  const sites: Site[] = Object.entries(input.sites).map(([name, { service = [], ...site }]) => ({
    ...site,
    name,
    host: host(site.host),
    source: path(site.source),
    services: [service].flat(),
  }))
  const hasDatabase = input.database !== undefined
  const services = Object.entries(input.services).map(([name, service]) =>
    completeService(name, service, { rootDir, sites, hasDatabase }),
  )
  const jobs = Object.entries(input.jobs).map(([name, job]) =>
    completeJob(name, job, { rootDir, services, hasDatabase }),
  )
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
    encryption: input.encryption,
    network: completeNetwork(input),
    sites,
    ...(input.resources === undefined
      ? {}
      : { resources: { ...input.resources, host: host(input.resources.host) } }),
    services,
    jobs,
    ...(input.database === undefined ? {} : { database: completeDatabase(input.database, rootDir) }),
    logs: input.logs,
    delivery: input.delivery,
    notifications: input.notifications,
    ...(input.pipeline === undefined ? {} : { pipeline: input.pipeline }),
  }
}

function completeDatabase(
  { migrations, ...database }: NonNullable<CheckedInput['database']>,
  rootDir: string,
): Database {
  if (migrations === 'none') return database
  const options = typeof migrations === 'string' ? packageOf(migrations) : migrations
  return {
    ...database,
    migrations: {
      image: completeImage(options, rootDir),
      ...completeProcess(options),
      environment: options.environment,
    },
  }
}

/** A folder is short for a package with nothing else to say. */
const packageOf = (source: string) => ({ source, environment: {}, readonlyRootFilesystem: false })

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
