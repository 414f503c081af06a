import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type * as sdk from '@aws-sdk/client-ecs'
import { until } from '../../../test-kit/until.test-kit.ts'
import type { TaskSetRecord } from '../model/model.ts'
import { script } from '../test-kit/images.test-kit.ts'
import {
  createService,
  describeService,
  register,
  TARGET_GROUP,
  type TestEmulator,
  testEmulator,
} from '../test-kit/service.test-kit.ts'
import { addressOf, pidOf, running, tasksOf } from '../test-kit/tasks.test-kit.ts'

/** A container whose health check passes while a file exists. The container writes it, and SIGUSR2 removes it. */
const TOUCHY = `
  import { rmSync, writeFileSync } from 'node:fs'
  const file = process.env.FLAG + '/healthy'
  writeFileSync(file, '')
  process.on('SIGUSR2', () => rmSync(file))
  setInterval(() => {}, 1000)`
const CHECKED = {
  healthCheck: {
    command: ['CMD-SHELL', 'test -e $FLAG/healthy'],
    interval: 30,
    retries: 10,
    startPeriod: 300,
  },
  mountPoints: [{ sourceVolume: 'flag', containerPath: '/flag' }],
  environment: [{ name: 'FLAG', value: '/flag' }],
}
const VOLUME = { volumes: [{ name: 'flag' }] }

describe('tasks that fail', { concurrency: true }, () => {
  let here: TestEmulator
  before(async () => {
    here = await testEmulator()
    await script(here, 'touchy', TOUCHY)
  })
  after(() => here[Symbol.asyncDispose]())

  const fail = (task: sdk.Task | undefined, description = 'Health checks failed') =>
    here.loadBalancing.setHealth(
      { id: addressOf(task), port: 8080 },
      'unhealthy',
      'Target.FailedHealthChecks',
      description,
    )
  const eventOf = (name: string, part: string) =>
    until(`${name}: ${part}`, async () =>
      (await describeService(here, name)).events?.find(({ message }) => message?.includes(part)),
    )
  const stoppedTask = (name: string, arn: string | undefined) =>
    until(`a task of ${name} stops`, async () =>
      (await tasksOf(here, name, 'STOPPED')).find(({ taskArn }) => taskArn === arn),
    )

  const pausesOf = (name: string) =>
    here.context.store
      .collection<TaskSetRecord>('ecs.task-sets')
      .values()
      .filter(({ serviceName }) => serviceName === name)
      .map(({ retryAt }) => retryAt)

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
  test('a task that is unhealthy in its target group stops when its replacement is healthy', async () => {
    await createService(here, 'checked', await register(here.client, 'app:1'))
    const [victim] = await running(here, 'checked', 1)
    fail(victim)
    const stopped = await stoppedTask('checked', victim?.taskArn)
    assert.equal(stopped.stoppedReason, `Task failed ELB health checks in (target-group ${TARGET_GROUP})`)
    assert.equal(stopped.stopCode, 'ServiceSchedulerInitiated')
    const [replacement] = await running(here, 'checked', 1)
    assert.ok((replacement?.startedAt?.getTime() ?? 0) <= (stopped.stoppingAt?.getTime() ?? 0))
    const event = await eventOf('checked', 'is unhealthy in')
    const id = victim?.taskArn?.split('/')[2]
    assert.equal(
      event.message,
      `(service checked) (task ${id}) (port 8080) is unhealthy in (target-group ${TARGET_GROUP}) due to ` +
        '(reason Health checks failed)',
    )
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
  test('where maximumPercent leaves no room, the unhealthy task stops first', async () => {
    await createService(here, 'tight', await register(here.client, 'app:1'), {
      deploymentConfiguration: { minimumHealthyPercent: 0, maximumPercent: 100 },
    })
    const [victim] = await running(here, 'tight', 1)
    fail(victim)
    const stopped = await stoppedTask('tight', victim?.taskArn)
    const [replacement] = await running(here, 'tight', 1)
    assert.ok((replacement?.createdAt?.getTime() ?? 0) >= (stopped.stoppingAt?.getTime() ?? 0))
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html
  test('a task of a service whose essential container is UNHEALTHY is replaced', async () => {
    const definition = await register(here.client, 'touchy', CHECKED, VOLUME)
    await createService(here, 'touchy', definition, { loadBalancers: [] })
    const healthy = await until('it is healthy', async () =>
      (await tasksOf(here, 'touchy')).find(({ healthStatus }) => healthStatus === 'HEALTHY'),
    )
    process.kill(pidOf(here, healthy), 'SIGUSR2')
    const stopped = await stoppedTask('touchy', healthy.taskArn)
    assert.equal(stopped.stoppedReason, 'Task failed container health checks')
    assert.equal(stopped.healthStatus, 'UNHEALTHY')
    await eventOf('touchy', `(task ${healthy.taskArn?.split('/')[2]}) failed container health checks.`)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
  test('a task that crashes after it ran is replaced without a back-off', async () => {
    await createService(here, 'crashes', await register(here.client, 'app:1'))
    for (let crash = 0; crash < 4; crash++) {
      const [victim] = await running(here, 'crashes', 1)
      process.kill(pidOf(here, victim), 'SIGKILL')
      const stopped = await stoppedTask('crashes', victim?.taskArn)
      assert.equal(stopped.stopCode, 'EssentialContainerExited')
      assert.equal(stopped.containers?.[0]?.exitCode, 137)
    }
    await running(here, 'crashes', 1)
    const { events = [] } = await describeService(here, 'crashes')
    assert.ok(!events.some(({ message }) => message?.includes('unable to consistently start')))
    // No back-off was stored, not even a short one in compressed time.
    assert.deepEqual(pausesOf('crashes'), [undefined])
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
  test('tasks that never reach RUNNING are started again after longer and longer back-offs', async () => {
    await createService(here, 'absent', await register(here.client, 'app:none'))
    const event = await eventOf('absent', 'unable to consistently')
    assert.equal(event.message, '(service absent) is unable to consistently start tasks successfully.')
    const failed = await until('five tasks have failed', async () => {
      const tasks = await tasksOf(here, 'absent', 'STOPPED')
      return tasks.length >= 5 && tasks
    })
    const time = (date: Date | undefined) => date?.getTime() ?? Number.NaN
    failed.sort((a, b) => time(a.createdAt) - time(b.createdAt))
    for (const [index, seconds] of [10, 20, 40, 80].entries()) {
      const pause = time(failed[index + 1]?.createdAt) - time(failed[index]?.stoppingAt)
      // Time stamps are whole milliseconds.
      const least = here.context.clock.toReal(seconds * 1000) - 1
      assert.ok(pause >= least, `${pause} ms after failure ${index + 1}, not ${least}`)
    }
    const warned = here.context.events
      .since(0)
      .find(({ detail }) => detail.eventName === 'SERVICE_TASK_START_IMPAIRED')
    assert.equal(warned?.detail.eventType, 'WARN')
  })
})
