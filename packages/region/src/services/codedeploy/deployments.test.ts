/** Deployments that reach their end: the order of events, the weights, the task sets, the waits. */
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-codedeploy'
import { appSpec, eventually, groupInput, startCodedeploy } from './testing.ts'
import { blue, green } from './testing-services.ts'

type Region = Awaited<ReturnType<typeof startCodedeploy>>
let region: Region

beforeEach(async () => {
  region = await startCodedeploy()
})
afterEach(() => region.stop())

const production = () => region.elb.history.filter((line) => line.startsWith('production'))

test('runs the life-cycle events in order and hands the traffic to the new task set', async () => {
  await region.group()
  const id = await region.deploy()
  const done = await region.until(id, 'Succeeded')
  const shown = await region.target(id)
  assert.deepEqual(
    shown.lifecycleEvents?.map((event) => [event.lifecycleEventName, event.status]),
    [
      'BeforeInstall',
      'Install',
      'AfterInstall',
      'AllowTestTraffic',
      'AfterAllowTestTraffic',
      'BeforeAllowTraffic',
      'AllowTraffic',
      'AfterAllowTraffic',
    ].map((name) => [name, 'Succeeded']),
  )
  for (const event of shown.lifecycleEvents ?? []) assert.ok((event.endTime ?? 0) >= (event.startTime ?? 1))
  assert.match(id, /^d-[A-Z0-9]{9}$/)
  assert.equal(done.creator, 'user')
  assert.equal(done.deploymentOverview?.Succeeded, 1)
  assert.deepEqual(region.elb.history, ['test/pair 0/100', 'production/pair 0/100'])
  assert.deepEqual(
    shown.taskSetsInfo?.map((set) => [
      set.identifer,
      set.taskSetLabel,
      set.status,
      set.trafficWeight,
      set.targetGroup?.name,
    ]),
    [
      ['ecs-svc/1', 'Blue', 'DRAINING', 0, 'blue'],
      ['ecs-svc/2', 'Green', 'PRIMARY', 100, 'green'],
    ],
  )
  assert.equal(region.ecs.taskSets.get('ecs-svc/2')?.externalId, id)
})

test('takes the group that is not the PRIMARY’s, whatever their order: the two alternate', async () => {
  await region.group({
    blueGreenDeploymentConfiguration: {
      ...groupInput().blueGreenDeploymentConfiguration,
      terminateBlueInstancesOnDeploymentSuccess: { action: 'TERMINATE', terminationWaitTimeInMinutes: 0 },
    },
  })
  await region.until(await region.deploy(), 'Succeeded')
  await region.until(await region.deploy({}, appSpec({ taskDefinition: 'app:3' })), 'Succeeded')
  const sets = [...region.ecs.taskSets.values()].map((set) => [
    set.taskDefinition,
    set.targetGroupArn,
    set.status,
  ])
  assert.deepEqual(sets, [
    ['app:1', blue, 'DRAINING'],
    ['app:2', green, 'DRAINING'],
    ['app:3', blue, 'PRIMARY'],
  ])
  assert.deepEqual(production(), ['production/pair 0/100', 'production/pair 100/0'])
})

test('leaves the rules of other services alone', async () => {
  await region.group()
  await region.until(await region.deploy(), 'Succeeded')
  assert.equal(region.elb.rules.get('production/other')?.targetGroups[0]?.weight, 1)
  assert.ok(!region.elb.history.some((line) => line.includes('other')))
})

test('attaches the idle group to a rule that had only the live one', async () => {
  for (const listener of ['production', 'test']) {
    const rule = region.elb.rules.get(`${listener}/pair`)
    assert.ok(rule)
    region.elb.rules.set(`${listener}/pair`, { ...rule, targetGroups: [{ targetGroupArn: blue, weight: 1 }] })
  }
  await region.group()
  await region.until(await region.deploy(), 'Succeeded')
  assert.deepEqual(region.elb.rules.get('production/pair')?.targetGroups, [
    { targetGroupArn: blue, weight: 0 },
    { targetGroupArn: green, weight: 100 },
  ])
})

