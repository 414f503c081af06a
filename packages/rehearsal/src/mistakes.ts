/**
 * Known mistakes, rehearsed on purpose: the verdict has to be `fail`, and for the right cause. A rehearsal that
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
import type { Fault } from './faults/index.ts'
import type { Performance } from './performance.ts'
import type { Stage } from './stage.ts'

export interface Mistake {
  /** What is wrong, in a sentence. */
  readonly what: string
  /** Causes of which the verdict has to name at least one. */
  readonly causes: readonly string[]
  readonly fault?: Fault
  readonly alterTerraform?: (folder: string) => Promise<void>
  /** What is done under load; `pauseMs` waits in real time. */
  perform(performance: Performance, pauseMs: (ms: number) => Promise<void>): Promise<void>
}

export const mistakes = {
  'short-keep-alive': {
    what: 'The service closes idle connections after one second; the load balancer keeps them for sixty.',
    causes: ['status-502'],
    fault: 'short-keep-alive',
    perform: (performance, pause) => performance.phase('steady', () => pause(20_000)),
  },
  'ignores-sigterm-order': {
    what: 'The service exits on SIGTERM without finishing its requests, and draining is too short for them.',
    causes: ['status-502', 'truncated-body', 'connection-error'],
    fault: 'exits-at-once',
    alterTerraform: (folder) =>
      alterResources(folder, 'aws_lb_target_group', (group) => ({ ...group, deregistration_delay: '0' })),
    async perform(performance, pause) {
      await performance.phase('steady', () => pause(3_000))
      await performance.phase('release v2', () => releaseServices(performance, 'v2'))
    },
  },
  'deletes-old-assets': {
    what: 'The release of a site deletes the chunks of the one before, which open tabs still ask for.',
    causes: ['status-404', 'status-403'],
    async perform(performance, pause) {
      await performance.phase('steady', () => pause(4_000))
      await performance.phase('release v2', async () => {
        for (const site of performance.stage.platform.sites) {
          await performance.releaseSite(site.name, 'v2')
          await deleteOldAssets(performance.stage, site.name, 'v2')
        }
        await pause(5_000)
      })
    },
  },
  'unattached-green': {
    what: 'Terraform is applied in mid-shift, and does not leave the rule’s action to the deployment.',
    causes: ['beyond-step', 'status-503', 'wrong-version'],
    alterTerraform: (folder) =>
      alterResources(folder, 'aws_lb_listener_rule', ({ lifecycle: _lifecycle, ...rule }) => rule),
    async perform(performance, pause) {
      const [service] = performance.stage.platform.services
      if (!service) return
      await performance.phase('steady', () => pause(3_000))
      await performance.phase('release v2', () =>
        performance.releaseService({
          service: service.name,
          version: 'v2',
          inShift: () => performance.stage.apply('platform'),
        }),
      )
    },
  },
} as const satisfies Record<string, Mistake>

export type MistakeName = keyof typeof mistakes

/** Releases a version of every service at once. */
export async function releaseServices(performance: Performance, version: string): Promise<void> {
  await Promise.all(
    performance.stage.platform.services.map((service) =>
      performance.releaseService({ service: service.name, version }),
    ),
  )
}

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

/** As a pipeline does it: `aws s3 sync --delete`, then an invalidation so that everyone gets the new. */
async function deleteOldAssets(stage: Stage, site: string, version: string): Promise<void> {
  const manifest = await siteManifest(stage.clients, stage.platform.name, site)
  const { bucket, prefix, host } = manifest
  const release = (await listReleases(stage.clients, manifest)).find(({ id }) => id === version)
  const { Contents } = await stage.clients.s3.send(
    new ListObjectsV2Command({ Bucket: bucket, Prefix: `${prefix}assets/` }),
  )
  const needed = new Set(Object.keys(release?.files ?? {}).map((path) => `${prefix}${path}`))
  const Objects = (Contents ?? []).flatMap(({ Key }) => (Key && !needed.has(Key) ? [{ Key }] : []))
  await stage.clients.s3.send(new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects } }))
  await invalidate(stage, host)
}

async function invalidate(stage: Stage, host: string): Promise<void> {
  const cloudfront = new CloudFrontClient({
    region: stage.platform.region,
    endpoint: stage.region.endpoints.api,
    credentials: { ...stage.region.credentials },
  })
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
