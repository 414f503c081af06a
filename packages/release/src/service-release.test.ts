import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import type { ServiceManifest } from '@baton/config'
import type { Pace } from './pace.ts'
import { ReleaseError } from './release-error.ts'
import { describeOutcome, releaseService } from './service-release.ts'
import { Fault, type Json, type StubAws, startStubAws } from './stub-aws.test-kit.ts'

const manifest: ServiceManifest = {
  cluster: 'keencho-production',
  service: 'admin',
  templateFamily: 'keencho-production-admin-template',
  family: 'keencho-production-admin',
  containerName: 'app',
  containerPort: 8080,
  repository: 'keencho-production/admin',
  codedeployApplication: 'keencho-production',
  codedeployDeploymentGroup: 'admin',
  desiredCount: 2,
  scalableTarget: 'service/keencho-production/admin',
  giveUpAfterMinutes: 2,
  smokeTest: 'keencho-production-admin-smoke-test',
}
/** Time that passes when somebody waits, and not otherwise. */
function waitingTime(): Pace {
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

const suspended = {
  DynamicScalingInSuspended: true,
  DynamicScalingOutSuspended: true,
  ScheduledScalingSuspended: true,
}
const atNight = {
  DynamicScalingInSuspended: false,
  DynamicScalingOutSuspended: true,
  ScheduledScalingSuspended: false,
}

let aws: StubAws
beforeEach(async () => {
  aws = await startStubAws({
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
})
afterEach(() => aws.close())

const arn = (family: string, revision: number) =>
  `arn:aws:ecs:ap-northeast-2:000000000000:task-definition/${family}:${revision}`

/** Answer of DescribeServices: a service that runs a version, or none yet. */
function service(state: { version?: string; desiredCount?: number; runningCount?: number }): unknown {
  const desiredCount = state.desiredCount ?? 1
  const runningCount = state.runningCount ?? desiredCount
  const taskDefinition = arn(state.version ?? 'template', 7)
  const stabilityStatus = runningCount === desiredCount ? 'STEADY_STATE' : 'STABILIZING'
  const primary = { status: 'PRIMARY', taskDefinition, runningCount, pendingCount: 0, stabilityStatus }
  return { services: [{ status: 'ACTIVE', desiredCount, taskDefinition, taskSets: [primary] }] }
}

/** Answer of DescribeTaskDefinition: the template by its family, or what runs, with its version as a tag. */
function definition({ taskDefinition = '' }: Json): unknown {
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

/** A deployment that is at each of the steps in turn, one per look, and stays at the last. */
function deployment(...looks: readonly { status: string; install?: string; allow?: string; more?: Json }[]) {
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

const rolledBack = { rollbackInfo: { rollbackDeploymentId: 'd-ROLLBACK' } }

const release = (signal?: AbortSignal) =>
  releaseService(
    aws.clients,
    {
      platform: 'keencho-production',
      service: 'admin',
      image: 'registry/admin@sha256:abc',
      version: 'v2',
      ...(signal ? { signal } : {}),
    },
    waitingTime(),
  )

const refuses =
  (code: string, message: RegExp, fix = /./) =>
  (error: unknown) => {
    assert.ok(error instanceof ReleaseError, String(error))
    assert.equal(error.code, code)
    assert.match(error.message, message)
    assert.match(error.fix, fix)
    return true
  }

const suspensions = () => aws.inputsOf('RegisterScalableTarget').map((input) => input.SuspendedState)

describe('the release of a service', () => {
  test('makes a revision of the template, with the image by digest, and deploys it', async () => {
    deployment({ status: 'InProgress' }, { status: 'Succeeded', allow: 'Succeeded' })
    const result = await release()
    assert.equal(result.succeeded, true)
    assert.deepEqual([result.from, result.to, result.first], ['v1', 'v2', false])
    const [revision] = aws.inputsOf('RegisterTaskDefinition')
    assert.equal(revision?.family, manifest.family)
    assert.equal(revision?.cpu, '512')
    assert.deepEqual(revision?.containerDefinitions, [
      { name: 'app', image: 'registry/admin@sha256:abc', memory: 1024 },
    ])
    assert.equal('status' in (revision ?? {}), false, 'what only descriptions have is left out')
    const [created] = aws.inputsOf('CreateDeployment')
    assert.equal(created?.deploymentConfigName, undefined, 'the group says how traffic shifts')
    assert.match(JSON.stringify(created?.revision), /smoke-test/)
  })

  test('suspends scaling meanwhile, and puts back what was suspended before', async () => {
    deployment({ status: 'Succeeded' })
    await release()
    assert.deepEqual(suspensions(), [suspended, atNight])
  })

  test('is refused while another deployment is under way, and scaling is put back', async () => {
    aws.on({
      CreateDeployment: () => {
        throw new Fault('DeploymentLimitExceededException', 'group is already deploying d-OTHER')
      },
    })
    await assert.rejects(release(), refuses('deployment-refused', /d-OTHER/, /under way, or stop it/))
    assert.deepEqual(suspensions(), [suspended, atNight])
  })

  test('is refused with CodeDeploy’s own reason otherwise', async () => {
    aws.on({
      CreateDeployment: () => {
        throw new Fault('InvalidTargetGroupPairException', 'the pair is not right')
      },
    })
    await assert.rejects(
      release(),
      refuses('deployment-refused', /InvalidTargetGroupPairException: the pair/),
    )
  })

  test('is no refusal where AWS itself fails', async () => {
    aws.on({
      CreateDeployment: () => {
        throw new Fault('InternalFailure', 'try later', 500)
      },
    })
    await assert.rejects(release(), (error) => !(error instanceof ReleaseError))
    assert.deepEqual(suspensions(), [suspended, atNight])
  })

  test('gives up when the tasks do not become healthy in time, and waits for the rollback', async () => {
    deployment({ status: 'InProgress', install: 'InProgress' })
    aws.on({
      StopDeployment: () => {
        deployment({ status: 'Stopped', install: 'Failed', more: rolledBack })
        return { status: 'Succeeded' }
      },
    })
    const result = await release()
    assert.deepEqual(aws.inputsOf('StopDeployment'), [
      { deploymentId: 'd-RELEASE', autoRollbackEnabled: true },
    ])
    assert.equal(result.succeeded, false)
    assert.equal(result.deployment.stopped, 'gave-up')
    assert.equal(result.deployment.rolledBack, true)
    assert.equal(result.deployment.rollbackDeploymentId, 'd-ROLLBACK')
    assert.match(describeOutcome(result.deployment), /did not become healthy in time; rolled back/)
    assert.deepEqual(suspensions(), [suspended, atNight])
  })

  test('does not give up once the tasks are healthy, however long the traffic takes to shift', async () => {
    const shifting = { status: 'InProgress', install: 'Succeeded', allow: 'InProgress' }
    deployment(...Array<typeof shifting>(60).fill(shifting), { status: 'Succeeded' })
    const result = await release()
    assert.equal(result.succeeded, true)
    assert.ok(result.deployment.durationMs > manifest.giveUpAfterMinutes * 60_000)
    assert.deepEqual(aws.inputsOf('StopDeployment'), [])
  })

  test('is stopped and rolled back when whoever asked for it is interrupted, even in mid-shift', async () => {
    const controller = new AbortController()
    deployment({ status: 'InProgress', install: 'Succeeded', allow: 'InProgress' })
    aws.on({
      StopDeployment: () => {
        deployment({ status: 'Stopped', more: rolledBack })
        return { status: 'Succeeded' }
      },
    })
    setTimeout(() => controller.abort(), 20)
    const { deployment: outcome } = await release(controller.signal)
    assert.equal(outcome.stopped, 'interrupted')
    assert.equal(outcome.rolledBack, true)
    assert.equal(aws.inputsOf('StopDeployment').length, 1, 'it is stopped once')
  })

  test('tells of an alarm that stopped it', async () => {
    const errorInformation = { code: 'ALARM_ACTIVE', message: 'an alarm has been activated: admin-errors' }
    deployment({ status: 'Stopped', more: { ...rolledBack, errorInformation } })
    const { deployment: outcome } = await release()
    assert.equal(outcome.errorCode, 'ALARM_ACTIVE')
    assert.equal(outcome.stopped, undefined)
    assert.match(describeOutcome(outcome), /Stopped: an alarm has been activated: admin-errors; rolled back/)
  })

  test('does not claim a rollback that failed', async () => {
    deployment({ status: 'Failed', more: rolledBack })
    aws.on({
      GetDeployment: ({ deploymentId }) => ({
        deploymentInfo: { status: 'Failed', ...(deploymentId === 'd-RELEASE' ? rolledBack : {}) },
      }),
    })
    const { deployment: outcome } = await release()
    assert.equal(outcome.rolledBack, false)
    assert.doesNotMatch(describeOutcome(outcome), /rolled back/)
  })

  for (const { what, answers, code, message } of [
    {
      what: 'a platform without the service',
      answers: {
        GetParameter: () => {
          throw new Fault('ParameterNotFound', 'none')
        },
      },
      code: 'manifest-missing',
      message: /services\/admin/,
    },
    {
      what: 'a service that ECS does not have',
      answers: { DescribeServices: () => ({ services: [{ status: 'INACTIVE' }] }) },
      code: 'service-missing',
      message: /no active service admin/,
    },
    {
      what: 'a template without the container',
      answers: {
        DescribeTaskDefinition: () => ({ taskDefinition: { containerDefinitions: [{ name: 'web' }] } }),
      },
      code: 'container-missing',
      message: /no container app; it has web/,
    },
  ] as const) {
    test(`is not begun on ${what}`, async () => {
      aws.on(answers)
      await assert.rejects(release(), refuses(code, message))
      assert.deepEqual(aws.inputsOf('CreateDeployment'), [])
    })
  }

  test('is not begun without a template', async () => {
    aws.on({
      DescribeServices: () => service({ version: 'v1' }),
      DescribeTaskDefinition: ({ taskDefinition }) => {
        if (taskDefinition === manifest.templateFamily) throw new Fault('ClientException', 'not found')
        return definition({ taskDefinition })
      },
    })
    await assert.rejects(release(), refuses('template-missing', /admin-template/, /Apply/))
  })
})

describe('the first release of a service', () => {
  beforeEach(() => {
    aws.on({ DescribeServices: () => service({ desiredCount: 0 }), UpdateService: () => ({}) })
  })

  test('goes all at once and without the smoke test, and then starts the tasks', async () => {
    deployment({ status: 'Succeeded' })
    aws.on({
      UpdateService: () => {
        aws.on({ DescribeServices: () => service({ version: 'v2', desiredCount: 2 }) })
        return {}
      },
    })
    const result = await release()
    assert.deepEqual([result.first, result.from, result.succeeded], [true, undefined, true])
    const [created] = aws.inputsOf('CreateDeployment')
    assert.equal(created?.deploymentConfigName, 'CodeDeployDefault.ECSAllAtOnce')
    assert.doesNotMatch(JSON.stringify(created), /smoke-test/)
    assert.equal(aws.inputsOf('UpdateService')[0]?.desiredCount, manifest.desiredCount)
  })

  test('says how many tasks run when they do not become healthy, and puts scaling back', async () => {
    deployment({ status: 'Succeeded' })
    aws.on({
      UpdateService: () => {
        aws.on({ DescribeServices: () => service({ version: 'v2', desiredCount: 2, runningCount: 1 }) })
        return {}
      },
    })
    await assert.rejects(release(), refuses('not-healthy', /1 of 2 tasks run/, /logs/))
    assert.deepEqual(suspensions(), [suspended, atNight])
  })

  test('starts no tasks after a deployment that failed', async () => {
    deployment({ status: 'Failed' })
    const result = await release()
    assert.equal(result.succeeded, false)
    assert.deepEqual(aws.inputsOf('UpdateService'), [])
  })
})
