/** What happens to a deployment from outside while it is under way: it is stopped, scaled, or loses what it needs. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-codedeploy'
import { until } from '../../../test-kit/until.test-kit.ts'
import { hookNames } from '../model/app-spec.ts'
import { appSpec, groupInput, startCodedeploy } from '../test-kit/codedeploy.test-kit.ts'

let emulator: Awaited<ReturnType<typeof startCodedeploy>>

beforeEach(async () => {
  emulator = await startCodedeploy()
})
afterEach(() => emulator.stop())

const weights = (rule: string) => emulator.elb.rules.get(rule)?.targetGroups.map(({ weight }) => weight)
/** Ends by itself, half a second after `firstShift`: what is to happen within it happens in the turn of that. */
const canary = { deploymentConfigName: 'CodeDeployDefault.ECSCanary10Percent5Minutes' }
const blueGreen = (
  ready: Partial<sdk.DeploymentReadyOption>,
  terminationWaitTimeInMinutes = 1,
): Partial<sdk.CreateDeploymentGroupCommandInput> => ({
  blueGreenDeploymentConfiguration: {
    deploymentReadyOption: { actionOnTimeout: 'CONTINUE_DEPLOYMENT', waitTimeInMinutes: 0, ...ready },
    terminateBlueInstancesOnDeploymentSuccess: { action: 'TERMINATE', terminationWaitTimeInMinutes },
  },
})
const code = async (id: string) => (await emulator.until(id, 'Failed')).errorInformation?.code

describe('StopDeployment', () => {
  const stop = (deploymentId: string, autoRollbackEnabled: boolean) =>
    emulator.client.send(new sdk.StopDeploymentCommand({ deploymentId, autoRollbackEnabled }))

  for (const autoRollbackEnabled of [true, false]) {
    test(`stops in every hook, and ${autoRollbackEnabled ? 'rolls back' : 'leaves everything'}`, async () => {
      for (const name of hookNames) emulator.handlers[name] = async () => undefined
      await emulator.group()
      for (const name of hookNames) {
        const id = await emulator.deploy({}, appSpec({ hooks: [{ [name]: name }] }))
        await until(async () => (await emulator.eventStatuses(id))[name] === 'InProgress')
        const before = [weights('test/pair'), weights('production/pair')]
        assert.equal((await stop(id, autoRollbackEnabled)).status, 'Pending')
        const done = await emulator.until(id, 'Stopped')
        assert.equal(done.errorInformation?.code, 'MANUAL_STOP', name)
        assert.equal((await emulator.eventStatuses(id))[name], 'Failed')
        assert.equal((await stop(id, autoRollbackEnabled)).status, 'Succeeded')
        // Before Install there is nothing to go back from.
        const rollsBack = autoRollbackEnabled && name !== 'BeforeInstall'
        assert.equal(done.rollbackInfo !== undefined, rollsBack, name)
        const after = [weights('test/pair'), weights('production/pair')]
        assert.deepEqual(
          after,
          rollsBack
            ? [
                [100, 0],
                [100, 0],
              ]
            : before,
          name,
        )
      }
    })
  }

  test('stops a deployment that waits to be continued, and one that waits to terminate', async () => {
    await emulator.group(blueGreen({ actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 60 }, 60))
    const waiting = await emulator.deploy()
    await emulator.until(waiting, 'Ready')
    await stop(waiting, true)
    await emulator.until(waiting, 'Stopped')
    assert.deepEqual(weights('test/pair'), [100, 0])
    const late = await emulator.deploy()
    await emulator.until(late, 'Ready')
    await emulator.client.send(new sdk.ContinueDeploymentCommand({ deploymentId: late }))
    await until(async () => (await emulator.info(late)).instanceTerminationWaitTimeStarted === true)
    await stop(late, true)
    const done = await emulator.until(late, 'Stopped')
    assert.deepEqual(weights('production/pair'), [100, 0])
    const rollback = await emulator.info(done.rollbackInfo?.rollbackDeploymentId ?? '')
    assert.deepEqual(
      [rollback.status, rollback.creator, rollback.rollbackInfo?.rollbackTriggeringDeploymentId],
      ['Succeeded', 'codeDeployRollback', late],
    )
  })
})

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ContinueDeployment.html
test('ContinueDeployment is refused where the deployment does not wait for it, or is over', async () => {
  await emulator.group(blueGreen({ actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 60 }, 60))
  const id = await emulator.deploy()
  await emulator.until(id, 'Ready')
  const go = (deploymentWaitType?: string) =>
    emulator.client.send(
      new sdk.ContinueDeploymentCommand({
        deploymentId: id,
        deploymentWaitType: deploymentWaitType as sdk.DeploymentWaitType,
      }),
    )
  await assert.rejects(go('TERMINATION_WAIT'), { name: 'DeploymentIsNotInReadyStateException' })
  await assert.rejects(go('SOME_WAIT'), { name: 'InvalidDeploymentWaitTypeException' })
  await go('READY_WAIT')
  await until(async () => (await emulator.info(id)).instanceTerminationWaitTimeStarted === true)
  await assert.rejects(go('READY_WAIT'), { name: 'DeploymentIsNotInReadyStateException' })
  await go('TERMINATION_WAIT')
  await emulator.until(id, 'Succeeded')
  await assert.rejects(go('TERMINATION_WAIT'), { name: 'DeploymentAlreadyCompletedException' })
})

