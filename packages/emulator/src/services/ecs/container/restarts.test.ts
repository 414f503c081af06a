import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import { refusal } from '../../../protocol/test-kit/refused.test-kit.ts'
import { until } from '../../../test-kit/until.test-kit.ts'
import { script } from '../test-kit/images.test-kit.ts'
import { register, type TestEmulator, testEmulator } from '../test-kit/service.test-kit.ts'
import { run, runToEnd, stopped, taskThat } from '../test-kit/tasks.test-kit.ts'

/** Logs the number of its restarts, runs longer than a minute of AWS's time, and exits. */
const ENDS = `
  const { RestartCount } = await (await fetch(process.env.ECS_CONTAINER_METADATA_URI_V4)).json()
  console.log('restarts: ' + RestartCount)
  setTimeout(() => process.exit(5), 200)`
const restartPolicy = { enabled: true, restartAttemptPeriod: 60 }

describe('the restart policy of a container', { concurrency: true }, () => {
  let here: TestEmulator
  before(async () => {
    here = await testEmulator()
    await script(here, 'ends', ENDS)
  })
  after(() => here[Symbol.asyncDispose]())

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html
  test('restarts a container that exits within its task, and counts restarts in its metadata', async () => {
    const arn = await run(here, await register(here.client, 'ends', { restartPolicy }))
    await until('it was restarted twice', async () => here.logs.includes('app/app/<task> restarts: 2'))
    assert.ok(here.logs.includes('app/app/<task> restarts: 0'))
    const task = await taskThat(here, arn, 'it runs', ({ lastStatus }) => lastStatus === 'RUNNING')
    assert.equal(task.containers?.[0]?.exitCode, undefined)
    await here.client.send(new sdk.StopTaskCommand({ cluster: 'main', task: arn }))
    const ended = await stopped(here, arn)
    assert.equal(ended.stopCode, 'UserInitiated')
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerRestartPolicy.html
  test('does not restart a container that exits with an ignored code', async () => {
    const policy = { ...restartPolicy, ignoredExitCodes: [5] }
    const task = await runToEnd(here, await register(here.client, 'ends', { restartPolicy: policy }))
    assert.equal(task.stopCode, 'EssentialContainerExited')
    assert.equal(task.containers?.[0]?.exitCode, 5)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerRestartPolicy.html
  test('does not restart a container that ran for a shorter time than its period', async () => {
    const policy = { ...restartPolicy, restartAttemptPeriod: 1800 }
    const task = await runToEnd(here, await register(here.client, 'job:bad', { restartPolicy: policy }))
    assert.equal(task.containers?.[0]?.exitCode, 3)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerRestartPolicy.html
  test('refuses a period that is not between 60 and 1800 seconds', async () => {
    const policy = { ...restartPolicy, restartAttemptPeriod: 30 }
    await assert.rejects(register(here.client, 'ends', { restartPolicy: policy }), refusal('ClientException'))
  })
})
