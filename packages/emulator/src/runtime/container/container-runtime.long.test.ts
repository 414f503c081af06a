import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { after, before, test } from 'node:test'
import type { StoredImage } from '../../services/ecr/contract.ts'
import { type ContextOnDisk, contextOnDisk } from '../../test-kit/context-on-disk.test-kit.ts'
import type { ContainerSpec, RemovableRuntime, TaskNetwork } from '../task/task-runtime.ts'
import { busyboxImage, engineMissing, type TestEngine, testEngine } from '../test-kit/engine.test-kit.ts'
import { createContainerRuntime } from './container-runtime.ts'
import { type EmulatorNaming, emulatorNaming, filterOf } from './engine/naming.ts'
import { tagsOf } from './image/engine-images.ts'
import { removeEverything, removeLeftovers } from './leftovers.ts'

const options = { skip: engineMissing, timeout: 120_000 }
const database = 'main.cluster.ap-northeast-2.rds.amazonaws.com'

let engine: TestEngine
let context: ContextOnDisk
let runtime: RemovableRuntime
let image: StoredImage
let served: { name: string; port: number }[] = []

function respond(socket: Duplex, text: string): void {
  socket.end(text)
}

before(async () => {
  if (engineMissing) return
  engine = await testEngine()
  context = await contextOnDisk()
  runtime = createContainerRuntime(context, {
    names: () => [{ name: database, ports: [5432] }],
    serve(name, port, socket) {
      served.push({ name, port })
      respond(socket, `this is ${name}\n`)
    },
  })
  runtime.onMetadata((socket) =>
    respond(socket, 'HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nthe metadata\n'),
  )
  await runtime.endLeftovers()
  image = await busyboxImage(context.stateDir, {}, { Cmd: ['sleep', '1000'] })
})

after(async () => {
  if (engineMissing) return
  await runtime.close()
  await removeEverything(context.stateDir)
  await context[Symbol.asyncDispose]()
  await engine[Symbol.asyncDispose]()
})

let serial = 0

async function attach(
  more: { cpu?: number; memoryMiB?: number } = {},
): Promise<{ id: string; network: TaskNetwork }> {
  const id = `task-${++serial}`
  return { id, network: await runtime.attach({ taskId: id, images: [image], containerPorts: [], ...more }) }
}

async function start(task: { id: string; network: TaskNetwork }, more: Partial<ContainerSpec>) {
  const lines: string[] = []
  const container = await runtime.start({
    taskId: task.id,
    name: 'app',
    network: task.network,
    image,
    environment: {},
    containerPort: undefined,
    mounts: [],
    platformEnvironment: {},
    onOutput: (chunk) => void lines.push(...chunk),
    ...more,
  })
  container.markStarted()
  return { container, lines }
}

/** What a script writes, and how it ends. */
async function output(
  script: string,
  more: Partial<ContainerSpec> = {},
  task?: { id: string; network: TaskNetwork },
) {
  const own = task ?? (await attach())
  try {
    const { container, lines } = await start(own, { command: ['sh', '-c', script], ...more })
    const exit = await container.exited
    return { ...exit, text: lines.join('\n') }
  } finally {
    if (!task) await own.network.release()
  }
}

test(
  'containers of a task share localhost and one address, which this machine reaches; another task has another',
  options,
  async () => {
    const [one, two] = [await attach(), await attach()]
    assert.notEqual(one.network.address, two.network.address)
    await start(one, { name: 'web', command: ['httpd', '-f', '-p', '8080', '-h', '/etc'] })
    const within = await output('wget -q -O - http://localhost:8080/passwd', { name: 'beside' }, one)
    assert.match(within.text, /root:x:0/)
    const response = await fetch(`http://${one.network.address}:8080/passwd`)
    assert.equal(response.status, 200)
    const other = await output('wget -q -O - http://localhost:8080/passwd', { name: 'elsewhere' }, two)
    assert.notEqual(other.code, 0)
    await Promise.all([one.network.release(), two.network.release()])
  },
)