describe('a scaling event in mid-shift', () => {
  const scale = (desiredCount: number, stabilityStatus: 'STEADY_STATE' | 'STABILIZING') => {
    emulator.ecs.desiredCount = desiredCount
    for (const [id, set] of emulator.ecs.taskSets)
      if (set.status !== 'DRAINING') emulator.ecs.taskSets.set(id, { ...set, desiredCount, stabilityStatus })
  }

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html#deployment-type-bluegreen-considerations
  test('a scaling event fails the deployment where the service is not steady after five minutes', async () => {
    await emulator.group({ deploymentConfigName: 'CodeDeployDefault.ECSLinear10PercentEvery1Minutes' })
    const shifted = emulator.firstShift()
    const id = await emulator.deploy()
    await shifted
    scale(4, 'STABILIZING')
    // One of its two task sets is enough.
    const original = emulator.ecs.taskSets.get('ecs-svc/1')
    assert.ok(original)
    emulator.ecs.taskSets.set(original.id, { ...original, stabilityStatus: 'STEADY_STATE' })
    const from = Date.now()
    const done = await emulator.until(id, 'Failed')
    assert.ok(Date.now() - from >= 480, 'five minutes at a speed of 600')
    assert.match(done.errorInformation?.message ?? '', /after a scaling event.* 5 minutes/)
    assert.ok(emulator.elb.history.includes('production/pair 80/20'), 'traffic went on shifting')
    assert.deepEqual(weights('production/pair'), [100, 0])
  })

  test('one that is over in time changes nothing, however long the service takes later', async () => {
    await emulator.group({ deploymentConfigName: await emulator.endlessCanary() })
    const shifted = emulator.firstShift()
    const id = await emulator.deploy()
    await shifted
    // By looks and not by time, so that a machine that stalls in between changes nothing either.
    let looks = 0
    let since = 0
    emulator.ecs.onLook = () => {
      looks++
      if (looks === 1) scale(4, 'STABILIZING')
      if (looks === 2) scale(4, 'STEADY_STATE')
      if (looks === 3) scale(4, 'STABILIZING')
      if (looks === 4) since = Date.now()
    }
    // More than five minutes at a speed of 600, and looks after them.
    await until(() => since > 0 && Date.now() - since > 600)
    const then = looks
    await until(() => looks > then + 1)
    assert.equal((await emulator.info(id)).status, 'InProgress')
  })
})

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html#deployment-type-bluegreen-considerations
test('once all traffic has moved, scaling concerns the deployment no longer', async () => {
  await emulator.group(blueGreen({}, 2_880))
  const id = await emulator.deploy()
  await until(async () => (await emulator.info(id)).instanceTerminationWaitTimeStarted === true)
  let looks = 0
  emulator.ecs.onLook = () => looks++
  // As long as several looks would take.
  await new Promise((resolve) => setTimeout(resolve, 150))
  assert.equal(looks, 0)
})

