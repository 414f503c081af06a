import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import { until } from '../../../test-kit/until.test-kit.ts'
import { script } from '../test-kit/images.test-kit.ts'
import { LOGS, registerContainers, type TestEmulator, testEmulator } from '../test-kit/service.test-kit.ts'
import { run, runToEnd, stopped, taskThat } from '../test-kit/tasks.test-kit.ts'

const SERVES = `
  process.on('SIGTERM', () => { console.log('terminating'); process.exit(0) })
  console.log('serving'); setInterval(() => {}, 1000)`
const PASSES = { command: ['CMD', 'node', '-e', ''], interval: 5 }
const FAILS = { command: ['CMD-SHELL', 'exit 1'], interval: 5, retries: 1 }

const containerOf = (task: sdk.Task, name: string) =>
  task.containers?.find((container) => container.name === name)
const statusOf = (task: sdk.Task, name: string) => containerOf(task, name)?.lastStatus

describe('the containers of a task', { concurrency: true }, () => {
  let here: TestEmulator
  const stop = (task: string) => here.client.send(new sdk.StopTaskCommand({ cluster: 'main', task }))
  const logged = (line: string) => until(`${line} is logged`, async () => here.logs.includes(line))
  before(async () => {
    here = await testEmulator()
    await script(here, 'serves', SERVES)
  })
  after(() => here[Symbol.asyncDispose]())

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
  test('containers without dependencies start at the same time', async () => {
    const arn = await run(
      here,
      await registerContainers(here, [
        { name: 'waits', image: 'serves', dependsOn: [{ containerName: 'checked', condition: 'HEALTHY' }] },
        { name: 'checked', image: 'serves', healthCheck: FAILS },
        { name: 'other', image: 'serves' },
      ]),
    )
    const task = await taskThat(here, arn, 'others run', (now) => statusOf(now, 'other') === 'RUNNING')
    assert.equal(statusOf(task, 'waits'), 'PENDING')
    assert.equal(task.lastStatus, 'ACTIVATING')
    await stop(arn)
    const ended = await stopped(here, arn)
    assert.equal(ended.stopCode, 'UserInitiated')
    assert.deepEqual(
      ended.containers?.map(({ lastStatus }) => lastStatus),
      ['STOPPED', 'STOPPED', 'STOPPED'],
    )
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
  test('a dependency with SUCCESS that exits with another code than 0 stops the task', async () => {
    const task = await runToEnd(
      here,
      await registerContainers(here, [
        { name: 'app', image: 'job:ok', dependsOn: [{ containerName: 'migrate', condition: 'SUCCESS' }] },
        { name: 'migrate', image: 'job:bad', essential: false },
      ]),
    )
    assert.match(task.stoppedReason ?? '', /dependency \[migrate\] for target \[app\] .* \(code 3\)/)
    assert.equal(task.stopCode, 'TaskFailedToStart')
    assert.equal(containerOf(task, 'migrate')?.exitCode, 3)
    assert.equal(containerOf(task, 'app')?.exitCode, 143)
    assert.equal(task.startedAt, undefined)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
  test('a dependency with COMPLETE can exit with any code', async () => {
    const task = await runToEnd(
      here,
      await registerContainers(here, [
        { name: 'app', image: 'job:ok', dependsOn: [{ containerName: 'prepare', condition: 'COMPLETE' }] },
        { name: 'prepare', image: 'job:bad', essential: false },
      ]),
    )
    assert.equal(containerOf(task, 'app')?.exitCode, 0)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
  test('a dependency with HEALTHY has passed its health check before the other starts', async () => {
    const task = await runToEnd(
      here,
      await registerContainers(here, [
        { name: 'app', image: 'job:ok', dependsOn: [{ containerName: 'proxy', condition: 'HEALTHY' }] },
        { name: 'proxy', image: 'serves', healthCheck: PASSES },
      ]),
    )
    assert.equal(containerOf(task, 'proxy')?.healthStatus, 'HEALTHY')
    assert.equal(task.stopCode, 'EssentialContainerExited')
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html
  test('a dependency with HEALTHY that exits before it was healthy stops the task', async () => {
    const task = await runToEnd(
      here,
      await registerContainers(here, [
        { name: 'app', image: 'job:ok', dependsOn: [{ containerName: 'proxy', condition: 'HEALTHY' }] },
        { name: 'proxy', image: 'job:bad', essential: false, healthCheck: FAILS },
      ]),
    )
    assert.match(task.stoppedReason ?? '', /dependency \[proxy\] for target \[app\] .*exited with code 3/)
  })

  test('containers that wait for each other stop their task', async () => {
    const waits = (containerName: string) => [{ containerName, condition: 'START' as const }]
    const task = await runToEnd(
      here,
      await registerContainers(here, [
        { name: 'one', image: 'job:ok', dependsOn: waits('two') },
        { name: 'two', image: 'job:ok', dependsOn: waits('one') },
      ]),
    )
    assert.match(task.stoppedReason ?? '', /form a circle/)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
  test('a dependency that takes longer than its startTimeout stops the task', async () => {
    const task = await runToEnd(
      here,
      await registerContainers(here, [
        { name: 'app', image: 'job:ok', dependsOn: [{ containerName: 'proxy', condition: 'HEALTHY' }] },
        { name: 'proxy', image: 'serves', startTimeout: 2, healthCheck: FAILS },
      ]),
    )
    assert.match(task.stoppedReason ?? '', /dependency \[proxy\] for target \[app\] has timed out/)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
  test('containers stop in the reverse order of their dependencies', async () => {
    const lingers = `
      process.on('SIGTERM', () => setTimeout(() => { console.log('over'); process.exit(0) }, 500))
      console.log('serving'); setInterval(() => {}, 1000)`
    await script(here, 'lingers', lingers)
    const arn = await run(
      here,
      await registerContainers(here, [
        // First in the list, and faster: only the dependency makes it wait.
        { name: 'back', image: 'serves', logConfiguration: LOGS },
        {
          name: 'front',
          image: 'lingers',
          logConfiguration: LOGS,
          dependsOn: [{ containerName: 'back', condition: 'START' }],
        },
      ]),
    )
    await Promise.all([logged('app/front/<task> serving'), logged('app/back/<task> serving')])
    await stop(arn)
    await stopped(here, arn)
    const order = here.logs.filter((line) => /(front|back)\/<task> (over|terminating)/.test(line))
    assert.deepEqual(order, ['app/front/<task> over', 'app/back/<task> terminating'])
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
  test('the exit of an essential container stops the task, the exit of another one does not', async () => {
    const arn = await run(
      here,
      await registerContainers(here, [
        { name: 'app', image: 'serves', logConfiguration: LOGS },
        { name: 'once', image: 'job:bad', essential: false },
        { name: 'absent', image: 'no:such', essential: false },
      ]),
    )
    const task = await taskThat(
      here,
      arn,
      'it runs without them',
      (now) => now.lastStatus === 'RUNNING' && statusOf(now, 'once') === 'STOPPED',
    )
    assert.equal(containerOf(task, 'once')?.exitCode, 3)
    assert.match(containerOf(task, 'absent')?.reason ?? '', /^CannotPullContainerError/)
    await logged('app/app/<task> serving')
    const record = here.context.store
      .collection<{ pid: number }>('runtime.processes')
      .get(`${arn.split('/')[2]}/app`)
    process.kill(record?.pid ?? 0, 'SIGKILL')
    const ended = await stopped(here, arn)
    assert.equal(ended.stoppedReason, 'Essential container in task exited')
    assert.equal(containerOf(ended, 'app')?.exitCode, 137)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
  test('the exit of an essential container stops the task while others still wait to start', async () => {
    const task = await runToEnd(
      here,
      await registerContainers(here, [
        { name: 'waits', image: 'serves', dependsOn: [{ containerName: 'checked', condition: 'HEALTHY' }] },
        { name: 'checked', image: 'serves', healthCheck: FAILS },
        { name: 'ends', image: 'job:bad' },
      ]),
    )
    assert.equal(task.stopCode, 'EssentialContainerExited')
    assert.equal(containerOf(task, 'ends')?.exitCode, 3)
    assert.equal(task.startedAt, undefined)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html
  test('containers get the stop signal of their image', async () => {
    const code = `
      process.on('SIGINT', () => { console.log('interrupted'); process.exit(0) })
      console.log('listening for it'); setInterval(() => {}, 1000)`
    const image = await script(here, 'interrupted', code, { StopSignal: 'SIGINT' })
    const arn = await run(
      here,
      await registerContainers(here, [{ name: 'polite', image, logConfiguration: LOGS }]),
    )
    await logged('app/polite/<task> listening for it')
    await stop(arn)
    assert.equal((await stopped(here, arn)).containers?.[0]?.exitCode, 0)
    assert.ok(here.logs.includes('app/polite/<task> interrupted'))
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html
  test('a health check of the image has no effect', async () => {
    const config = { StopSignal: 'SIGTERM', Healthcheck: { Test: ['CMD', 'false'], Interval: 1 } }
    const image = await script(here, 'self-checked', SERVES, config)
    const arn = await run(here, await registerContainers(here, [{ name: 'app', image }]))
    const task = await taskThat(here, arn, 'it runs', (now) => now.lastStatus === 'RUNNING')
    assert.equal(task.healthStatus, 'UNKNOWN')
    assert.equal(containerOf(task, 'app')?.healthStatus, 'UNKNOWN')
    await stop(arn)
    await stopped(here, arn)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
  test('containers share a volume of their task', async () => {
    const writes = await script(
      here,
      'writes',
      "import { writeFileSync } from 'node:fs'; writeFileSync(process.env.DATA + '/note', 'written')",
    )
    const reads = await script(
      here,
      'reads',
      "import { readFileSync } from 'node:fs'; console.log(readFileSync(process.env.DATA + '/note', 'utf8'))",
    )
    const mounted = {
      mountPoints: [{ sourceVolume: 'scratch', containerPath: '/data' }],
      environment: [{ name: 'DATA', value: '/data' }],
    }
    const task = await runToEnd(
      here,
      await registerContainers(
        here,
        [
          {
            name: 'reader',
            image: reads,
            logConfiguration: LOGS,
            dependsOn: [{ containerName: 'writer', condition: 'SUCCESS' }],
            ...mounted,
          },
          { name: 'writer', image: writes, essential: false, ...mounted },
        ],
        { volumes: [{ name: 'scratch' }] },
      ),
    )
    assert.equal(containerOf(task, 'reader')?.exitCode, 0, task.stoppedReason)
    assert.ok(here.logs.includes('app/reader/<task> written'))
  })
})
