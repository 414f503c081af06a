import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import { until } from '../../../test-kit/until.test-kit.ts'
import { script } from '../test-kit/images.test-kit.ts'
import { NETWORK, register, type TestEmulator, testEmulator } from '../test-kit/service.test-kit.ts'
import { runToEnd } from '../test-kit/tasks.test-kit.ts'

describe('one-off tasks', () => {
  let here: TestEmulator
  before(async () => {
    here = await testEmulator()
  })
  after(() => here[Symbol.asyncDispose]())

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Container.html
  test('a one-off task that succeeds reports its exit code', async () => {
    const task = await runToEnd(here, await register(here.client, 'job:ok'))
    assert.equal(task.containers?.[0]?.exitCode, 0)
    assert.equal(task.stopCode, 'EssentialContainerExited')
    assert.equal(task.stoppedReason, 'Essential container in task exited')
    assert.ok(here.logs.includes('app/app/<task> done'))
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Container.html
  test('a one-off task that fails reports its exit code', async () => {
    const task = await runToEnd(here, await register(here.client, 'job:bad'))
    assert.equal(task.containers?.[0]?.exitCode, 3)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
  test('an image that does not exist stops the task with CannotPullContainerError', async () => {
    const task = await runToEnd(here, await register(here.client, 'app:none'))
    assert.equal(task.stopCode, 'TaskFailedToStart')
    assert.match(task.stoppedReason ?? '', /^CannotPullContainerError: .*app:none: not found$/)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
  test('a log group that does not exist stops the task with ResourceInitializationError', async () => {
    const logConfiguration = {
      logDriver: 'awslogs',
      options: { 'awslogs-group': '/none', 'awslogs-stream-prefix': 'a' },
    } as const
    const task = await runToEnd(here, await register(here.client, 'job:ok', { logConfiguration }))
    assert.match(task.stoppedReason ?? '', /The specified log group does not exist/)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
  test('keeps the output that a process wrote just before it called exit', async () => {
    // Less than the 64 KiB of a pipe: in a container too, Node drops the output beyond it.
    const code = `
      for (let n = 0; n < 1000; n++) console.log(String(n).padStart(50, '.'))
      console.error('and an error')
      process.exit(4)`
    const task = await runToEnd(here, await register(here.client, await script(here, 'job:talks', code)))
    assert.equal(task.containers?.[0]?.exitCode, 4)
    const lines = here.logs.filter((line) => /<task> \.+\d+$/.test(line))
    assert.equal(lines.length, 1000)
    assert.ok(lines.at(-1)?.endsWith('.999'))
    assert.ok(here.logs.includes('app/app/<task> and an error'))
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
  test('a program can open its standard output by name, as servers that log to a file do', async () => {
    const code = "import { appendFileSync } from 'node:fs'; appendFileSync('/dev/stdout', 'by name\\n')"
    const task = await runToEnd(here, await register(here.client, await script(here, 'job:opens', code)))
    assert.equal(task.containers?.[0]?.exitCode, 0)
    assert.ok(here.logs.includes('app/app/<task> by name'))
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html (stopTimeout)
  test('StopTask sends SIGTERM, and SIGKILL after stopTimeout in real time', async () => {
    const definition = await register(here.client, 'job:deaf', { stopTimeout: 2 })
    const { tasks } = await here.client.send(
      new sdk.RunTaskCommand({ cluster: 'main', taskDefinition: definition, networkConfiguration: NETWORK }),
    )
    const arn = tasks?.[0]?.taskArn ?? ''
    const taskWithStatus = async (status: string) => {
      const described = await here.client.send(
        new sdk.DescribeTasksCommand({ cluster: 'main', tasks: [arn] }),
      )
      return described.tasks?.[0]?.lastStatus === status && described.tasks[0]
    }
    await until('it runs', () => taskWithStatus('RUNNING'))
    await until('it ignores SIGTERM', async () => here.logs.includes('app/app/<task> deaf'))
    const stopped = performance.now()
    await here.client.send(new sdk.StopTaskCommand({ cluster: 'main', task: arn, reason: 'by hand' }))
    const task = await until('it stops', () => taskWithStatus('STOPPED'))
    assert.ok(performance.now() - stopped >= 1950)
    assert.equal(task.containers?.[0]?.exitCode, 137)
    assert.equal(task.stoppedReason, 'by hand')
    assert.equal(task.stopCode, 'UserInitiated')
  })
})