describe('what a deployment needs goes away', () => {
  test('the service in Install: it fails with INVALID_ECS_SERVICE instead of waiting an hour', async () => {
    emulator.ecs.steady = (signal) =>
      new Promise((_, reject) => {
        emulator.ecs.end = () => reject(emulator.ecs.notActive())
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
    await emulator.group()
    const id = await emulator.deploy()
    await until(() => emulator.ecs.taskSets.has('ecs-svc/2'))
    emulator.ecs.gone = true
    emulator.ecs.end()
    assert.equal(await code(id), 'INVALID_ECS_SERVICE')
  })

  test('the service in the shift: it fails with ECS_UPDATE_ERROR', async () => {
    await emulator.group(canary)
    const shifted = emulator.firstShift()
    const id = await emulator.deploy()
    await shifted
    emulator.ecs.gone = true
    assert.equal(await code(id), 'ECS_UPDATE_ERROR')
  })

  test('the listener, or the rule that leads to the pair: it fails with ELASTIC_LOAD_BALANCING_INVALID', async () => {
    await emulator.group({ ...canary, autoRollbackConfiguration: { enabled: false } })
    for (const remove of [
      () => {
        emulator.elb.listeners.delete('production')
        for (const name of ['pair', 'other']) emulator.elb.rules.delete(`production/${name}`)
      },
      () => emulator.elb.rules.delete('production/pair'),
    ]) {
      const rules = new Map(emulator.elb.rules)
      const shifted = emulator.firstShift()
      const id = await emulator.deploy()
      await shifted
      remove()
      assert.equal(await code(id), 'ELASTIC_LOAD_BALANCING_INVALID')
      emulator.elb.listeners.add('production')
      for (const [name, rule] of rules) emulator.elb.rules.set(name, rule)
    }
  })

  test('and where the rollback cannot be carried out either, it fails and says why', async () => {
    await emulator.group(canary)
    const shifted = emulator.firstShift()
    const id = await emulator.deploy()
    await shifted
    emulator.elb.listeners.delete('production')
    emulator.elb.rules.delete('production/pair')
    await code(id)
    const { rollbackInfo } = await emulator.info(id)
    const rollback = await emulator.until(rollbackInfo?.rollbackDeploymentId ?? '', 'Failed')
    assert.equal(rollback.errorInformation?.code, 'ELASTIC_LOAD_BALANCING_INVALID')
  })

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/error-codes.html
  test('a deployment whose service role does not exist fails with IAM_ROLE_MISSING', async () => {
    await emulator.group()
    emulator.roles.clear()
    assert.equal(await code(await emulator.deploy()), 'IAM_ROLE_MISSING')
    assert.equal(emulator.ecs.taskSets.size, 1)
  })

  // https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ErrorInformation.html
  test('a group or an application that is deleted before its deployment starts fails it, one that is deleted later does not', async () => {
    await emulator.group(blueGreen({ actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 7200 }))
    const of = { applicationName: 'app', deploymentGroupName: 'admin' }
    const running = await emulator.deploy()
    await emulator.until(running, 'Ready')
    await emulator.client.send(new sdk.DeleteDeploymentGroupCommand(of))
    await emulator.client.send(new sdk.ContinueDeploymentCommand({ deploymentId: running }))
    await emulator.until(running, 'Succeeded')
    for (const [expected, remove] of [
      ['DEPLOYMENT_GROUP_MISSING', new sdk.DeleteDeploymentGroupCommand(of)],
      ['APPLICATION_MISSING', new sdk.DeleteApplicationCommand(of)],
    ] as const) {
      await emulator.group(canary)
      // The emulator stops between the call that creates the deployment and its first event.
      const id = await emulator.createdOnly()
      await emulator.client.send(remove as sdk.DeleteApplicationCommand)
      await emulator.revive()
      assert.equal(await code(id), expected)
    }
  })

  test('a change of the group reaches the next deployment, not the one under way', async () => {
    await emulator.group({ deploymentConfigName: await emulator.endlessCanary() })
    const shifted = emulator.firstShift()
    const id = await emulator.deploy()
    await shifted
    await emulator.client.send(
      new sdk.UpdateDeploymentGroupCommand({
        applicationName: 'app',
        currentDeploymentGroupName: 'admin',
        deploymentConfigName: 'CodeDeployDefault.ECSAllAtOnce',
        loadBalancerInfo: groupInput().loadBalancerInfo,
        alarmConfiguration: { enabled: false },
      }),
    )
    emulator.alarms.set('errors', 'ALARM')
    const done = await emulator.until(id, 'Stopped')
    assert.equal(done.errorInformation?.code, 'ALARM_ACTIVE')
    await emulator.until(await emulator.deploy(), 'Succeeded')
  })
})
