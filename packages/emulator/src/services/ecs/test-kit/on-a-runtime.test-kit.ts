/**
 * For tests: what tasks do alike on every runtime, asked through the official client. The image is a shell script over
 * BusyBox: a container runs it with its base, the process runtime with the shell of this machine.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import type { TaskRuntime } from '../../../runtime/index.ts'
import { busyboxImage } from '../../../runtime/test-kit/engine.test-kit.ts'
import type { EmulatorContext } from '../../../service.ts'
import { until } from '../../../test-kit/until.test-kit.ts'
import { LOGS, register, registerContainers, type TestEmulator, testEmulator } from './service.test-kit.ts'
import { run, runToEnd, stopped, taskThat } from './tasks.test-kit.ts'

/** The script is `/app/main.sh`; variables and arguments are the task's. */
async function withScript(emulator: TestEmulator, name: string, script: string): Promise<string> {
  const image = await busyboxImage(
    emulator.context.stateDir,
    { 'app/main.sh': script },
    { Cmd: ['/bin/sh', '/app/main.sh'] },
  )
  emulator.images.set(name, image)
  return name
}

const untilLogged = (emulator: TestEmulator, text: string) =>
  until(`"${text}" is logged`, async () => emulator.logs.some((line) => line.includes(text)))

/** Runs for ever, and ends with 7 when it is asked to. */
const polite = 'trap "echo asked; exit 7" TERM\necho ready\nwhile true; do sleep 0.1; done\n'

export function behavesOnARuntime(
  options: { readonly skip: string | false; readonly timeout: number },
  createRuntime: (context: EmulatorContext) => TaskRuntime,
): void {
  let emulator: TestEmulator
  // One for all: to open the network of a container engine takes a while.
  before(async () => {
    if (options.skip === false) emulator = await testEmulator({ runtime: createRuntime })
  })
  after(() => emulator?.[Symbol.asyncDispose]())

  test(
    'a task runs its command with its variables and secrets, logs, and ends with its exit code',
    options,
    async () => {
      const image = await withScript(emulator, 'job:shell', 'echo "from $FROM, password $PASSWORD"; exit 3\n')
      const definition = await register(emulator.client, image, {
        environment: [{ name: 'FROM', value: 'the definition' }],
        secrets: [
          {
            name: 'PASSWORD',
            valueFrom: 'arn:aws:secretsmanager:ap-northeast-2:000000000000:secret:db-AbCdEf:password::',
          },
        ],
      })
      const task = await runToEnd(emulator, definition)
      assert.equal(task.containers?.[0]?.exitCode, 3)
      assert.equal(task.stopCode, 'EssentialContainerExited')
      assert.equal(task.stoppedReason, 'Essential container in task exited')
      await untilLogged(emulator, 'from the definition, password s3cret')
    },
  )

  test('a task that stops gets SIGTERM, and its own exit code counts', options, async () => {
    const arn = await run(
      emulator,
      await register(emulator.client, await withScript(emulator, 'p:1', polite)),
    )
    await untilLogged(emulator, 'ready')
    await emulator.client.send(new sdk.StopTaskCommand({ cluster: 'main', task: arn }))
    const task = await stopped(emulator, arn)
    assert.equal(task.containers?.[0]?.exitCode, 7)
    await untilLogged(emulator, 'asked')
  })

  test('a container that ignores SIGTERM is killed after stopTimeout', options, async () => {
    const image = await withScript(
      emulator,
      'deaf:1',
      'trap "" TERM\necho ready\nwhile true; do sleep 0.1; done\n',
    )
    const second = await withScript(emulator, 'short:1', 'sleep 1; exit 0\n')
    const definition = await registerContainers(emulator, [
      { name: 'deaf', image, stopTimeout: 2, essential: false, logConfiguration: LOGS },
      { name: 'short', image: second, essential: true },
    ])
    const task = await runToEnd(emulator, definition)
    const codes = Object.fromEntries((task.containers ?? []).map(({ name, exitCode }) => [name, exitCode]))
    assert.deepEqual(codes, { deaf: 137, short: 0 })
  })

  test('a health check runs where the container runs', options, async () => {
    const image = await withScript(emulator, 'healthy:1', `echo up >"$FILE"\n${polite}`)
    const definition = await register(
      emulator.client,
      image,
      {
        mountPoints: [{ sourceVolume: 'data', containerPath: '/data' }],
        environment: [{ name: 'FILE', value: '/data/up' }],
        healthCheck: { command: ['CMD-SHELL', 'test -f "$FILE"'], interval: 5, timeout: 2, retries: 2 },
      },
      { volumes: [{ name: 'data' }] },
    )
    const arn = await run(emulator, definition)
    await taskThat(emulator, arn, 'the task is healthy', ({ healthStatus }) => healthStatus === 'HEALTHY')
  })

  test('a container waits for the one that it depends on, and shares its volume', options, async () => {
    const first = await withScript(emulator, 'first:1', 'sleep 0.3; echo written >"$FILE"\n')
    const second = await withScript(emulator, 'second:1', 'cat "$FILE"\n')
    const mounted = {
      mountPoints: [{ sourceVolume: 'shared', containerPath: '/shared' }],
      environment: [{ name: 'FILE', value: '/shared/file' }],
      logConfiguration: LOGS,
    }
    const definition = await registerContainers(
      emulator,
      [
        { name: 'first', image: first, essential: false, ...mounted },
        {
          name: 'second',
          image: second,
          dependsOn: [{ containerName: 'first', condition: 'SUCCESS' }],
          ...mounted,
        },
      ],
      { volumes: [{ name: 'shared' }] },
    )
    const task = await runToEnd(emulator, definition)
    assert.equal(task.containers?.find(({ name }) => name === 'second')?.exitCode, 0)
    await untilLogged(emulator, 'written')
  })

  test('a restart policy starts a container again, and the task goes on', options, async () => {
    const image = await withScript(emulator, 'again:1', 'echo "a start"; sleep 1; exit 1\n')
    const definition = await register(emulator.client, image, {
      restartPolicy: { enabled: true, restartAttemptPeriod: 60 },
    })
    const arn = await run(emulator, definition)
    await until('it is started again', async () => {
      return emulator.logs.filter((line) => line.includes('a start')).length > 1
    })
    const { lastStatus } = await taskThat(emulator, arn, 'it runs', (task) => task.lastStatus === 'RUNNING')
    assert.equal(lastStatus, 'RUNNING')
  })

  test('a command that does not exist is a CannotStartContainerError', options, async () => {
    const image = await withScript(emulator, 'none:1', '')
    const task = await runToEnd(
      emulator,
      await register(emulator.client, image, { command: ['no-such-program'] }),
    )
    assert.equal(task.stopCode, 'TaskFailedToStart')
    assert.match(task.stoppedReason ?? '', /^CannotStartContainerError: .*no-such-program/)
  })
}
