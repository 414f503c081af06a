/** What EventBridge hears of a deployment. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { until } from '../../../test-kit/until.test-kit.ts'
import { appSpec, groupInput, startCodedeploy } from '../test-kit/codedeploy.test-kit.ts'

let emulator: Awaited<ReturnType<typeof startCodedeploy>>
beforeEach(async () => {
  emulator = await startCodedeploy()
})
afterEach(() => emulator.stop())

const published = () => emulator.context.events.since(0).filter(({ source }) => source === 'aws.codedeploy')

// https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html
test('publishes to EventBridge that a deployment starts, is ready, and how it ends, and nothing else', async () => {
  await emulator.group({
    blueGreenDeploymentConfiguration: {
      ...groupInput().blueGreenDeploymentConfiguration,
      deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 1 },
    },
  })
  await emulator.until(await emulator.deploy(), 'Stopped')
  assert.deepEqual(
    published().map(({ detailType, detail }) => [detailType, detail.state, detail.creator]),
    [
      ['START', 'user'],
      ['READY', 'user'],
      ['STOP', 'user'],
      ['START', 'codeDeployRollback'],
      ['SUCCESS', 'codeDeployRollback'],
    ].map((each) => ['CodeDeploy Deployment State-change Notification', ...each]),
  )
})

// https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-codedeploy.html
test('an event of a deployment names its application and its deployment group as the resources', async () => {
  await emulator.group()
  await emulator.until(await emulator.deploy(), 'Succeeded')
  assert.deepEqual(
    new Set(published().map(({ resources }) => JSON.stringify(resources))),
    new Set([
      JSON.stringify([
        'arn:aws:codedeploy:ap-northeast-2:000000000000:application:app',
        'arn:aws:codedeploy:ap-northeast-2:000000000000:deploymentgroup:app/admin',
      ]),
    ]),
  )
})

test('a deployment that continues after a restart of the emulator does not start a second time', async () => {
  emulator.handlers.smoke = async () => undefined
  await emulator.group()
  const id = await emulator.deploy({}, appSpec({ hooks: [{ AfterInstall: 'smoke' }] }))
  const inHook = async () => (await emulator.eventStatuses(id)).AfterInstall === 'InProgress'
  await until(inHook)
  await emulator.codeDeploy.stop?.()
  emulator.handlers.smoke = (event) => emulator.succeed(event)
  await emulator.revive()
  await emulator.until(id, 'Succeeded')
  assert.deepEqual(
    published().map(({ detail }) => detail.state),
    ['START', 'SUCCESS'],
  )
})
