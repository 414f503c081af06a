/** An AWS that answers as one service's release asks it, for the tests of that release. */
import assert from 'node:assert/strict'
import type { ServiceManifest } from '@baton/config'
import type { Clock } from '../clock.ts'
import { ReleaseError } from '../release-error.ts'
import { releaseService, type ServiceRelease } from '../service/release.ts'
import { type Json, type StubAws, startStubAws } from './stub-aws.test-kit.ts'

export const manifest: ServiceManifest = {
  cluster: 'keencho-production',
  service: 'admin',
  templateFamily: 'keencho-production-admin-template',
  family: 'keencho-production-admin',
  containerName: 'app',
  containerPort: 8080,
  repository: 'keencho-production/admin',
  images: { app: 'keencho-production/admin' },
  controller: 'CODE_DEPLOY',
  codedeployApplication: 'keencho-production',
  codedeployDeploymentGroup: 'admin',
  desiredCount: 2,
  scalableTarget: 'service/keencho-production/admin',
  giveUpAfterMinutes: 2,
  smokeTest: 'keencho-production-admin-smoke-test',
}
/** Time that passes only while it is waited for. */
export function waitingClock(): Clock {
  let now = Date.now()
  return {
    now: () => now,
    toReal: (ms) => ms,
    async sleep(ms) {
      now += ms
      await new Promise(setImmediate)
    },
  }
}

export const suspended = {
  DynamicScalingInSuspended: true,
  DynamicScalingOutSuspended: true,
  ScheduledScalingSuspended: true,
}
export const atNight = {
  DynamicScalingInSuspended: false,
  DynamicScalingOutSuspended: true,
  ScheduledScalingSuspended: false,
}

const arn = (family: string, revision: number) =>
  `arn:aws:ecs:ap-northeast-2:000000000000:task-definition/${family}:${revision}`

/** Answer of DescribeServices: a service that runs a version, or none yet. */
export function service(state: { version?: string; desiredCount?: number; runningCount?: number }): unknown {
  const desiredCount = state.desiredCount ?? 1
  const runningCount = state.runningCount ?? desiredCount
  const taskDefinition = arn(state.version ?? 'template', 7)
  const stabilityStatus = runningCount === desiredCount ? 'STEADY_STATE' : 'STABILIZING'
  const primary = { status: 'PRIMARY', taskDefinition, runningCount, pendingCount: 0, stabilityStatus }
  return { services: [{ status: 'ACTIVE', desiredCount, taskDefinition, taskSets: [primary] }] }
}

/** Answer of DescribeTaskDefinition: the template by its family, or what runs, with its version as a tag. */
export function definition({ taskDefinition = '' }: Json): unknown {
  const [, version = ''] = /task-definition\/(v\d+):/.exec(String(taskDefinition)) ?? []
  const containerDefinitions = [{ name: 'app', image: 'template', memory: 1024 }]
  const described = {
    family: manifest.templateFamily,
    revision: 3,
    taskDefinitionArn: arn('template', 3),
    status: 'ACTIVE',
    cpu: '512',
    containerDefinitions,
  }
  return { taskDefinition: described, tags: version ? [{ key: 'baton:version', value: version }] : [] }
}

export interface Look {
  readonly status: string
  readonly install?: string
  readonly allow?: string
  readonly more?: Json
}

export interface ReleaseStub {
  readonly aws: StubAws
  /** A deployment that is at each of the steps in turn, one per look, and stays at the last. */
  deployment(...looks: readonly Look[]): void
  /** Releases v2 of the service. */
  release(signal?: AbortSignal): Promise<ServiceRelease>
  /** What scaling was suspended to, in order. */
  suspensions(): unknown[]
}

/** A service that runs v1, and whose deployment the test describes. */
export async function startReleaseStub(): Promise<ReleaseStub> {
  const aws = await startStubAws({
    GetParameter: () => ({ Parameter: { Value: JSON.stringify(manifest) } }),
    DescribeServices: () => service({ version: 'v1' }),
    DescribeTaskDefinition: (input) => definition(input),
    RegisterTaskDefinition: () => ({ taskDefinition: { taskDefinitionArn: arn('admin', 8), revision: 8 } }),
    DescribeScalableTargets: () => ({ ScalableTargets: [{ SuspendedState: atNight }] }),
    RegisterScalableTarget: () => ({}),
    CreateDeployment: () => ({ deploymentId: 'd-RELEASE' }),
    ListDeploymentTargets: () => ({ targetIds: ['target'] }),
    StopDeployment: () => ({ status: 'Pending' }),
  })
  return {
    aws,
    deployment: (...looks) => answerDeployment(aws, looks),
    release: (signal) =>
      releaseService(
        aws.clients,
        {
          platform: 'keencho-production',
          service: 'admin',
          image: 'registry/admin@sha256:abc',
          version: 'v2',
          ...(signal ? { signal } : {}),
        },
        waitingClock(),
      ),
    suspensions: () => aws.inputsOf('RegisterScalableTarget').map((input) => input.SuspendedState),
  }
}

function answerDeployment(aws: StubAws, looks: readonly Look[]): void {
  let look = -1
  const now = () => looks[Math.min(Math.max(look, 0), looks.length - 1)]
  aws.on({
    GetDeployment: ({ deploymentId }) => {
      if (deploymentId === 'd-ROLLBACK') return { deploymentInfo: { status: 'Succeeded' } }
      look++
      return { deploymentInfo: { status: now()?.status, ...now()?.more } }
    },
    GetDeploymentTarget: () => ({
      deploymentTarget: {
        ecsTarget: {
          lifecycleEvents: [
            { lifecycleEventName: 'Install', status: now()?.install ?? 'Succeeded' },
            { lifecycleEventName: 'AllowTraffic', status: now()?.allow ?? 'Pending' },
          ],
        },
      },
    }),
  })
}

/** Asserts a `ReleaseError` by its code and its words. */
export const refuses =
  (code: string, message: RegExp, fix = /./) =>
  (error: unknown) => {
    assert.ok(error instanceof ReleaseError, String(error))
    assert.equal(error.code, code)
    assert.match(error.message, message)
    assert.match(error.fix, fix)
    return true
  }
