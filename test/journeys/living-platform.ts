/**
 * A platform that Terraform and deployments change in turns: what deployments own of it, whether Terraform would
 * change it, and the releases between.
 */
import assert from 'node:assert/strict'
import { mkdtemp } from 'node:fs/promises'
import { join } from 'node:path'
import { GetDeploymentCommand } from '@aws-sdk/client-codedeploy'
import { DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs'
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Platform } from '../../packages/config/src/index.ts'
import { synth } from '../../packages/infra/src/index.ts'
import type { Fault } from '../../packages/rehearsal/src/faults/index.ts'
import {
  openRehearsalEnvironment,
  type RehearsalEnvironment,
} from '../../packages/rehearsal/src/run/environment.ts'
import {
  pushServiceImage,
  type RunningService,
  releaseService,
  runningService,
  type ServiceRelease,
  serviceManifest,
} from '../../packages/release/src/index.ts'
import { type OwnedState, ownedState, type Weights } from './owned.ts'

export const stackNames = ['bootstrap', 'platform'] as const
/** The service that is released again and again, and the one whose release fails meanwhile. */
export const [service, other] = ['admin', 'user']

export interface Trial {
  readonly of?: string
  readonly fault?: Fault
  readonly inShift?: (deploymentId: string) => Promise<void>
}

export interface LivingPlatform {
  /** As it was configured last. */
  platform(): Platform
  readonly stage: RehearsalEnvironment
  /** Where a stack lies as it was synthesized last. */
  folderOf(stack: string): string
  owned(of?: string): Promise<OwnedState>
  /** Of the production listener's rule. */
  weights(): Promise<Weights>
  /** Fails unless a plan of both stacks is empty and an apply leaves all that deployments own as it was. */
  nothingToChange(of?: string): Promise<OwnedState>
  /** Changes the configuration and synthesizes it: from here on this is the Terraform. */
  reshape(change: Partial<Platform>): Promise<void>
  /** Releases a version of a service; `inShift` runs as soon as production traffic begins to shift. */
  deploy(version: string, trial?: Trial): Promise<ServiceRelease>
  statusOf(deploymentId: string): Promise<string | undefined>
  running(of?: string): Promise<RunningService>
  memory(of: { readonly taskDefinition: string }): Promise<string | undefined>
  templateIsNewer(): Promise<boolean>
  close(): Promise<void>
}

/** Rolled out in `v1`, below `root`. */
export async function openLivingPlatform(first: Platform, root: string): Promise<LivingPlatform> {
  const workDir = join(root, 'stage')
  const cacheDir = join(root, 'cache')
  const stage = await openRehearsalEnvironment({ platform: first, workDir, cacheDir, speed: 60 }, 'v1')
  const elb = new ElasticLoadBalancingV2Client(stage.emulator.clientSettings())
  let platform = first
  let terraform = join(workDir, 'terraform')
  const folderOf = (stack: string) => join(terraform, 'stacks', stack)
  const owned = (of = service) => ownedState(stage.clients, elb, platform, of)
  const running = async (of = service) =>
    runningService(stage.clients, await serviceManifest(stage.clients, platform.name, of))
  return {
    platform: () => platform,
    stage,
    folderOf,
    owned,
    running,
    weights: async () => (await owned()).weights[443] ?? {},
    async nothingToChange(of = service) {
      const before = await owned(of)
      for (const stack of stackNames) {
        const { changes } = await stage.emulator.plan(folderOf(stack), { stack })
        assert.deepEqual(changes, [], `plan of ${stack}`)
        const applied = await stage.emulator.apply(folderOf(stack), { stack })
        assert.deepEqual(applied.changes, [], `apply of ${stack}`)
      }
      assert.deepEqual(await owned(of), before)
      return before
    },
    async reshape(change) {
      platform = { ...platform, ...change }
      terraform = await mkdtemp(join(root, 'terraform-'))
      await synth(platform, { outDir: terraform })
    },
    deploy: (version, trial = {}) => deploy(stage, version, trial),
    async statusOf(deploymentId) {
      const { deploymentInfo } = await stage.clients.codedeploy.send(
        new GetDeploymentCommand({ deploymentId }),
      )
      return deploymentInfo?.status
    },
    async memory({ taskDefinition }) {
      const answer = await stage.clients.ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }))
      return answer.taskDefinition?.memory
    },
    async templateIsNewer() {
      const { templateFamily } = await serviceManifest(stage.clients, platform.name, service)
      const { taskDefinition: newest } = await stage.clients.ecs.send(
        new DescribeTaskDefinitionCommand({ taskDefinition: templateFamily }),
      )
      return (await running()).template !== `${newest?.family}:${newest?.revision}`
    },
    async close() {
      elb.destroy()
      await stage.close()
    },
  }
}

async function deploy(
  stage: RehearsalEnvironment,
  version: string,
  { of = service, fault, inShift }: Trial,
): Promise<ServiceRelease> {
  const image = await stage.image(of, version, fault)
  const at = { platform: stage.platform.name, service: of, version }
  const reference = await pushServiceImage(stage.clients, { ...at, image })
  let deploymentId = ''
  let shifting: Promise<void> | undefined
  const release = await releaseService(
    stage.clients,
    { ...at, image: reference },
    stage.clock,
    ({ step, state, detail }) => {
      if (step === 'deploy' && state === 'started') deploymentId = detail ?? ''
      if (step === 'AllowTraffic' && state === 'started') shifting ??= inShift?.(deploymentId)
    },
  )
  assert.ok(!inShift || shifting, `${version} has not shifted`)
  await shifting
  return release
}
