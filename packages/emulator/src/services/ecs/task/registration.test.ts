/** When a task of a service is registered as a target, and when it counts for its service. */
import assert from 'node:assert/strict'
import { getPriority } from 'node:os'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import { systemClock } from '../../../clock.ts'
import { until } from '../../../test-kit/until.test-kit.ts'
import {
  createService,
  register,
  registerContainers,
  type TestEmulator,
  testEmulator,
} from '../test-kit/service.test-kit.ts'
import { addressOf, pidOf, run, running, stopped, tasksOf, taskThat } from '../test-kit/tasks.test-kit.ts'

describe('a task that starts', { concurrency: true }, () => {
  let here: TestEmulator
  before(async () => {
    here = await testEmulator()
  })
  after(() => here[Symbol.asyncDispose]())

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html (ACTIVATING)
  test('is registered as a target when all of its containers run, not before', async () => {
    const healthCheck = { command: ['CMD-SHELL', 'exit 1'], interval: 5, retries: 10 }
    const definition = await registerContainers(here, [
      {
        name: 'app',
        image: 'app:1',
        portMappings: [{ containerPort: 8080 }],
        dependsOn: [{ containerName: 'proxy', condition: 'HEALTHY' }],
      },
      { name: 'proxy', image: 'job:deaf', stopTimeout: 2, healthCheck },
    ])
    await createService(here, 'waits', definition)
    const task = await until('the first container runs', async () =>
      (await tasksOf(here, 'waits')).find(({ containers }) =>
        containers?.some(({ name, lastStatus }) => name === 'proxy' && lastStatus === 'RUNNING'),
      ),
    )
    assert.equal(task.lastStatus, 'ACTIVATING')
    assert.match(addressOf(task), /^127\./)
    assert.ok(!here.loadBalancing.journal.includes(`register ${addressOf(task)}:8080`))
    await here.client.send(new sdk.DeleteServiceCommand({ cluster: 'main', service: 'waits', force: true }))
    await stopped(here, task.taskArn ?? '')
  })

  test('has a low priority only until it runs, if it has no health check', async () => {
    const arn = await run(here, await register(here.client, 'job:deaf', { stopTimeout: 2 }))
    const task = await taskThat(here, arn, 'it runs', ({ lastStatus }) => lastStatus === 'RUNNING')
    const usual = process.getuid?.() === 0 ? 0 : 5
    await until('it has its share', async () => getPriority(pidOf(here, task)) === usual)
    await here.client.send(new sdk.StopTaskCommand({ cluster: 'main', task: arn }))
    await stopped(here, arn)
  })
})

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
test('a task without a health check counts after it has run for 40 seconds', async () => {
  await using here = await testEmulator({ clock: systemClock(50) })
  const [first, second] = [await register(here.client, 'app:1'), await register(here.client, 'app:2')]
  await createService(here, 'unchecked', first, { loadBalancers: [] })
  const [old] = await running(here, 'unchecked', 1)
  await here.client.send(
    new sdk.UpdateServiceCommand({ cluster: 'main', service: 'unchecked', taskDefinition: second }),
  )
  const ended = await until('the old one ends', async () =>
    (await tasksOf(here, 'unchecked', 'STOPPED')).find(({ stoppingAt }) => stoppingAt !== undefined),
  )
  assert.equal(ended.taskArn, old?.taskArn)
  const [now] = await tasksOf(here, 'unchecked')
  const ranMs = (ended.stoppingAt?.getTime() ?? 0) - (now?.startedAt?.getTime() ?? 0)
  assert.ok(ranMs >= here.context.clock.toReal(40_000) - 5, `${ranMs} ms`)
})
