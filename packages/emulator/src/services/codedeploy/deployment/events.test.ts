/** What EventBridge hears of a deployment. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, test } from 'node:test'
import { until } from '../../../test-kit/until.test-kit.ts'
import { appSpec, groupInput, startCodedeploy } from '../test-kit/codedeploy.test-kit.ts'

let region: Awaited<ReturnType<typeof startCodedeploy>>
beforeEach(async () => {
  region = await startCodedeploy()
})
afterEach(() => region.stop())

const told = () => region.context.events.since(0).filter(({ source }) => source === 'aws.codedeploy')

// https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html
test('tells EventBridge that a deployment starts, is ready, and how it ends, and nothing else', async () => {
  await region.group({
    blueGreenDeploymentConfiguration: {
      ...groupInput().blueGreenDeploymentConfiguration,
      deploymentReadyOption: { actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: 1 },
    },
  })
  await region.until(await region.deploy(), 'Stopped')
  assert.deepEqual(
    told().map(({ detailType, detail }) => [detailType, detail.state, detail.creator]),
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
  await region.group()
  await region.until(await region.deploy(), 'Succeeded')
  assert.deepEqual(
    new Set(told().map(({ resources }) => JSON.stringify(resources))),
    new Set([
      JSON.stringify([
        'arn:aws:codedeploy:ap-northeast-2:000000000000:application:app',
        'arn:aws:codedeploy:ap-northeast-2:000000000000:deploymentgroup:app/admin',
      ]),
    ]),
  )
})

test('a deployment that a restart of the region takes up again does not start again', async () => {
  region.handlers.smoke = async () => undefined
  await region.group()
  const id = await region.deploy({}, appSpec({ hooks: [{ AfterInstall: 'smoke' }] }))
  const inHook = async () => (await region.eventStatuses(id)).AfterInstall === 'InProgress'
  await until(inHook)
  await region.delivery.stop?.()
  region.handlers.smoke = (event) => region.succeed(event)
  await region.revive()
  await region.until(id, 'Succeeded')
  assert.deepEqual(
    told().map(({ detail }) => detail.state),
    ['START', 'SUCCESS'],
  )
})
