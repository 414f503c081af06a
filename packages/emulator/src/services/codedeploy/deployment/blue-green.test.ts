/** Deployments that reach their end: the order of events, the weights, the task sets, the waits. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-codedeploy'
import { until } from '../../../test-kit/until.test-kit.ts'
import { appSpec, groupInput, startCodedeploy } from '../test-kit/codedeploy.test-kit.ts'
import { blue, green } from '../test-kit/services.test-kit.ts'

type Emulator = Awaited<ReturnType<typeof startCodedeploy>>
let emulator: Emulator

beforeEach(async () => {
  emulator = await startCodedeploy()
})
afterEach(() => emulator.stop())

const production = () => emulator.elb.history.filter((line) => line.startsWith('production'))

// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html#deployment-steps-what-happens
test('runs the life-cycle events in order and hands the traffic to the new task set', async () => {
  await emulator.group()
  const id = await emulator.deploy()
  const done = await emulator.until(id, 'Succeeded')
  const shown = await emulator.target(id)
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
  assert.deepEqual(emulator.elb.history, ['test/pair 0/100', 'production/pair 0/100'])
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
  assert.equal(emulator.ecs.taskSets.get('ecs-svc/2')?.externalId, id)
})

// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html#deployment-steps-prerequisites-ecs
test('takes the group that is not the PRIMARY’s, whatever their order: the two alternate', async () => {
  await emulator.group({
    blueGreenDeploymentConfiguration: {
      ...groupInput().blueGreenDeploymentConfiguration,
      terminateBlueInstancesOnDeploymentSuccess: { action: 'TERMINATE', terminationWaitTimeInMinutes: 0 },
    },
  })
  await emulator.until(await emulator.deploy(), 'Succeeded')
  await emulator.until(await emulator.deploy({}, appSpec({ taskDefinition: 'app:3' })), 'Succeeded')
  const sets = [...emulator.ecs.taskSets.values()].map((set) => [
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
  await emulator.group()
  await emulator.until(await emulator.deploy(), 'Succeeded')
  assert.equal(emulator.elb.rules.get('production/other')?.targetGroups[0]?.weight, 1)
  assert.ok(!emulator.elb.history.some((line) => line.includes('other')))
})

// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html#deployment-steps-what-happens
test('attaches the idle group to a rule that had only the live one', async () => {
  for (const listener of ['production', 'test']) {
    const rule = emulator.elb.rules.get(`${listener}/pair`)
    assert.ok(rule)
    emulator.elb.rules.set(`${listener}/pair`, {
      ...rule,
      targetGroups: [{ targetGroupArn: blue, weight: 1 }],
    })
  }
  await emulator.group()
  await emulator.until(await emulator.deploy(), 'Succeeded')
  assert.deepEqual(emulator.elb.rules.get('production/pair')?.targetGroups, [
    { targetGroupArn: blue, weight: 0 },
    { targetGroupArn: green, weight: 100 },
  ])
})

// https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html#appspec-hooks-ecs
test('without a test listener, the events of test traffic are passed over, and its hook too', async () => {
  const asked: string[] = []
  emulator.handlers.smoke = async ({ DeploymentId }) => void asked.push(DeploymentId)
  const [pair] = groupInput().loadBalancerInfo?.targetGroupPairInfoList ?? []
  const { testTrafficRoute: _, ...withoutTest } = pair ?? {}
  await emulator.group({
    deploymentConfigName: await emulator.endlessCanary(),
    loadBalancerInfo: { targetGroupPairInfoList: [withoutTest] },
  })
  const shifted = emulator.firstShift()
  const id = await emulator.deploy({}, appSpec({ hooks: [{ AfterAllowTestTraffic: 'smoke' }] }))
  await shifted
  const events = await emulator.eventStatuses(id)
  assert.deepEqual(
    [events.AllowTestTraffic, events.AfterAllowTestTraffic, events.AllowTraffic],
    ['Skipped', 'Skipped', 'InProgress'],
  )
  await emulator.client.send(new sdk.StopDeploymentCommand({ deploymentId: id }))
  await emulator.until(id, 'Stopped')
  assert.deepEqual(asked, [])
  assert.deepEqual(emulator.elb.history, ['production/pair 90/10', 'production/pair 100/0'])
  const shifts = emulator.context.events
    .since(0)
    .flatMap(({ detailType, detail }) => (detailType === 'CodeDeploy Traffic Shift' ? detail.route : []))
  assert.deepEqual(shifts, ['production', 'production'])
})

describe('shifts', () => {
  // A canary of 10 % for 5 minutes lasts half a second at speed 600.
  // https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html#deployment-configuration-ecs
  test('a canary waits its interval before it takes the rest', async () => {
    await emulator.group({ deploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent5Minutes' })
    const id = await emulator.deploy()
    await emulator.until(id, 'Succeeded')
    assert.deepEqual(production(), ['production/pair 90/10', 'production/pair 0/100'])
    const shifts = emulator.context.events
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

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations-create.html
  test('a custom linear configuration moves in equal steps and ends at 100', async () => {
    await emulator.client.send(
      new sdk.CreateDeploymentConfigCommand({
        deploymentConfigName: 'thirds',
        computePlatform: 'ECS',
        trafficRoutingConfig: {
          type: 'TimeBasedLinear',
          timeBasedLinear: { linearPercentage: 33, linearInterval: 1 },
        },
      }),
    )
    await emulator.group({ deploymentConfigName: 'thirds' })
    await emulator.until(await emulator.deploy(), 'Succeeded')
    assert.deepEqual(
      production().map((line) => line.split(' ')[1]),
      ['67/33', '34/66', '1/99', '0/100'],
    )
  })
})

describe('waits', () => {
  // https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_BlueInstanceTerminationOption.html
  test('keeps the original task set for the termination wait, which ContinueDeployment ends', async () => {
    await emulator.group({
      blueGreenDeploymentConfiguration: {
        ...groupInput().blueGreenDeploymentConfiguration,
        terminateBlueInstancesOnDeploymentSuccess: {
          action: 'TERMINATE',
          terminationWaitTimeInMinutes: 2880,
        },
      },
    })
    const id = await emulator.deploy()
    await until(async () => (await emulator.info(id)).instanceTerminationWaitTimeStarted === true)
    assert.equal((await emulator.info(id)).status, 'InProgress')
    assert.deepEqual(emulator.ecs.deleted, [])
    await emulator.client.send(
      new sdk.ContinueDeploymentCommand({ deploymentId: id, deploymentWaitType: 'TERMINATION_WAIT' }),
    )
    await emulator.until(id, 'Succeeded')
    assert.deepEqual(emulator.ecs.deleted, ['ecs-svc/1'])
  })

  const approval = {
    ...groupInput().blueGreenDeploymentConfiguration,
    deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT' as const, waitTimeInMinutes: 60 },
  }

  // https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ContinueDeployment.html
  test('is Ready until READY_WAIT is continued, with production still on the original', async () => {
    const asked: string[] = []
    for (const name of ['AfterAllowTestTraffic', 'BeforeAllowTraffic']) {
      emulator.handlers[name] = async (event) => {
        asked.push(name)
        await emulator.succeed(event)
      }
    }
    await emulator.group({ blueGreenDeploymentConfiguration: approval })
    const hooks = [
      { AfterAllowTestTraffic: 'AfterAllowTestTraffic', BeforeAllowTraffic: 'BeforeAllowTraffic' },
    ]
    const id = await emulator.deploy({}, appSpec({ hooks }))
    await emulator.until(id, 'Ready')
    assert.deepEqual(production(), [])
    assert.deepEqual(
      asked,
      ['AfterAllowTestTraffic'],
      'what is asked before traffic moves is asked after the wait',
    )
    await emulator.client.send(
      new sdk.ContinueDeploymentCommand({ deploymentId: id, deploymentWaitType: 'READY_WAIT' }),
    )
    await emulator.until(id, 'Succeeded')
    assert.deepEqual(production(), ['production/pair 0/100'])
  })

  // https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_DeploymentReadyOption.html
  test('a deployment that no call continues ends as Stopped', async () => {
    const brief = {
      ...approval,
      deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT' as const, waitTimeInMinutes: 1 },
    }
    await emulator.group({ blueGreenDeploymentConfiguration: brief })
    const done = await emulator.until(await emulator.deploy(), 'Stopped')
    assert.equal(done.errorInformation?.code, 'TIMEOUT')
    assert.match(done.errorInformation?.message ?? '', /waiting for a notification to continue/)
  })
})

test('predicts the duration on AWS from the waits at their full length', async () => {
  await emulator.group({ deploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent5Minutes' })
  const id = await emulator.deploy()
  await emulator.until(id, 'Succeeded')
  const timing = emulator.codeDeploy.timing(id)
  assert.ok(timing)
  // Five minutes of canary and one of termination wait, and here a six-hundredth of that.
  assert.ok(timing.durationMs >= 590 && timing.durationMs < 60_000, String(timing.durationMs))
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
  assert.equal(emulator.codeDeploy.timing('d-NONE'), undefined)
})
