/** What failed tasks lead to, and what resets their count. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import { until } from '../../../test-kit/until.test-kit.ts'
import { backOffMs, circuitBreakerThreshold } from '../model/model.ts'
import { script } from '../test-kit/images.test-kit.ts'
import {
  createService,
  describeService,
  register,
  type TestEmulator,
  testEmulator,
} from '../test-kit/service.test-kit.ts'
import { addressOf, pidOf, tasksOf } from '../test-kit/tasks.test-kit.ts'

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
test('each failed start makes the next back-off longer, up to 27 minutes', () => {
  const seconds = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 50].map((failures) => backOffMs(failures) / 1000)
  assert.deepEqual(seconds, [0, 10, 20, 40, 80, 160, 320, 640, 1280, 1620, 1620])
})

describe('the threshold of the circuit breaker', () => {
  for (const { name, desired, type, value = 50, failures } of [
    { name: 'half of the desired count', desired: 20, failures: 10 },
    { name: 'rounded up', desired: 25, failures: 13 },
    { name: 'three at least', desired: 1, failures: 3 },
    { name: 'two hundred at most', desired: 800, failures: 200 },
    { name: 'a bounded share', desired: 20, type: 'BOUNDED_PERCENT', value: 25, failures: 5 },
    { name: 'an unbounded share below three', desired: 4, type: 'UNBOUNDED_PERCENT', failures: 2 },
    { name: 'one at least', desired: 0, type: 'UNBOUNDED_PERCENT', failures: 1 },
    { name: 'an unbounded share above 200', desired: 800, type: 'UNBOUNDED_PERCENT', failures: 400 },
    { name: 'a count', desired: 800, type: 'COUNT', value: 2, failures: 2 },
  ] as const) {
    test(name, () => {
      assert.equal(circuitBreakerThreshold(desired, type && { type, value }), failures)
    })
  }
})

describe('the circuit breaker', () => {
  let here: TestEmulator
  let first: string
  let second: string
  before(async () => {
    here = await testEmulator()
    first = await register(here.client, 'app:1')
    second = await register(here.client, 'app:2')
  })
  after(() => here[Symbol.asyncDispose]())

  const deployment = async (name: string) => (await describeService(here, name)).deployments?.[0]
  const failures = (name: string, count: number) =>
    until(`${count} tasks of ${name} have failed`, async () => {
      const current = await deployment(name)
      return current?.failedTasks === count && current
    })
  /** Another task of the deployment that runs and is not healthy. */
  const nextTask = (name: string, seen: Set<string>) =>
    until(`another task of ${name} runs`, async () =>
      (await tasksOf(here, name)).find(
        ({ taskDefinitionArn, lastStatus, taskArn = '' }) =>
          taskDefinitionArn === second && lastStatus === 'RUNNING' && !seen.has(taskArn),
      ),
    )

  /** A deployment of two tasks: two of them failed before the first became healthy. */
  async function healthyAfterTwo(name: string, resetOnHealthyTask: boolean) {
    const deploymentCircuitBreaker = { enable: true, rollback: true, resetOnHealthyTask }
    here.loadBalancing.initialHealth = 'healthy'
    await createService(here, name, first, {
      desiredCount: 2,
      deploymentConfiguration: { deploymentCircuitBreaker },
    })
    await until('it is deployed', async () => (await deployment(name))?.rolloutState === 'COMPLETED')
    here.loadBalancing.initialHealth = 'initial'
    const change = { cluster: 'main', service: name, taskDefinition: second }
    await here.client.send(new sdk.UpdateServiceCommand(change))
    const seen = new Set<string>()
    async function crash(): Promise<void> {
      const task = await nextTask(name, seen)
      seen.add(task.taskArn ?? '')
      process.kill(pidOf(here, task), 'SIGKILL')
      await until('it has stopped', async () =>
        (await tasksOf(here, name, 'STOPPED')).some(({ taskArn }) => taskArn === task.taskArn),
      )
    }
    await crash()
    await crash()
    await failures(name, 2)
    const healthy = await nextTask(name, seen)
    seen.add(healthy.taskArn ?? '')
    here.loadBalancing.setHealth({ id: addressOf(healthy), port: 8080 }, 'healthy')
    return crash
  }

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
  test('counts failed tasks from 0 after a task became healthy', async () => {
    const crash = await healthyAfterTwo('resets', true)
    await failures('resets', 0)
    await crash()
    await crash()
    assert.equal((await failures('resets', 2)).rolloutState, 'IN_PROGRESS')
    await crash()
    await until('it is rolled back', async () => (await deployment('resets'))?.taskDefinition === first)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentCircuitBreaker.html
  test('continues to count after a healthy task where resetOnHealthyTask is false', async () => {
    const crash = await healthyAfterTwo('keeps', false)
    await crash()
    await until('it is rolled back', async () => (await deployment('keeps'))?.taskDefinition === first)
  })
})

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
test('the circuit breaker counts failed health checks, and nothing after the deployment is complete', async () => {
  await using here = await testEmulator()
  const [first, second] = [await register(here.client, 'app:1'), await register(here.client, 'app:2')]
  const thresholdConfiguration = { type: 'COUNT', value: 1 } as const
  await createService(here, 'checked', first, {
    deploymentConfiguration: {
      deploymentCircuitBreaker: { enable: true, rollback: true, thresholdConfiguration },
    },
  })
  const deployment = async () => (await describeService(here, 'checked')).deployments?.[0]
  const deployed = () =>
    until('it is complete', async () => (await deployment())?.rolloutState === 'COMPLETED')
  const runningTask = (of: string, not?: sdk.Task) =>
    until('a task runs', async () =>
      (await tasksOf(here, 'checked')).find(
        ({ taskDefinitionArn, lastStatus, taskArn }) =>
          taskDefinitionArn === of && lastStatus === 'RUNNING' && taskArn !== not?.taskArn,
      ),
    )
  await deployed()
  const crashes = await runningTask(first)
  process.kill(pidOf(here, crashes), 'SIGKILL')
  await runningTask(first, crashes)
  assert.equal((await deployment())?.rolloutState, 'COMPLETED')
  here.loadBalancing.initialHealth = 'initial'
  const change = { cluster: 'main', service: 'checked', taskDefinition: second }
  await here.client.send(new sdk.UpdateServiceCommand(change))
  const sick = { id: addressOf(await runningTask(second)), port: 8080 }
  here.loadBalancing.initialHealth = 'healthy'
  here.loadBalancing.setHealth(sick, 'unhealthy', 'Target.ResponseCodeMismatch')
  await until('it is rolled back', async () => (await deployment())?.taskDefinition === first)
  await deployed()
})

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
test('only starts that fail in a row make a service report that it cannot start tasks', async () => {
  await using here = await testEmulator()
  const image = here.images.get(await script(here, 'flaky', 'setInterval(() => {}, 1000)'))
  assert.ok(image)
  here.images.delete('flaky')
  const reports: ('failed' | 'impaired')[] = []
  here.context.events.subscribe(({ detail }) => {
    if (detail.eventName === 'SERVICE_TASK_START_IMPAIRED') reports.push('impaired')
    if (detail.stopCode !== 'TaskFailedToStart' || detail.lastStatus !== 'DEACTIVATING') return
    reports.push('failed')
    // In the same turn, so that no other start comes between.
    if (reports.length === 2) here.images.set('flaky', image)
  })
  await createService(here, 'flaky', await register(here.client, 'flaky', {}, { family: 'flaky' }))
  const task = await until('the third one runs', async () =>
    (await tasksOf(here, 'flaky')).find(({ lastStatus }) => lastStatus === 'RUNNING'),
  )
  here.images.delete('flaky')
  process.kill(pidOf(here, task), 'SIGKILL')
  await until('it reports it', async () => reports.includes('impaired'))
  assert.deepEqual(reports.slice(0, 6), ['failed', 'failed', 'failed', 'failed', 'failed', 'impaired'])
})