describe('shifts', () => {
  // A canary of 10 % for 5 minutes lasts half a second at speed 600.
  test('a canary waits its interval before it takes the rest', async () => {
    await region.group({ deploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent5Minutes' })
    const id = await region.deploy()
    await region.until(id, 'Succeeded')
    assert.deepEqual(production(), ['production/pair 90/10', 'production/pair 0/100'])
    const shifts = region.context.events
      .since(0)
      .filter(
        (event) => event.detailType === 'CodeDeploy Traffic Shift' && event.detail.route === 'production',
      )
    assert.ok((shifts[1]?.at ?? 0) - (shifts[0]?.at ?? 0) >= 490)
    assert.deepEqual(shifts[0]?.detail.weights, [
      { label: 'Blue', weight: 90, targetGroup: 'blue', taskSet: 'ecs-svc/1' },
      { label: 'Green', weight: 10, targetGroup: 'green', taskSet: 'ecs-svc/2' },
    ])
  })

  test('a custom linear configuration moves in equal steps and ends at 100', async () => {
    await region.client.send(
      new sdk.CreateDeploymentConfigCommand({
        deploymentConfigName: 'thirds',
        computePlatform: 'ECS',
        trafficRoutingConfig: {
          type: 'TimeBasedLinear',
          timeBasedLinear: { linearPercentage: 33, linearInterval: 1 },
        },
      }),
    )
    await region.group({ deploymentConfigName: 'thirds' })
    await region.until(await region.deploy(), 'Succeeded')
    assert.deepEqual(
      production().map((line) => line.split(' ')[1]),
      ['67/33', '34/66', '1/99', '0/100'],
    )
  })
})

describe('waits', () => {
  test('keeps the original task set for the termination wait, which ContinueDeployment ends', async () => {
    await region.group({
      blueGreenDeploymentConfiguration: {
        ...groupInput().blueGreenDeploymentConfiguration,
        terminateBlueInstancesOnDeploymentSuccess: {
          action: 'TERMINATE',
          terminationWaitTimeInMinutes: 2880,
        },
      },
    })
    const id = await region.deploy()
    await eventually(async () => (await region.info(id)).instanceTerminationWaitTimeStarted === true)
    assert.equal((await region.info(id)).status, 'InProgress')
    assert.deepEqual(region.ecs.deleted, [])
    await region.client.send(
      new sdk.ContinueDeploymentCommand({ deploymentId: id, deploymentWaitType: 'TERMINATION_WAIT' }),
    )
    await region.until(id, 'Succeeded')
    assert.deepEqual(region.ecs.deleted, ['ecs-svc/1'])
  })

  const approval = {
    ...groupInput().blueGreenDeploymentConfiguration,
    deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT' as const, waitTimeInMinutes: 60 },
  }

  test('is Ready until READY_WAIT is continued, with production still on the original', async () => {
    await region.group({ blueGreenDeploymentConfiguration: approval })
    const id = await region.deploy()
    await region.until(id, 'Ready')
    assert.deepEqual(production(), [])
    await region.client.send(
      new sdk.ContinueDeploymentCommand({ deploymentId: id, deploymentWaitType: 'READY_WAIT' }),
    )
    await region.until(id, 'Succeeded')
    assert.deepEqual(production(), ['production/pair 0/100'])
  })

  test('a deployment that nobody continues ends as Stopped', async () => {
    const brief = {
      ...approval,
      deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT' as const, waitTimeInMinutes: 1 },
    }
    await region.group({ blueGreenDeploymentConfiguration: brief })
    const done = await region.until(await region.deploy(), 'Stopped')
    assert.equal(done.errorInformation?.code, 'TIMEOUT')
    assert.match(done.errorInformation?.message ?? '', /waiting for a notification to continue/)
  })
})

test('predicts the duration on AWS from the waits at their full length', async () => {
  await region.group({ deploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent5Minutes' })
  const id = await region.deploy()
  await region.until(id, 'Succeeded')
  const timing = region.delivery.timing(id)
  assert.ok(timing)
  // Five minutes of canary and one of termination wait, and here a six-hundredth of that.
  assert.ok(timing.durationMs >= 590 && timing.durationMs < 6_000, String(timing.durationMs))
  assert.ok(timing.predictedAwsDurationMs >= 360_000 && timing.predictedAwsDurationMs < 440_000)
  const step = (name: string) => timing.steps.find((each) => each.name === name)
  const shift = step('AllowTraffic')
  assert.ok(
    shift && shift.durationMs >= 500 && shift.predictedAwsDurationMs >= 300_000,
    JSON.stringify(shift),
  )
  const hook = step('AfterInstall')
  assert.equal(
    hook?.predictedAwsDurationMs,
    hook?.durationMs,
    'where AWS waits for nothing, both times are one',
  )
  assert.equal(region.delivery.timing('d-NONE'), undefined)
})

describe('revisions', () => {
  const yaml = `
version: 0.0
Resources:
  - TargetService:
      Type: AWS::ECS::Service
      Properties:
        TaskDefinition: "app:2"
        LoadBalancerInfo:
          ContainerName: "web"
          ContainerPort: 8080
`
  test('takes YAML inline and checks its sha256', async () => {
    await region.group()
    const sha256 = createHash('sha256').update(yaml).digest('hex')
    const revision = (hash: string): sdk.RevisionLocation => ({
      revisionType: 'AppSpecContent',
      appSpecContent: { content: yaml, sha256: hash },
    })
    await assert.rejects(region.deploy({ revision: revision('0'.repeat(64)) }), {
      name: 'InvalidRevisionException',
    })
    await region.until(await region.deploy({ revision: revision(sha256) }), 'Succeeded')
  })

  test('reads an object in S3, and fails with INVALID_REVISION where there is none', async () => {
    await region.group()
    region.objects.set('artifacts/appspec.yaml', yaml)
    const at = (key: string): sdk.RevisionLocation => ({
      revisionType: 'S3',
      s3Location: { bucket: 'artifacts', key, bundleType: 'YAML' },
    })
    await region.until(await region.deploy({ revision: at('appspec.yaml') }), 'Succeeded')
    const failed = await region.until(await region.deploy({ revision: at('none.yaml') }), 'Failed')
    assert.equal(failed.errorInformation?.code, 'INVALID_REVISION')
  })
})

describe('hooks', () => {
  const answer =
    (status: sdk.LifecycleEventStatus) =>
    async (event: { DeploymentId: string; LifecycleEventHookExecutionId: string }) => {
      await region.client.send(
        new sdk.PutLifecycleEventHookExecutionStatusCommand({
          deploymentId: event.DeploymentId,
          lifecycleEventHookExecutionId: event.LifecycleEventHookExecutionId,
          status,
        }),
      )
    }

  test('waits for the answer of each hook before it goes on', async () => {
    const seen: string[] = []
    region.handlers.smoke = async (event) => {
      seen.push(`smoke after ${region.elb.history.join(', ')}`)
      await answer('Succeeded')(event)
    }
    await region.group()
    await region.until(
      await region.deploy({}, appSpec({ hooks: [{ AfterAllowTestTraffic: 'smoke' }] })),
      'Succeeded',
    )
    assert.deepEqual(seen, ['smoke after test/pair 0/100'])
  })

  test('a hook that answers Failed fails the deployment and rolls it back', async () => {
    region.handlers.smoke = answer('Failed')
    await region.group()
    const id = await region.deploy({}, appSpec({ hooks: [{ AfterAllowTestTraffic: 'smoke' }] }))
    const done = await region.until(id, 'Failed')
    assert.equal(done.errorInformation?.code, 'HOOK_EXECUTION_FAILURE')
    assert.equal((await region.eventStatuses(id)).AfterAllowTestTraffic, 'Failed')
    assert.equal((await region.eventStatuses(id)).AllowTraffic, 'Skipped')
    assert.deepEqual(
      region.elb.rules.get('test/pair')?.targetGroups.map(({ weight }) => weight),
      [100, 0],
    )
    assert.deepEqual(region.ecs.deleted, ['ecs-svc/2'])
  })

  test('a failing BeforeInstall hook cannot roll back: there is nothing to go back from', async () => {
    region.handlers.early = answer('Failed')
    await region.group()
    const done = await region.until(
      await region.deploy({}, appSpec({ hooks: [{ BeforeInstall: 'early' }] })),
      'Failed',
    )
    assert.equal(done.rollbackInfo, undefined)
    assert.equal(region.ecs.taskSets.size, 1)
  })

  test('a hook that never answers fails after an hour of AWS time', async () => {
    await region.stop()
    region = await startCodedeploy({ speed: 10_000, handlers: { silent: async () => undefined } })
    await region.group()
    const done = await region.until(
      await region.deploy({}, appSpec({ hooks: [{ AfterInstall: 'silent' }] })),
      'Failed',
    )
    assert.match(done.errorInformation?.message ?? '', /status callback within one hour/)
  })

  test('an execution id that nobody gave out is refused', async () => {
    await region.group()
    const deploymentId = await region.deploy()
    const forged = new sdk.PutLifecycleEventHookExecutionStatusCommand({
      deploymentId,
      lifecycleEventHookExecutionId: 'forged',
      status: 'Succeeded',
    })
    await assert.rejects(region.client.send(forged), {
      name: 'InvalidLifecycleEventHookExecutionIdException',
    })
    await region.until(deploymentId, 'Succeeded')
  })
})
