/**
 * What a user may write in `baton.config.ts`: the shape, the defaults, and what can be said about one value on
 * its own. What concerns several values (hosts, addresses, names, times that must fit) stands in `checks/`.
 * Objects are strict: a key that nobody knows is a mistake, never ignored.
 *
 * The defaults are the figures of the platform that Baton was built for: two zones, four tasks at most, memory
 * at 80 %, a grace period of a minute. A small team changes few of them.
 */
import { z } from 'zod'
import { countryCodes } from './countries.ts'

const name = z
  .string()
  .regex(/^[a-z](-?[a-z0-9])*$/, 'Use lower-case letters, digits and single hyphens, starting with a letter.')
const label = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'A host is one label below the domain, e.g. "app-admin".')
const domain = z
  .string()
  .max(253)
  .regex(
    /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/,
    'Write a domain, in lower case, e.g. "example.com".',
  )
const region = z
  .string()
  .regex(/^[a-z]{2}(-[a-z]+)+-[1-9]$/, 'Write a region as AWS names it, e.g. "ap-northeast-2".')
const folder = z.string().min(1)
const percent = z.int().min(1).max(99)
const country = z.string().refine((code) => countryCodes.has(code), {
  error: 'Use an ISO 3166-1 alpha-2 code, e.g. "KR".',
})
const environmentName = z
  .string()
  .regex(
    /^[A-Za-z_][A-Za-z0-9_]*$/,
    'A variable is letters, digits and underscores, not starting with a digit.',
  )

/** It stands as it is in the request line of every health check, which ends at a space. RFC 3986, 3.3 and 3.4. */
const healthPath = z
  .string()
  .startsWith('/', 'A path starts with "/".')
  .regex(
    /^[A-Za-z0-9._~!$&'()*+,;=:@%/?-]*$/,
    'Write the path as it stands in a URL: other characters percent-encoded, e.g. "%20" for a space.',
  )
  .max(1024)

const block = z.cidrv4('Write an IPv4 block, e.g. "10.0.0.0/16".')

const network = z.strictObject({
  cidr: block.default('10.0.0.0/16'),
  zones: z
    .array(z.string().regex(/^[a-z]$/, 'A zone is one letter, e.g. "a".'))
    .min(2)
    .max(3)
    .default(['a', 'b']),
  nat: z.enum(['gateway-per-zone', 'gateway', 'none']).default('gateway-per-zone'),
  /** Blocks per zone, in the order of the zones; by default carved out of `cidr`. */
  subnets: z
    .strictObject({
      public: z.array(block).optional(),
      private: z.array(block).optional(),
      database: z.array(block).optional(),
    })
    .prefault({}),
})

const site = z.strictObject({
  host: label,
  source: folder,
  build: z
    .strictObject({ command: z.string().default('npm run build'), output: z.string().default('dist') })
    .prefault({}),
  service: z.string().optional(),
  countries: z.array(country).default([]),
})

const resources = z.strictObject({ host: label, countries: z.array(country).default([]) })

const service = z.strictObject({
  source: folder,
  entry: z.string().default('src/main.ts'),
  port: z.int().min(1).max(65_535).default(8080),
  cpu: z.int().default(512),
  memoryMiB: z.int().default(1024),
  architecture: z.enum(['ARM64', 'X86_64']).default('ARM64'),
  tasks: z.strictObject({ min: z.int().min(1).default(1), max: z.int().min(1).default(4) }).prefault({}),
  scaling: z
    .strictObject({
      memoryPercent: percent.default(80),
      cpuPercent: percent.default(70),
      cooldownSeconds: z.int().min(0).default(180),
    })
    .prefault({}),
  healthCheck: z
    .strictObject({
      path: healthPath.default('/api/health'),
      intervalSeconds: z.int().min(5).max(300).default(10),
      timeoutSeconds: z.int().min(2).max(120).default(5),
      healthyThreshold: z.int().min(2).max(10).default(2),
      unhealthyThreshold: z.int().min(2).max(10).default(3),
      gracePeriodSeconds: z.int().min(0).default(60),
    })
    .prefault({}),
  drainSeconds: z.int().min(0).max(3600).default(30),
  stopTimeoutSeconds: z.int().min(2).max(120).default(60),
  environment: z.record(environmentName, z.string()).default({}),
  secrets: z.array(environmentName).default([]),
  exec: z.boolean().default(false),
})

const database = z.strictObject({
  engineVersion: z
    .string()
    .regex(/^\d+(\.\d+)?$/, 'Write a version of PostgreSQL, e.g. "17".')
    .default('17'),
  instanceClass: z
    .string()
    .regex(/^db\.[a-z0-9]+\.[a-z0-9]+$/, 'Write an instance class as RDS names it, e.g. "db.t4g.small".')
    .default('db.t4g.small'),
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_]*$/, 'Use lower-case letters, digits and underscores, starting with a letter.')
    .max(63),
  multiAz: z.boolean().default(true),
  storageGiB: z.int().min(20).max(65_536).default(20),
  maxStorageGiB: z.int().max(65_536).default(100),
  backupDays: z.int().min(1).max(35).default(7),
  deletionProtection: z.boolean().default(true),
  migrations: z.union([
    folder.transform((source) => ({ source, entry: 'src/main.ts' })),
    z.strictObject({ source: folder, entry: z.string().default('src/main.ts') }),
  ]),
})

