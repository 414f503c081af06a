/**
 * Known mistakes, rehearsed on purpose: the verdict must be `fail`, and for the right cause. A rehearsal that
 * cannot say no is worth nothing.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  CloudFrontClient,
  CreateInvalidationCommand,
  ListDistributionsCommand,
} from '@aws-sdk/client-cloudfront'
import { DeleteObjectsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { listReleases, siteManifest } from '@baton/release'
import type { Fault } from '../faults/index.ts'
import type { RehearsalEnvironment } from '../run/environment.ts'
import { released, type Scenario } from './scenario.ts'

export interface Mistake extends Scenario {
  /** What is wrong, in a sentence. */
  readonly what: string
  /** Causes of which the verdict must name at least one. */
  readonly causes: readonly string[]
  /** Laid over every version of every service. */
  readonly fault?: Fault
  readonly alterTerraform?: (folder: string) => Promise<void>
}

export const mistakes = {
  'short-keep-alive': {
    what: 'The service closes idle connections after one second; the load balancer keeps them for sixty.',
    causes: ['status-502', 'early-idle-close'],
    fault: 'short-keep-alive',
    releases: () => [],
    run: (rehearsal, _releases, pause) => rehearsal.phase('steady', () => pause(6_000)),
  },
  'default-keep-alive': {
    what: 'The service closes idle connections after five seconds, as a plain Node.js server does; the load balancer keeps them for sixty.',
    causes: ['early-idle-close'],
    fault: 'default-keep-alive',
    releases: () => [],
    run: (rehearsal, _releases, pause) => rehearsal.phase('steady', () => pause(9_000)),
  },
  'swallows-sigterm': {
    what: 'The service is started through a shell, which does not pass SIGTERM on: its tasks are killed after their stop time-out.',
    causes: ['killed-task'],
    fault: 'swallows-sigterm',
    // The stop time-out passes in real time.
    alterTerraform: (folder) =>
      alterResources(folder, 'aws_ecs_task_definition', (definition) => ({
        ...definition,
        container_definitions: String(definition.container_definitions).replaceAll(
          /("stopTimeout"\s*[=:]\s*)\d+/g,
          '$15',
        ),
      })),
    releases: ({ services }) => services.slice(0, 1).map(({ name }) => released('service', name, 'v2')),
    async run(rehearsal, releases, pause) {
      await rehearsal.phase('steady', () => pause(3_000))
      await rehearsal.phase('release v2', () => rehearsal.releaseAll(releases))
      await rehearsal.phase('the end of v1', () => pause(untilKilledMs))
    },
  },
  'ready-too-early': {
    what: 'The health check passes before the service can serve, so that traffic comes too early.',
    causes: ['status-503', 'status-502'],
    releases: ({ services }) =>
      services
        .slice(0, 1)
        .map(({ name }) => ({ ...released('service', name, 'v2'), fault: 'ready-too-early' as const })),
    async run(rehearsal, releases, pause) {
      await rehearsal.phase('steady', () => pause(3_000))
      await rehearsal.phase('release v2', () => rehearsal.releaseAll(releases))
    },
  },
  'ignores-sigterm-order': {
    what: 'The service exits on SIGTERM without finishing its requests, and draining is too short for them.',
    causes: ['status-502', 'truncated-body', 'connection-error'],
    fault: 'exits-at-once',
    async alterTerraform(folder) {
      await alterResources(folder, 'aws_lb_target_group', (group) => ({
        ...group,
        deregistration_delay: '0',
      }))
      // The minutes before the old tasks go are AWS's and pass faster here than the clients' requests do.
      await alterResources(folder, 'aws_codedeploy_deployment_group', endOldTasksAtOnce)
    },
    releases: ({ services }) => services.map(({ name }) => released('service', name, 'v2')),
    async run(rehearsal, releases, pause) {
      await rehearsal.phase('steady', () => pause(3_000))
      await rehearsal.phase('release v2', () => rehearsal.releaseAll(releases))
    },
  },
  'deletes-old-assets': {
    what: 'The release of a site deletes the chunks of the one before, which open tabs still ask for.',
    causes: ['status-404', 'status-403'],
    releases: ({ sites }) => sites.map(({ name }) => released('site', name, 'v2')),
    async run(rehearsal, releases, pause) {
      await rehearsal.phase('steady', () => pause(3_000))
      await rehearsal.phase('release v2', async () => {
        await rehearsal.releaseAll(releases)
        for (const { name, version } of releases) await deleteOldAssets(rehearsal.environment, name, version)
        await pause(5_000)
      })
    },
  },
  'contract-too-early': {
    what: 'The migration of v2 drops a column that v1 still reads.',
    causes: ['status-500'],
    migrates: 'contract',
    releases: () => [],
    async run(rehearsal, _releases, pause) {
      await rehearsal.phase('steady', () => pause(3_000))
      await rehearsal.phase('migrate v2', () => rehearsal.migrate('v2', 'contract'))
      await rehearsal.phase('before v2', () => pause(3_000))
    },
  },
  'unattached-green': {
    what: 'Terraform is applied in mid-shift, and does not leave the rule’s action to the deployment.',
    causes: ['beyond-step', 'status-503', 'wrong-version'],
    alterTerraform: (folder) =>
      alterResources(folder, 'aws_lb_listener_rule', ({ lifecycle: _lifecycle, ...rule }) => rule),
    releases: ({ services }) => services.slice(0, 1).map(({ name }) => released('service', name, 'v2')),
    async run(rehearsal, releases, pause) {
      await rehearsal.phase('steady', () => pause(3_000))
      await rehearsal.phase('release v2', () =>
        rehearsal.releaseAll(releases, () => rehearsal.environment.apply('platform')),
      )
    },
  },
} as const satisfies Record<string, Mistake>