test('a container that uses more memory than its task has is killed, in AWS’s words', options, async () => {
  const task = await attach({ memoryMiB: 32 })
  const { code, reason } = await output('exec tail /dev/zero', {}, task)
  assert.equal(code, 137)
  assert.equal(reason, 'OutOfMemoryError: Container killed due to memory usage')
  await task.network.release()
})

test('a container that is stopped with SIGKILL has not run out of memory', options, async () => {
  const task = await attach({ memoryMiB: 32 })
  const { container } = await start(task, {})
  container.signal('SIGKILL')
  assert.deepEqual(await container.exited, { code: 137, signal: null })
  await task.network.release()
})

test('a container has the user, the limits and the read-only root of its definition', options, async () => {
  const directory = join(context.stateDir, 'data')
  await mkdir(directory, { mode: 0o777 })
  const { text, code } = await output(
    'id -u; ulimit -n; touch /x 2>/dev/null || echo read-only; touch /scratch/x && echo scratch; cat /data/x 2>/dev/null; touch /data/y 2>/dev/null || echo refused',
    {
      user: 'app',
      readonlyRootFilesystem: true,
      ulimits: [
        { name: 'nofile', softLimit: 321, hardLimit: 400 },
        { name: 'nproc', softLimit: 1000, hardLimit: 1000 },
      ],
      tmpfs: [{ containerPath: '/scratch', sizeMiB: 4, mountOptions: ['mode=1777'] }],
      mounts: [{ containerPath: '/data', directory, readOnly: true }],
    },
  )
  assert.equal(code, 0)
  assert.equal(text, '1000\n321\nread-only\nscratch\nrefused')
})

test(
  'the emulator adds four variables for its authority, and keeps those of the definition',
  options,
  async () => {
    const environment = { SSL_CERT_FILE: '/own.pem', JAVA_TOOL_OPTIONS: '-Xmx16m' }
    const { text } = await output('env; cat /.baton/ca.pem', { environment })
    const variables = Object.fromEntries(
      text.split('\n').map((line) => line.split(/=(.*)/s) as [string, string]),
    )
    assert.equal(variables.SSL_CERT_FILE, '/own.pem')
    assert.equal(variables.NODE_EXTRA_CA_CERTS, '/.baton/ca.pem')
    assert.equal(variables.AWS_CA_BUNDLE, '/.baton/bundle.pem')
    assert.match(variables.JAVA_TOOL_OPTIONS ?? '', /^-Xmx16m -Djavax\.net\.ssl\.trustStore=/)
    assert.ok(text.includes(context.authority.certificate.trim()))
  },
)

test('the bundle of RDS’s authorities that a variable names is the emulator’s', options, async () => {
  const environment = {
    DATABASE_URL: `postgres://${database}/app?sslrootcert=/etc/ssl/rds/global-bundle.pem`,
  }
  const { text } = await output('cat /etc/ssl/rds/global-bundle.pem', { environment })
  assert.ok(text.includes(context.authority.certificate.trim()))
})

test(
  'a name of the emulator resolves and is reached on AWS’s port, without a change of variables',
  options,
  async () => {
    served = []
    const { text } = await output(
      `nc ${database} 5432 </dev/null; (nc -w 1 ${database} 5433 </dev/null || echo refused) 2>&1`,
    )
    assert.equal(
      text,
      `this is ${database}\nnc: can't connect to remote host (${hostOf(text)}): Connection refused\nrefused`,
    )
    assert.deepEqual(served, [{ name: database, port: 5432 }])
  },
)

const hostOf = (text: string) => /\(([\d.]+)\)/.exec(text)?.[1]

test('metadata and credentials are at the address that AWS uses', options, async () => {
  const { text } = await output('wget -q -O - http://169.254.170.2/v4/token')
  assert.equal(text, 'the metadata')
})

