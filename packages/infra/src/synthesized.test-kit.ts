/** For tests: a platform with everything in it, and its Terraform, by address. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { linear, loadPlatform, type Platform, resolvePlatform } from '@baton/config'
import { checkStacks, type Finding } from './check/index.ts'
import { type StackName, synth } from './synth.ts'

const repository = resolve(import.meta.dirname, '../../..')

/** The platform of this repository. */
export const plain = (): Promise<Platform> =>
  loadPlatform(join(repository, 'examples/accounts/baton.config.ts'))

/** The same with every option on; bundling the smoke test takes a second. */
export async function everything(options: { smokeTest: boolean }): Promise<Platform> {
  const platform = await plain()
  return {
    ...platform,
    services: platform.services.map((service) => ({
      ...service,
      exec: true,
      containers: [
        { ...service.containers[0], secrets: ['API_KEY'], environment: { TEMPLATE: '${HOME} %{if}' } },
      ],
    })),
    logs: { ...platform.logs, distributions: true },
    encryption: { customerManagedKey: true },
    network: { ...platform.network, flowLogs: true, loadBalancer: 'internal' },
    delivery: {
      ...platform.delivery,
      shift: linear({ percent: 25, minutes: 2 }),
      smokeTest: options.smokeTest,
      approval: true,
      originHeaderGeneration: 2,
    },
    notifications: { emails: ['operations@keencho.com'] },
    pipeline: { repository: 'keencho/platform', branch: 'main', oidcProvider: 'create' },
  }
}

/** The first service as three containers behind nginx, a worker, and two jobs: one of a service, one of its own image. */
export async function containers(): Promise<Platform> {
  const folder = join(repository, 'examples/accounts/apps')
  return resolvePlatform(
    {
      project: 'keencho',
      domain: 'keencho.com',
      sites: {
        admin: { host: 'app-admin', source: join(folder, 'admin-site'), service: ['api', 'reports'] },
      },
      services: {
        api: {
          source: join(folder, 'admin-service'),
          port: 10_000,
          traffic: 'nginx',
          paths: ['/api/accounts/*', '/api/health'],
          stickinessSeconds: 60,
          ephemeralStorageGiB: 30,
          environment: {
            DATABASE_URL: { from: 'database.url' },
            SPRING_DATASOURCE_URL: { from: 'database.jdbcUrl' },
            SPRING_DATASOURCE_USERNAME: { from: 'database.username' },
            SITE: { from: 'sites.admin.host' },
          },
          containers: {
            nginx: {
              image: 'public.ecr.aws/nginx/nginx:1.29',
              port: 80,
              command: ['nginx', '-g', 'daemon off;'],
              user: '101',
              readonlyRootFilesystem: true,
              dependsOn: { api: 'HEALTHY' },
              memoryMiB: 128,
              environment: { LOGS: { from: 'logs.directory' }, REPORTS: { from: 'services.reports.host' } },
              secrets: ['TOKEN'],
            },
          },
          healthCheck: { command: ['CMD', 'node', '-e', '0'], startPeriodSeconds: 10 },
        },
        reports: {
          image: `ghcr.io/keencho/reports@sha256:${'0'.repeat(64)}`,
          port: 3000,
          paths: ['/api/reports/*'],
          database: false,
        },
        mailer: { source: join(folder, 'user-service'), worker: true },
      },
      jobs: {
        nightly: { service: 'api', command: ['node', 'nightly.js'], schedule: 'cron(0 3 * * ? *)' },
        tidy: {
          source: join(folder, 'migrations'),
          schedule: 'rate(1 hour)',
          timeZone: 'Asia/Seoul',
          timeoutMinutes: 5,
          secrets: ['TOKEN'],
        },
      },
      database: { name: 'keencho', migrations: join(folder, 'migrations') },
      pipeline: { repository: 'keencho/platform' },
    },
    repository,
  )
}

type Body = Readonly<Record<string, unknown>>
type Kind = 'resource' | 'data' | 'ephemeral'

export interface Synthesized {
  readonly text: string
  /** `aws_lb.main`, `data.aws_route53_zone.main`, `ephemeral.…`; sorted. */
  readonly addresses: readonly string[]
  readonly terraform: Body
  readonly output: Body
  /** The arguments of a resource; throws when there is none. Nested values are for `at`. */
  get(address: string): Body
  /** A value inside of a resource: `at('aws_lb_listener_rule.admin', 'condition', 0, 'host_header')`. */
  at(address: string, ...path: (string | number)[]): unknown
  /** All resources of a type by their id. */
  all(type: string): Readonly<Record<string, Body>>
}

export async function synthesize(platform: Platform): Promise<Record<StackName, Synthesized>> {
  const outDir = mkdtempSync(join(tmpdir(), 'baton-synth-'))
  try {
    const { stacks } = await synth(platform, { outDir })
    const [bootstrap, production] = stacks.map(({ folder }) => read(join(folder, 'cdk.tf.json')))
    if (bootstrap === undefined || production === undefined) throw new Error('two stacks are expected')
    return { bootstrap, platform: production }
  } finally {
    rmSync(outDir, { recursive: true })
  }
}

/** What `baton check` finds in the Terraform of a platform. */
export async function checked(platform: Platform): Promise<readonly Finding[]> {
  const outDir = mkdtempSync(join(tmpdir(), 'baton-check-'))
  try {
    const { stacks } = await synth(platform, { outDir })
    return (await checkStacks(stacks)).findings
  } finally {
    rmSync(outDir, { recursive: true })
  }
}

function read(file: string): Synthesized {
  const text = readFileSync(file, 'utf8')
  const json: Partial<Record<Kind, Record<string, Record<string, Body>>>> & {
    terraform?: Body
    output?: Body
  } = JSON.parse(text)
  const found = new Map<string, Body>()
  for (const kind of ['resource', 'data', 'ephemeral'] as const) {
    for (const [type, bodies] of Object.entries(json[kind] ?? {})) {
      for (const [id, body] of Object.entries(bodies)) {
        found.set(`${kind === 'resource' ? '' : `${kind}.`}${type}.${id}`, body)
      }
    }
  }
  const get = (address: string) => {
    const body = found.get(address)
    if (body === undefined) throw new Error(`there is no ${address}`)
    return body
  }
  return {
    text,
    addresses: [...found.keys()].sort(),
    terraform: json.terraform ?? {},
    output: json.output ?? {},
    get,
    at: (address, ...path) =>
      path.reduce<unknown>(
        (value, key) => (value as Record<string | number, unknown> | undefined)?.[key],
        get(address),
      ),
    all: (type) => json.resource?.[type] ?? {},
  }
}

export interface PolicyStatement {
  readonly Sid?: string
  readonly Effect: string
  readonly Action: string | string[]
  readonly Resource?: string | string[]
  readonly Principal?: unknown
  readonly Condition?: unknown
}

/** The statements of a policy document. */
export const statements = (document: unknown): PolicyStatement[] => JSON.parse(String(document)).Statement

/** The container definition of a task template, the first or the one of a name. */
export function container(stack: Synthesized, id: string, name?: string) {
  const all = JSON.parse(String(stack.at(`aws_ecs_task_definition.${id}`, 'container_definitions')))
  return name === undefined ? all[0] : all.find((each: { name: string }) => each.name === name)
}