export type MistakeName = keyof typeof mistakes

/** The stop time-out, and the way there: waits of AWS, divided by the speed. */
const untilKilledMs = 12_000

type Json = Record<string, unknown>

/** Rewrites every resource of a type in a synthesized stack. */
async function alterResources(folder: string, type: string, alter: (resource: Json) => Json): Promise<void> {
  const file = join(folder, 'cdk.tf.json')
  const stack: { resource: Record<string, Record<string, Json>> } = JSON.parse(await readFile(file, 'utf8'))
  const resources = stack.resource[type] ?? {}
  stack.resource[type] = Object.fromEntries(
    Object.entries(resources).map(([id, resource]) => [id, alter(resource)]),
  )
  await writeFile(file, JSON.stringify(stack, null, 2))
}

/** Alarms stay off: where this machine is out of breath, latency would stop the release before the mistake shows. */
function endOldTasksAtOnce(group: Json): Json {
  const config = group.blue_green_deployment_config as Json
  const termination = config.terminate_blue_instances_on_deployment_success as Json
  return {
    ...group,
    alarm_configuration: { ...(group.alarm_configuration as Json), enabled: false },
    blue_green_deployment_config: {
      ...config,
      terminate_blue_instances_on_deployment_success: {
        ...termination,
        termination_wait_time_in_minutes: 0,
      },
    },
  }
}

/** As a pipeline does it: `aws s3 sync --delete`, then an invalidation so that everyone gets the new. */
async function deleteOldAssets(
  environment: RehearsalEnvironment,
  site: string,
  version: string,
): Promise<void> {
  const manifest = await siteManifest(environment.clients, environment.platform.name, site)
  const { bucket, prefix, host } = manifest
  const release = (await listReleases(environment.clients, manifest)).find(({ id }) => id === version)
  const { Contents } = await environment.clients.s3.send(
    new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}assets/` }),
  )
  const needed = new Set(Object.keys(release?.files ?? {}).map((path) => `${prefix}${path}`))
  const Objects = (Contents ?? []).flatMap(({ Key }) => (Key && !needed.has(Key) ? [{ Key }] : []))
  if (Objects.length === 0)
    throw new Error(`${version} of ${site} has the very assets of the release before it`)
  await environment.clients.s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }))
  await invalidate(environment, host)
}

async function invalidate(environment: RehearsalEnvironment, host: string): Promise<void> {
  const settings = { useFipsEndpoint: false, useDualstackEndpoint: false }
  const cloudfront = new CloudFrontClient({ ...environment.emulator.clientSettings(), ...settings })
  const { DistributionList } = await cloudfront.send(new ListDistributionsCommand({}))
  const distribution = DistributionList?.Items?.find((item) => item.Aliases?.Items?.includes(host))
  await cloudfront.send(
    new CreateInvalidationCommand({
      DistributionId: distribution?.Id,
      InvalidationBatch: { CallerReference: `${host}-${Date.now()}`, Paths: { Quantity: 1, Items: ['/*'] } },
    }),
  )
  cloudfront.destroy()
}