test('a task knows itself by its own host name', options, async () => {
  const { text, code } = await output('hostname; wget -q -O /dev/null http://$(hostname):1/ 2>&1')
  assert.notEqual(code, 0)
  assert.match(text, /^task-\d+\nwget: can't connect to remote host \(10\.[\d.]+\): Connection refused$/)
})

test(
  'a health check has an exit code, a limit in time, and 127 for a command that is not there',
  options,
  async () => {
    const task = await attach()
    const { container } = await start(task, {})
    assert.equal(await container.run(['sh', '-c', 'exit 4'], 20_000), 4)
    assert.equal(await container.run(['no-such-command'], 20_000), 127)
    assert.equal(await container.run(['sleep', '100'], 300), null)
    container.signal('SIGKILL')
    await container.exited
    assert.equal(await container.run(['sh', '-c', 'exit 0'], 20_000), null)
    await task.network.release()
  },
)

test('an image for a machine that this one is not is refused before it is loaded', options, async () => {
  const foreign = await busyboxImage(context.stateDir, {}, { Cmd: ['sh'] }, { architecture: 's390x' })
  const task = await attach()
  await assert.rejects(
    runtime.prepare(foreign, task.network),
    /^Error: CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux\/\w+': the image is for linux\/s390x/,
  )
  await task.network.release()
})

test(
  'what a killed emulator left is ended by the next, and nothing of another emulator',
  options,
  async () => {
    const stateDir = await mkdtemp(join(tmpdir(), 'baton-killed-'))
    const here = import.meta.dirname
    const script = `
    const { contextOnDisk } = await import(${JSON.stringify(join(here, '../../test-kit/context-on-disk.test-kit.ts'))})
    const { createContainerRuntime } = await import(${JSON.stringify(join(here, 'container-runtime.ts'))})
    const context = await contextOnDisk({ stateDir: ${JSON.stringify(stateDir)} })
    const runtime = createContainerRuntime(context, { names: () => [], serve() {} })
    await runtime.endLeftovers()
    await runtime.attach({ taskId: 'task-1', images: [], containerPorts: [] })
    console.log('attached')
    setInterval(() => {}, 1000)`
    const emulator = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise((resolve) => emulator.stdout.once('data', resolve))
    const own = await attach()
    emulator.kill('SIGKILL')
    await new Promise((resolve) => emulator.once('exit', resolve))
    const naming = emulatorNaming(stateDir)
    assert.ok(await removeLeftovers(stateDir))
    assert.deepEqual(await leftOf(naming), [])
    // That of this test goes on.
    assert.equal((await output('echo here', {}, own)).text, 'here')
    await own.network.release()
    assert.ok((await tagsOf(engine.engine, naming)).length > 0)
    await removeEverything(stateDir)
    assert.deepEqual(await tagsOf(engine.engine, naming), [])
    await rm(stateDir, { recursive: true })
  },
)

test('a runtime that is closed leaves no container, network, file or socket', options, async () => {
  await using other = await contextOnDisk()
  const closing = createContainerRuntime(other, { names: () => [], serve: () => undefined })
  await closing.endLeftovers()
  const before = (await readdir(tmpdir())).filter((name) => name.startsWith('baton-relay-'))
  const network = await closing.attach({ taskId: 'task-1', images: [], containerPorts: [] })
  await network.release()
  await closing.close()
  assert.deepEqual(await leftOf(emulatorNaming(other.stateDir)), [])
  const sockets = (await readdir(tmpdir())).filter((name) => name.startsWith('baton-relay-'))
  assert.ok(sockets.length <= before.length)
  await removeEverything(other.stateDir)
})

async function leftOf(naming: EmulatorNaming): Promise<unknown[]> {
  const query = { all: true, filters: filterOf(naming) }
  const containers = await engine.engine.client.call<unknown[]>('GET', '/containers/json', { query })
  const networks = await engine.engine.client.call<unknown[]>('GET', '/networks', {
    query: { filters: filterOf(naming) },
  })
  return [...containers, ...networks]
}