const timed = { percent, minutes: z.int().min(1) }
const shift = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('allAtOnce') }),
  z.strictObject({ kind: z.literal('canary'), ...timed }),
  z.strictObject({ kind: z.literal('linear'), ...timed }),
])

const delivery = z.strictObject({
  controller: z.enum(['codedeploy']).default('codedeploy'),
  shift: shift.default({ kind: 'canary', percent: 10, minutes: 5 }),
  testPort: z.int().min(1).max(65_535).default(8443),
  terminationWaitMinutes: z.int().min(0).max(2880).default(1),
  giveUpAfterMinutes: z.int().min(1).max(60).default(10),
  approval: z.boolean().default(false),
  smokeTest: z.boolean().default(false),
  originHeaderGeneration: z.int().min(1).default(1),
  alarms: z
    .strictObject({
      errorPercent: z.number().gt(0).lt(100).default(5),
      latencyP99Seconds: z.number().gt(0).default(2),
      periodSeconds: z
        .int()
        .multipleOf(60, 'The metrics of a load balancer come once a minute: use a multiple of 60.')
        .min(60)
        .default(60),
      datapoints: z.int().min(1).max(60).default(2),
    })
    .prefault({}),
})

const pipeline = z.strictObject({
  repository: z.string().regex(/^[\w.-]+\/[\w.-]+$/, 'Write owner and name, e.g. "acme/shop".'),
  branch: z.string().min(1).default('main'),
  oidcProvider: z.enum(['create', 'existing']).default('create'),
})

/** CloudWatch takes these and no others: API_PutRetentionPolicy. */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]

export const platformSchema = z.strictObject({
  project: name,
  environment: name.default('production'),
  region: region.default('ap-northeast-2'),
  domain,
  hostedZone: z.enum(['create', 'existing']).default('create'),
  /** Whether the load balancer, full buckets and repositories refuse to be deleted. */
  deletionProtection: z.boolean().default(true),
  network: network.prefault({}),
  sites: z.record(name, site).default({}),
  resources: resources.optional(),
  services: z
    .record(name, service)
    .refine((services) => Object.keys(services).length > 0, { error: 'Describe at least one service.' }),
  database,
  logs: z
    .strictObject({
      retentionDays: z
        .int()
        .refine((days) => retentionDays.includes(days), {
          error: `CloudWatch keeps logs for ${retentionDays.join(', ')} days.`,
        })
        .default(30),
    })
    .prefault({}),
  delivery: delivery.prefault({}),
  notifications: z
    .strictObject({ emails: z.array(z.email('Write an e-mail address.')).default([]) })
    .prefault({}),
  pipeline: pipeline.optional(),
})

/** What a user writes. */
export type PlatformInput = z.input<typeof platformSchema>
/** The same with every default filled in. */
export type CheckedInput = z.output<typeof platformSchema>
