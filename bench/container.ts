/**
 * How long a container of a task takes from its start to its first answer, beside `podman run` of the same image in the same
 * run: `npm run bench:container`. The task's network interface is not part of it, as it is made while Fargate provisions; it
 * is reported on its own. The last line is a JSON object; the exit status is not zero where the ratio is above its bound.
 */
import { execFileSync } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { createContainerRuntime } from '../packages/emulator/src/runtime/container/container-runtime.ts'
import { removeEverything } from '../packages/emulator/src/runtime/container/leftovers.ts'
import {
  busyboxImage,
  engineMissing,
  testEngine,
} from '../packages/emulator/src/runtime/test-kit/engine.test-kit.ts'
import { contextOnDisk } from '../packages/emulator/src/test-kit/context-on-disk.test-kit.ts'

const rounds = Number(process.argv[2] ?? 7)
const bound = 1.2

if (engineMissing) {
  console.error(`This bench cannot run: ${engineMissing}.`)
  process.exit(1)
}
await using _engine = await testEngine()
await using context = await contextOnDisk()
const runtime = createContainerRuntime(context, { names: () => [], serve: () => undefined })
await runtime.endLeftovers()
const command = ['httpd', '-f', '-p', '8080', '-h', '/etc']
const image = await busyboxImage(context.stateDir, {}, { Cmd: command })
const times: Record<'task' | 'attach' | 'podman', number[]> = { task: [], attach: [], podman: [] }

try {
  for (let round = 0; round < rounds; round++) {
    times.podman.push(await podmanRun(round))
    const { attachMs, startMs } = await taskStart(round)
    times.task.push(startMs)
    times.attach.push(attachMs)
  }
} finally {
  await runtime.close()
  await removeEverything(context.stateDir)
}
const [task, attach, podman] = [median(times.task), median(times.attach), median(times.podman)]
const ratio = task / podman
console.log(
  `a container of a task ${task.toFixed(0)} ms, podman run ${podman.toFixed(0)} ms, its network ${attach.toFixed(0)} ms`,
)
console.log(
  JSON.stringify({
    bench: 'container',
    rounds,
    taskMs: task,
    podmanRunMs: podman,
    attachMs: attach,
    ratio,
    bound,
    passed: ratio <= bound,
  }),
)
if (ratio > bound) process.exitCode = 1

async function taskStart(round: number): Promise<{ attachMs: number; startMs: number }> {
  const taskId = `bench-${round}`
  const begin = performance.now()
  const network = await runtime.attach({ taskId, images: [image], containerPorts: [8080] })
  await runtime.prepare(image, network)
  const attached = performance.now()
  const container = await runtime.start({
    taskId,
    name: 'app',
    network,
    image,
    environment: {},
    containerPort: 8080,
    mounts: [],
    platformEnvironment: {},
    onOutput: () => undefined,
  })
  container.markStarted()
  await answers(network.address)
  const ready = performance.now()
  container.signal('SIGKILL')
  await container.exited
  await network.release()
  // The next one’s network is made ahead, and is not part of a start.
  await sleep(1_000)
  return { attachMs: attached - begin, startMs: ready - attached }
}

async function podmanRun(round: number): Promise<number> {
  const podman = (...parameters: string[]) => execFileSync('podman', parameters, { encoding: 'utf8' }).trim()
  const names = podman('images', '--format', '{{.Repository}}:{{.Tag}}')
  const name = names.split('\n').find((each) => each.endsWith(image.digest.slice('sha256:'.length)))
  if (name === undefined) {
    // The first task loads it.
    await taskStart(-1)
    return podmanRun(round)
  }
  const begin = performance.now()
  const id = podman('run', '--detach', name)
  const address = podman('inspect', '--format', '{{.NetworkSettings.IPAddress}}', id)
  await answers(address)
  const ready = performance.now()
  podman('rm', '--force', '--time', '0', id)
  return ready - begin
}

async function answers(address: string): Promise<void> {
  for (;;) {
    const response = await fetch(`http://${address}:8080/passwd`).catch(() => undefined)
    await response?.arrayBuffer()
    if (response?.ok) return
    await sleep(2)
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN
}
