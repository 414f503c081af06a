/** Which stops a draining target delays, and which not: the draining of these tests never ends. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import { until } from '../../../test-kit/until.test-kit.ts'
import { createService, register, type TestEmulator, testEmulator } from '../test-kit/service.test-kit.ts'
import { addressOf, pidOf, run, running, stopped, taskThat } from '../test-kit/tasks.test-kit.ts'

describe('a draining target', { concurrency: true }, () => {
  let here: TestEmulator
  let app: string
  before(async () => {
    here = await testEmulator()
    here.loadBalancing.drained = new Promise(() => undefined)
    app = await register(here.client, 'app:1')
  })
  after(() => here[Symbol.asyncDispose]())

  const deregistered = (task: sdk.Task | undefined) =>
    until('it is deregistered', async () =>
      here.loadBalancing.journal.includes(`deregister ${addressOf(task)}:8080`),
    )
  const task = async (name: string) => {
    await createService(here, name, app)
    const [task] = await running(here, name, 1)
    return task
  }
  const scaleIn = (service: string) =>
    here.client.send(new sdk.UpdateServiceCommand({ cluster: 'main', service, desiredCount: 0 }))

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html (DEACTIVATING)
  test('does not delay a task whose essential container exits meanwhile', async () => {
    const draining = await task('ends')
    await scaleIn('ends')
    await deregistered(draining)
    const { lastStatus } = await taskThat(here, draining?.taskArn ?? '', 'it is described', () => true)
    assert.equal(lastStatus, 'DEACTIVATING')
    process.kill(pidOf(here, draining), 'SIGKILL')
    const ended = await stopped(here, draining?.taskArn ?? '')
    // The task had been stopped before.
    assert.equal(ended.stopCode, 'ServiceSchedulerInitiated')
    assert.equal(ended.containers?.[0]?.exitCode, 137)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
  test('does not delay a task that failed', async () => {
    const failing = await task('fails')
    process.kill(pidOf(here, failing), 'SIGKILL')
    const ended = await stopped(here, failing?.taskArn ?? '')
    assert.equal(ended.stopCode, 'EssentialContainerExited')
    await deregistered(failing)
  })
})

test('an emulator that stops waits neither for draining targets nor for a stopTimeout', async () => {
  const here = await testEmulator()
  try {
    here.loadBalancing.drained = new Promise(() => undefined)
    await createService(here, 'drains', await register(here.client, 'app:1'))
    const [draining] = await running(here, 'drains', 1)
    const deaf = await run(here, await register(here.client, 'job:deaf', { stopTimeout: 120 }))
    await until('it ignores SIGTERM', async () => here.logs.includes('app/app/<task> deaf'))
    await here.client.send(
      new sdk.UpdateServiceCommand({ cluster: 'main', service: 'drains', desiredCount: 0 }),
    )
    await until('it drains', async () =>
      here.loadBalancing.journal.includes(`deregister ${addressOf(draining)}:8080`),
    )
    const before = performance.now()
    await here.ecs.stop?.()
    assert.ok(performance.now() - before < 60_000)
    assert.equal((await stopped(here, deaf)).containers?.[0]?.exitCode, 137)
    assert.equal((await stopped(here, draining?.taskArn ?? '')).stopCode, 'ServiceSchedulerInitiated')
  } finally {
    await here[Symbol.asyncDispose]()
  }
})
