import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { StoredImage } from '../../services/ecr/contract.ts'
import { contextOnDisk } from '../../test-kit/context-on-disk.test-kit.ts'
import { testImage } from '../../test-kit/image.test-kit.ts'
import { until } from '../../test-kit/until.test-kit.ts'
import { createForwarders } from '../network/name-forwarders.ts'
import type { ContainerSpec, TaskNetwork, TaskRuntime } from '../task/task-runtime.ts'
import { endProcessGroup, identify, isAlive, type ProcessIdentity } from './process-identity.ts'
import { createProcessRuntime } from './process-runtime.ts'

function spec(network: TaskNetwork, image: StoredImage, more: Partial<ContainerSpec> = {}): ContainerSpec {
  return {
    taskId: 'task-1',
    name: 'app',
    network,
    image,
    environment: {},
    containerPort: 8080,
    mounts: [],
    platformEnvironment: {},
    onOutput: () => undefined,
    ...more,
  }
}

async function started(runtime: TaskRuntime, image: StoredImage, more: Partial<ContainerSpec> = {}) {
  const network = await runtime.attach({ taskId: 'task-1', images: [], containerPorts: [] })
  const lines: string[] = []
  const ready = Promise.withResolvers<void>()
  const container = await runtime.start(
    spec(network, image, {
      onOutput(chunk) {
        lines.push(...chunk)
        ready.resolve()
      },
      ...more,
    }),
  )
  return { container, network, lines, ready: ready.promise }
}

test('a container ends with its first process, and takes its other processes along', async () => {
  await using context = await contextOnDisk()
  const runtime = createProcessRuntime(context)
  const script = `
    const child = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    process.on('SIGTERM', () => process.exit(7))
    console.log(child.pid)
    setInterval(() => {}, 1000)`
  const image = await testImage(
    context.stateDir,
    { 'app/main.cjs': script },
    { Cmd: ['node', '/app/main.cjs'] },
  )
  const { container, network, lines, ready } = await started(runtime, image)
  await ready
  const grandchild = Number(lines[0])
  const other = identify(grandchild)
  assert.ok(other && isAlive(other))
  container.signal('SIGTERM')
  assert.deepEqual(await container.exited, { code: 7, signal: null })
  // A busy machine takes its time to carry out a SIGKILL.
  await until(() => !isAlive(other))
  await network.release()
})

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html
test('a health check that runs ends with its container, and whatever it has started', async (t) => {
  await using context = await contextOnDisk()
  const runtime = createProcessRuntime(context)
  const image = await testImage(
    context.stateDir,
    { 'app/main.cjs': 'setInterval(() => {}, 1000)' },
    { Cmd: ['node', '/app/main.cjs'] },
  )
  const { container, network } = await started(runtime, image)
  const file = join(context.stateDir, 'pids')
  const check = `
    const other = require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
    require('node:fs').writeFileSync(${JSON.stringify(file)}, process.pid + ' ' + other.pid + ' ')
    setInterval(() => {}, 1000)`
  const result = container.run(['node', '-e', check], 600_000)
  const pids = () => readFile(file, 'utf8').catch(() => '')
  await until(async () => (await pids()).endsWith(' '))
  const running = (await pids())
    .trim()
    .split(' ')
    .flatMap((pid) => identify(Number(pid)) ?? [])
  t.after(() => running.map(endProcessGroup))
  assert.equal(running.length, 2)
  container.signal('SIGKILL')
  await container.exited
  await until(() => !running.some(isAlive))
  assert.equal(await result, null)
  assert.equal(await container.run(['node', '-e', ''], 1_000), null)
  await network.release()
})

test('a command that does not exist is an error that names it', async () => {
  await using context = await contextOnDisk()
  const runtime = createProcessRuntime(context)
  const image = await testImage(context.stateDir, { 'app/x': '' }, { Cmd: ['no-such-program'] })
  await assert.rejects(started(runtime, image), /cannot run no-such-program/)
})

test('processes that a killed emulator left behind are ended at the next start, by pid', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'baton-runtime-test-'))
  const here = import.meta.dirname
  const script = `
    const { contextOnDisk } = await import(${JSON.stringify(join(here, '../../test-kit/context-on-disk.test-kit.ts'))})
    const { testImage } = await import(${JSON.stringify(join(here, '../../test-kit/image.test-kit.ts'))})
    const { createProcessRuntime } = await import(${JSON.stringify(join(here, 'process-runtime.ts'))})
    const context = await contextOnDisk({ stateDir: ${JSON.stringify(stateDir)} })
    const image = await testImage(context.stateDir, { 'app/main.cjs': 'setInterval(() => {}, 1000)' }, { Cmd: ['node', '/app/main.cjs'] })
    const runtime = createProcessRuntime(context)
    const network = await runtime.attach({ taskId: 'task-1', images: [], containerPorts: [] })
    await runtime.start({ taskId: 'task-1', name: 'app', network, image, environment: {}, mounts: [], platformEnvironment: {}, onOutput() {} })
    console.log('started')
    setInterval(() => {}, 1000)`
  const emulator = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await new Promise((resolve) => emulator.stdout.once('data', resolve))
  emulator.kill('SIGKILL')
  await new Promise((resolve) => emulator.once('exit', resolve))

  await using context = await contextOnDisk({ stateDir })
  const processes = context.store.collection<ProcessIdentity>('runtime.processes')
  const [left] = processes.values()
  assert.ok(left && isAlive(left))
  // Another process with the same pid but another start must not be touched.
  processes.put('not-it', { pid: process.pid, started: 'another time' })
  await createProcessRuntime(context).endLeftovers()
  await until(() => !isAlive(left))
  assert.deepEqual(processes.values(), [])
  await rm(stateDir, { recursive: true, force: true })
})

test('each task reaches a name of the emulator through a forwarder of its own', async () => {
  await using context = await contextOnDisk()
  const server = createServer((socket) => socket.end('hello'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  assert.ok(address && typeof address === 'object')
  context.names.bind({ name: 'db.example', port: 5432, socket: { address: '127.0.0.1', port: address.port } })
  const [one, two] = [createForwarders(context.names), createForwarders(context.names)]
  const [[a], [b]] = await Promise.all([one.reach(['db.example']), two.reach(['db.example:5432'])])
  assert.ok(a && b)
  const endpoint = (reached: typeof a) => `${reached.host}:${reached.ports.get(5432)}`
  assert.notEqual(endpoint(a), endpoint(b))
  const { connect } = await import('node:net')
  const socket = connect(a.ports.get(5432) ?? 0, a.host)
  const [chunk] = (await socket.setEncoding('utf8').toArray()) as string[]
  assert.equal(chunk, 'hello')
  await Promise.all([one.close(), two.close()])
  server.close()
})
