/** When a task is healthy, and when its failed checks count. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { until } from '../../../test-kit/until.test-kit.ts'
import { script } from '../test-kit/images.test-kit.ts'
import {
  createService,
  describeService,
  register,
  type TestEmulator,
  testEmulator,
} from '../test-kit/service.test-kit.ts'
import { addressOf, pidOf, running } from '../test-kit/tasks.test-kit.ts'
import { taskHealth } from './view.ts'

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
test('the health of a task is that of its essential containers with a health check', () => {
  const healthCheck = { command: ['CMD', 'check'] }
  const definitions = [
    { name: 'app', healthCheck },
    { name: 'proxy', healthCheck },
    { name: 'logs', essential: false, healthCheck },
    { name: 'unchecked' },
  ]
  type Status = 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN'
  const health = (app: Status, proxy: Status, logs: Status, which = definitions) =>
    taskHealth(which, [
      { name: 'app', healthStatus: app },
      { name: 'proxy', healthStatus: proxy },
      { name: 'logs', healthStatus: logs },
      { name: 'unchecked', healthStatus: 'UNKNOWN' },
    ])
  assert.equal(health('HEALTHY', 'HEALTHY', 'UNHEALTHY'), 'HEALTHY')
  assert.equal(health('HEALTHY', 'UNKNOWN', 'HEALTHY'), 'UNKNOWN')
  assert.equal(health('UNKNOWN', 'UNHEALTHY', 'HEALTHY'), 'UNHEALTHY')
  assert.equal(health('HEALTHY', 'HEALTHY', 'HEALTHY', definitions.slice(2)), 'UNKNOWN')
})

describe('a service checks the health of its tasks', { concurrency: true }, () => {
  let here: TestEmulator
  before(async () => {
    here = await testEmulator()
  })
  after(() => here[Symbol.asyncDispose]())

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html
  test('a deployment is not complete before its containers have passed their health checks', async () => {
    const code = `
      import { writeFileSync } from 'node:fs'
      process.on('SIGUSR2', () => writeFileSync(process.env.FLAG + '/healthy', ''))
      console.log('ready for the signal')
      setInterval(() => {}, 1000)`
    const definition = await register(
      here.client,
      await script(here, 'checked', code),
      {
        healthCheck: {
          command: ['CMD-SHELL', 'test -e $FLAG/healthy'],
          interval: 60,
          retries: 10,
          startPeriod: 300,
        },
        mountPoints: [{ sourceVolume: 'flag', containerPath: '/flag' }],
        environment: [{ name: 'FLAG', value: '/flag' }],
      },
      { volumes: [{ name: 'flag' }] },
    )
    await createService(here, 'checked', definition, { loadBalancers: [] })
    const [task] = await running(here, 'checked', 1)
    const state = async () => (await describeService(here, 'checked')).deployments?.[0]?.rolloutState
    assert.equal(await state(), 'IN_PROGRESS')
    await until('it listens', async () => here.logs.includes('app/app/<task> ready for the signal'))
    assert.equal(await state(), 'IN_PROGRESS')
    process.kill(pidOf(here, task), 'SIGUSR2')
    await until('it is complete', async () => (await state()) === 'COMPLETED')
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_definition_parameters.html
  test('failed checks of a task count from the end of the grace period', async () => {
    const healthCheckGracePeriodSeconds = 600
    await createService(here, 'graced', await register(here.client, 'app:1'), {
      healthCheckGracePeriodSeconds,
    })
    const [task] = await running(here, 'graced', 1)
    here.loadBalancing.setHealth(
      { id: addressOf(task), port: 8080 },
      'unhealthy',
      'Target.ResponseCodeMismatch',
    )
    const event = await until('its failed check is reported', async () =>
      (await describeService(here, 'graced')).events?.find(({ message }) =>
        message?.includes('is unhealthy'),
      ),
    )
    const lastedMs = (event.createdAt?.getTime() ?? 0) - (task?.startedAt?.getTime() ?? 0)
    assert.ok(
      lastedMs >= here.context.clock.toReal(healthCheckGracePeriodSeconds * 1000) - 5,
      `${lastedMs} ms`,
    )
  })
})
