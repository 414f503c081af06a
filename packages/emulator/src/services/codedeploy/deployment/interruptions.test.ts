/** What happens to a deployment from outside while it is under way: it is stopped, scaled, or loses what it needs. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-codedeploy'
import { until } from '../../../test-kit/until.test-kit.ts'
import { hookNames } from '../model/app-spec.ts'
import { appSpec, groupInput, startCodedeploy } from '../test-kit/codedeploy.test-kit.ts'

let region: Awaited<ReturnType<typeof startCodedeploy>>

beforeEach(async () => {
  region = await startCodedeploy()
})
afterEach(() => region.stop())

const weights = (rule: string) => region.elb.rules.get(rule)?.targetGroups.map(({ weight }) => weight)
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
const code = async (id: string) => (await region.until(id, 'Failed')).errorInformation?.code

describe('StopDeployment', () => {
  const stop = (deploymentId: string, autoRollbackEnabled: boolean) =>
    region.client.send(new sdk.StopDeploymentCommand({ deploymentId, autoRollbackEnabled }))

  for (const autoRollbackEnabled of [true, false]) {
    test(`stops in every hook, and ${autoRollbackEnabled ? 'rolls back' : 'leaves everything'}`, async () => {
      for (const name of hookNames) region.handlers[name] = async () => undefined
      await region.group()
      for (const name of hookNames) {
        const id = await region.deploy({}, appSpec({ hooks: [{ [name]: name }] }))
        await until(async () => (await region.eventStatuses(id))[name] === 'InProgress')
        const before = [weights('test/pair'), weights('production/pair')]
        assert.equal((await stop(id, autoRollbackEnabled)).status, 'Pending')
        const done = await region.until(id, 'Stopped')
        assert.equal(done.errorInformation?.code, 'MANUAL_STOP', name)
        assert.equal((await region.eventStatuses(id))[name], 'Failed')
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
    await region.group(blueGreen({ actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 60 }, 60))
    const waiting = await region.deploy()
    await region.until(waiting, 'Ready')
    await stop(waiting, true)
    await region.until(waiting, 'Stopped')
    assert.deepEqual(weights('test/pair'), [100, 0])
    const late = await region.deploy()
    await region.until(late, 'Ready')
    await region.client.send(new sdk.ContinueDeploymentCommand({ deploymentId: late }))
    await until(async () => (await region.info(late)).instanceTerminationWaitTimeStarted === true)
    await stop(late, true)
    const done = await region.until(late, 'Stopped')
    assert.deepEqual(weights('production/pair'), [100, 0])
    const rollback = await region.info(done.rollbackInfo?.rollbackDeploymentId ?? '')
    assert.deepEqual(
      [rollback.status, rollback.creator, rollback.rollbackInfo?.rollbackTriggeringDeploymentId],
      ['Succeeded', 'codeDeployRollback', late],
    )
  })
})

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ContinueDeployment.html
test('ContinueDeployment is refused where the deployment does not wait for it, or is over', async () => {
  await region.group(blueGreen({ actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 60 }, 60))
  const id = await region.deploy()
  await region.until(id, 'Ready')
  const go = (deploymentWaitType?: string) =>
    region.client.send(
      new sdk.ContinueDeploymentCommand({
        deploymentId: id,
        deploymentWaitType: deploymentWaitType as sdk.DeploymentWaitType,
      }),
    )
  await assert.rejects(go('TERMINATION_WAIT'), { name: 'DeploymentIsNotInReadyStateException' })
  await assert.rejects(go('SOME_WAIT'), { name: 'InvalidDeploymentWaitTypeException' })
  await go('READY_WAIT')
  await until(async () => (await region.info(id)).instanceTerminationWaitTimeStarted === true)
  await assert.rejects(go('READY_WAIT'), { name: 'DeploymentIsNotInReadyStateException' })
  await go('TERMINATION_WAIT')
  await region.until(id, 'Succeeded')
  await assert.rejects(go('TERMINATION_WAIT'), { name: 'DeploymentAlreadyCompletedException' })
})

describe('a scaling event in mid-shift', () => {
  const scale = (desiredCount: number, stabilityStatus: 'STEADY_STATE' | 'STABILIZING') => {
    region.ecs.desiredCount = desiredCount
    for (const [id, set] of region.ecs.taskSets)
      if (set.status !== 'DRAINING') region.ecs.taskSets.set(id, { ...set, desiredCount, stabilityStatus })
  }

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html#deployment-type-bluegreen-considerations
  test('a scaling event fails the deployment where the service is not steady after five minutes', async () => {
    await region.group({ deploymentConfigName: 'CodeDeployDefault.ECSLinear10PercentEvery1Minutes' })
    const shifted = region.firstShift()
    const id = await region.deploy()
    await shifted
    scale(4, 'STABILIZING')
    // One of its two task sets is enough.
    const original = region.ecs.taskSets.get('ecs-svc/1')
    assert.ok(original)
    region.ecs.taskSets.set(original.id, { ...original, stabilityStatus: 'STEADY_STATE' })
    const from = Date.now()
    const done = await region.until(id, 'Failed')
    assert.ok(Date.now() - from >= 480, 'five minutes at a speed of 600')
    assert.match(done.errorInformation?.message ?? '', /after a scaling event.* 5 minutes/)
    assert.ok(region.elb.history.includes('production/pair 80/20'), 'traffic went on shifting')
    assert.deepEqual(weights('production/pair'), [100, 0])
  })

  test('one that is over in time changes nothing, however long the service takes later', async () => {
    await region.group({ deploymentConfigName: await region.endlessCanary() })
    const shifted = region.firstShift()
    const id = await region.deploy()
    await shifted
    // By looks and not by time, so that a machine that stalls in between changes nothing either.
    let looks = 0
    let since = 0
    region.ecs.onLook = () => {
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
    assert.equal((await region.info(id)).status, 'InProgress')
  })
})

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html#deployment-type-bluegreen-considerations
test('once all traffic has moved, scaling concerns the deployment no longer', async () => {
  await region.group(blueGreen({}, 2_880))
  const id = await region.deploy()
  await until(async () => (await region.info(id)).instanceTerminationWaitTimeStarted === true)
  let looks = 0
  region.ecs.onLook = () => looks++
  // As long as several looks would take.
  await new Promise((resolve) => setTimeout(resolve, 150))
  assert.equal(looks, 0)
})

describe('what a deployment needs goes away', () => {
  test('the service in Install: it fails with INVALID_ECS_SERVICE instead of waiting an hour', async () => {
    region.ecs.steady = (signal) =>
      new Promise((_, reject) => {
        region.ecs.end = () => reject(region.ecs.notActive())
        signal.addEventListener('abort', () => reject(signal.reason), { once: true })
      })
    await region.group()
    const id = await region.deploy()
    await until(() => region.ecs.taskSets.has('ecs-svc/2'))
    region.ecs.gone = true
    region.ecs.end()
    assert.equal(await code(id), 'INVALID_ECS_SERVICE')
  })

  test('the service in the shift: it fails with ECS_UPDATE_ERROR', async () => {
    await region.group(canary)
    const shifted = region.firstShift()
    const id = await region.deploy()
    await shifted
    region.ecs.gone = true
    assert.equal(await code(id), 'ECS_UPDATE_ERROR')
  })

  test('the listener, or the rule that leads to the pair: it fails with ELASTIC_LOAD_BALANCING_INVALID', async () => {
    await region.group({ ...canary, autoRollbackConfiguration: { enabled: false } })
    for (const remove of [
      () => {
        region.elb.listeners.delete('production')
        for (const name of ['pair', 'other']) region.elb.rules.delete(`production/${name}`)
      },
      () => region.elb.rules.delete('production/pair'),
    ]) {
      const rules = new Map(region.elb.rules)
      const shifted = region.firstShift()
      const id = await region.deploy()
      await shifted
      remove()
      assert.equal(await code(id), 'ELASTIC_LOAD_BALANCING_INVALID')
      region.elb.listeners.add('production')
      for (const [name, rule] of rules) region.elb.rules.set(name, rule)
    }
  })

  test('and where the way back is gone too, the rollback fails and says why', async () => {
    await region.group(canary)
    const shifted = region.firstShift()
    const id = await region.deploy()
    await shifted
    region.elb.listeners.delete('production')
    region.elb.rules.delete('production/pair')
    await code(id)
    const { rollbackInfo } = await region.info(id)
    const rollback = await region.until(rollbackInfo?.rollbackDeploymentId ?? '', 'Failed')
    assert.equal(rollback.errorInformation?.code, 'ELASTIC_LOAD_BALANCING_INVALID')
  })

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/error-codes.html
  test('a deployment whose service role does not exist fails with IAM_ROLE_MISSING', async () => {
    await region.group()
    region.roles.clear()
    assert.equal(await code(await region.deploy()), 'IAM_ROLE_MISSING')
    assert.equal(region.ecs.taskSets.size, 1)
  })

  // https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ErrorInformation.html
  test('a group or an application that is deleted before its deployment starts fails it, one that is deleted later does not', async () => {
    await region.group(blueGreen({ actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 7200 }))
    const of = { applicationName: 'app', deploymentGroupName: 'admin' }
    const running = await region.deploy()
    await region.until(running, 'Ready')
    await region.client.send(new sdk.DeleteDeploymentGroupCommand(of))
    await region.client.send(new sdk.ContinueDeploymentCommand({ deploymentId: running }))
    await region.until(running, 'Succeeded')
    for (const [expected, remove] of [
      ['DEPLOYMENT_GROUP_MISSING', new sdk.DeleteDeploymentGroupCommand(of)],
      ['APPLICATION_MISSING', new sdk.DeleteApplicationCommand(of)],
    ] as const) {
      await region.group(canary)
      // The region stops between the call that creates the deployment and its first event.
      const id = await region.createdOnly()
      await region.client.send(remove as sdk.DeleteApplicationCommand)
      await region.revive()
      assert.equal(await code(id), expected)
    }
  })

  test('a change of the group reaches the next deployment, not the one under way', async () => {
    await region.group({ deploymentConfigName: await region.endlessCanary() })
    const shifted = region.firstShift()
    const id = await region.deploy()
    await shifted
    await region.client.send(
      new sdk.UpdateDeploymentGroupCommand({
        applicationName: 'app',
        currentDeploymentGroupName: 'admin',
        deploymentConfigName: 'CodeDeployDefault.ECSAllAtOnce',
        loadBalancerInfo: groupInput().loadBalancerInfo,
        alarmConfiguration: { enabled: false },
      }),
    )
    region.alarms.set('errors', 'ALARM')
    const done = await region.until(id, 'Stopped')
    assert.equal(done.errorInformation?.code, 'ALARM_ACTIVE')
    await region.until(await region.deploy(), 'Succeeded')
  })
})
