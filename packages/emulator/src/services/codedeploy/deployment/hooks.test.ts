/** Life-cycle event hooks: who is asked, with what, and what comes of each way to answer or not to. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import * as sdk from '@aws-sdk/client-codedeploy'
import { until } from '../../../test-kit/until.test-kit.ts'
import { hookNames } from '../model/app-spec.ts'
import { appSpec, startCodedeploy } from '../test-kit/codedeploy.test-kit.ts'

type HookEvent = { readonly DeploymentId: string; readonly LifecycleEventHookExecutionId: string }
let emulator: Awaited<ReturnType<typeof startCodedeploy>>

beforeEach(async () => {
  emulator = await startCodedeploy()
  await emulator.group()
})
afterEach(() => emulator.stop())

const put = (event: HookEvent, status: sdk.LifecycleEventStatus) =>
  emulator.client.send(
    new sdk.PutLifecycleEventHookExecutionStatusCommand({
      deploymentId: event.DeploymentId,
      lifecycleEventHookExecutionId: event.LifecycleEventHookExecutionId,
      status,
    }),
  )
const answer = (status: sdk.LifecycleEventStatus) => async (event: HookEvent) =>
  void (await put(event, status))
const deploy = (...hooks: Record<string, string>[]) => emulator.deploy({}, appSpec({ hooks }))
const eventOf = async (id: string, name: string) =>
  (await emulator.target(id)).lifecycleEvents?.find((event) => event.lifecycleEventName === name)

// https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html#appspec-hooks-ecs
test('runs the functions of the five hooks between the events, once each and in their order', async () => {
  const seen: string[] = []
  for (const name of hookNames) {
    emulator.handlers[name] = async (event) => {
      assert.deepEqual(Object.keys(event), ['DeploymentId', 'LifecycleEventHookExecutionId'])
      seen.push(`${name} ${emulator.ecs.taskSets.size} ${emulator.elb.history.join(', ')}`)
      await put(event, 'Succeeded')
    }
  }
  await emulator.until(await deploy(...hookNames.map((name) => ({ [name]: name }))), 'Succeeded')
  assert.deepEqual(seen, [
    'BeforeInstall 1 ',
    'AfterInstall 2 ',
    'AfterAllowTestTraffic 2 test/pair 0/100',
    'BeforeAllowTraffic 2 test/pair 0/100',
    'AfterAllowTraffic 2 test/pair 0/100, production/pair 0/100',
  ])
})

// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html#deployment-steps-what-happens
test('a hook that answers Failed fails the deployment and rolls it back', async () => {
  emulator.handlers.smoke = answer('Failed')
  const id = await deploy({ AfterAllowTestTraffic: 'smoke' })
  const done = await emulator.until(id, 'Failed')
  assert.equal(done.errorInformation?.code, 'HOOK_EXECUTION_FAILURE')
  const statuses = await emulator.eventStatuses(id)
  assert.deepEqual([statuses.AfterAllowTestTraffic, statuses.AllowTraffic], ['Failed', 'Skipped'])
  assert.equal((await emulator.target(id)).status, 'Failed')
  assert.deepEqual(
    emulator.elb.rules.get('test/pair')?.targetGroups.map(({ weight }) => weight),
    [100, 0],
  )
  assert.deepEqual(emulator.ecs.deleted, ['ecs-svc/2'])
})

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_Diagnostics.html
test('a failed hook shows its function, how it failed, and the end of its log', async () => {
  emulator.handlers.smoke = async (event) => {
    await put(event, 'Failed')
    return 'ERROR the page is empty'
  }
  const id = await deploy({ AfterInstall: 'smoke' })
  await emulator.until(id, 'Failed')
  await until(async () => (await eventOf(id, 'AfterInstall'))?.diagnostics?.logTail !== undefined)
  assert.deepEqual((await eventOf(id, 'AfterInstall'))?.diagnostics, {
    errorCode: 'ScriptFailed',
    scriptName: 'smoke',
    logTail: 'ERROR the page is empty',
    message: 'The deployment failed because one or more of the lifecycle event validation functions failed.',
  })
})

// https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html#reference-appspec-file-structure-hooks-list-ecs
test('a failing BeforeInstall hook cannot roll back', async () => {
  emulator.handlers.early = answer('Failed')
  const done = await emulator.until(await deploy({ BeforeInstall: 'early' }), 'Failed')
  assert.equal(done.rollbackInfo, undefined)
  assert.equal(emulator.ecs.taskSets.size, 1)
})

test('a function that does not exist fails its event at once', async () => {
  const id = await deploy({ AfterInstall: 'gone' })
  const done = await emulator.until(id, 'Failed')
  assert.equal(done.errorInformation?.code, 'HOOK_EXECUTION_FAILURE')
  assert.equal((await eventOf(id, 'AfterInstall'))?.diagnostics?.errorCode, 'ScriptMissing')
})

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_PutLifecycleEventHookExecutionStatus.html
test('takes one answer of an execution, Succeeded or Failed, and none of an execution that there is not', async () => {
  const refused: string[] = []
  emulator.handlers.twice = async (event) => {
    const attempt = (given: HookEvent, status: sdk.LifecycleEventStatus) =>
      put(given, status).catch((error) => void refused.push(error.name))
    await attempt(event, 'Skipped')
    await attempt({ ...event, LifecycleEventHookExecutionId: 'forged' }, 'Succeeded')
    await put(event, 'Succeeded')
    await attempt(event, 'Failed')
  }
  await emulator.until(await deploy({ AfterInstall: 'twice' }), 'Succeeded')
  assert.deepEqual(refused, [
    'InvalidLifecycleEventHookExecutionStatusException',
    'InvalidLifecycleEventHookExecutionIdException',
    'LifecycleEventAlreadyCompletedException',
  ])
})

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_PutLifecycleEventHookExecutionStatus.html
test('an answer that comes when its deployment is over is refused, and changes nothing', async () => {
  const asked: HookEvent[] = []
  emulator.handlers.late = async (event) => void asked.push(event)
  const id = await deploy({ AfterInstall: 'late' })
  await until(() => asked.length === 1)
  await emulator.client.send(new sdk.StopDeploymentCommand({ deploymentId: id }))
  await emulator.until(id, 'Stopped')
  const [event] = asked
  assert.ok(event)
  await assert.rejects(put(event, 'Succeeded'), { name: 'LifecycleEventAlreadyCompletedException' })
  assert.equal((await emulator.eventStatuses(id)).AfterInstall, 'Failed')
})

// https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html#reference-appspec-file-structure-hooks-section-structure-ecs-sample-function
test('a function that ends or throws without an answer fails its event after an hour', async () => {
  await emulator.stop()
  const handlers = {
    silent: async () => undefined,
    throws: async () => 'TypeError: no such account',
  }
  emulator = await startCodedeploy({ speed: 10_000, handlers })
  await emulator.group()
  for (const name of ['silent', 'throws']) {
    const id = await deploy({ AfterInstall: name })
    const done = await emulator.until(id, 'Failed')
    assert.match(done.errorInformation?.message ?? '', /status callback within one hour/)
    const { startTime, endTime, diagnostics } = (await eventOf(id, 'AfterInstall')) ?? {}
    assert.ok(Number(endTime) - Number(startTime) >= 350, 'an hour at a speed of ten thousand')
    assert.equal(diagnostics?.errorCode, 'ScriptTimedOut')
  }
})

test('a function that still runs has its own time, however short the hour is', async () => {
  await emulator.stop()
  const handlers = {
    slow: async (event: HookEvent) => {
      await new Promise((resolve) => setTimeout(resolve, 600))
      await put(event, 'Succeeded')
    },
  }
  emulator = await startCodedeploy({ speed: 10_000, handlers })
  await emulator.group()
  await emulator.until(await deploy({ AfterInstall: 'slow' }), 'Succeeded')
})

test('a hook under way when the emulator stops runs again at the next start, as the same execution', async () => {
  const asked: HookEvent[] = []
  emulator.handlers.smoke = async (event) => void asked.push(event)
  const id = await deploy({ AfterInstall: 'smoke' })
  await until(() => asked.length === 1)
  await emulator.codeDeploy.stop?.()
  await emulator.revive()
  await until(() => asked.length === 2)
  assert.deepEqual(asked[1], asked[0])
  const [first] = asked
  assert.ok(first)
  // It is as good as any: on AWS nothing came between the function and its answer.
  await put(first, 'Succeeded')
  await emulator.until(id, 'Succeeded')
  await assert.rejects(put(first, 'Failed'), { name: 'LifecycleEventAlreadyCompletedException' })
})

test('an answer that comes while the emulator is stopping counts at the next start', async () => {
  const asked: HookEvent[] = []
  emulator.handlers.smoke = async (event) => void asked.push(event)
  const id = await deploy({ AfterInstall: 'smoke' })
  await until(() => asked.length === 1)
  await emulator.codeDeploy.stop?.()
  const [first] = asked
  assert.ok(first)
  await put(first, 'Failed')
  await emulator.revive()
  const done = await emulator.until(id, 'Failed')
  assert.equal(done.errorInformation?.code, 'HOOK_EXECUTION_FAILURE')
  assert.equal(asked.length, 1, 'what has been answered is not asked again')
})
