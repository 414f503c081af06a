/**
 * What happens to the emulator, or to the machine, at a random moment of the work that is under way. Each resolves, with
 * the milliseconds that it took, when the fault is over and the emulator serves; then everything must hold.
 */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readdirSync, readFileSync, rmSync, writeSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { EmulatorError, startEmulator } from '@baton/emulator/client'
import { eventually } from './invariants.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import type { Stage } from './stage.ts'

export type Fault = (scene: Scene, random: Random) => Promise<number>

const program = fileURLToPath(new URL('../../packages/cli/bin/baton.js', import.meta.url))

/** `kill -9` of the emulator, which is started again. */
export const emulatorKilled: Fault = async ({ stage }) => {
  await stage.kill()
  return stage.start()
}

/** `kill -9` of PostgreSQL, which the emulator starts again by itself. */
const databaseKilled: Fault = async ({ stage }) => {
  const from = performance.now()
  const [killed, ...others] = databaseServers(stage)
  if (killed === undefined || others.length > 0) throw new Error('there is not one database server')
  process.kill(killed, 'SIGKILL')
  await eventually(async () => {
    const servers = databaseServers(stage)
    if (servers.length !== 1 || servers[0] === killed) throw new Error('the database server is not back')
  })
  return performance.now() - from
}

/** The machine sleeps, or a debugger holds the emulator: all of its waits are over at once afterwards. */
const emulatorSuspended: Fault = async ({ stage }, random) => {
  const from = performance.now()
  const { pid } = stage.emulator()
  process.kill(pid, 'SIGSTOP')
  try {
    await pause(200 + random.next() * 4_000)
  } finally {
    process.kill(pid, 'SIGCONT')
  }
  return performance.now() - from
}

/** The emulator is killed, and cannot start because another program has its port. */
const portTaken: Fault = async ({ stage }) => {
  await stage.kill()
  const other = createServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const { port: api } = other.address() as AddressInfo
  try {
    const { stateDir, speed } = stage
    const ports = { api, http: 0, https: 0, dns: 0 }
    const started = await startEmulator({ stateDir, speed, ports }).catch((error) => error)
    if (!(started instanceof EmulatorError) || !started.message.includes(String(api)))
      throw new Error(`a port that is taken is reported as ${started}`)
  } finally {
    other.close()
  }
  return stage.start()
}

/** `kill -9` of `baton down` at a random moment; the next one does what is left. */
const commandKilled: Fault = async ({ stage }, random) => {
  const first = down(stage)
  await pause(random.next() * 1_500)
  first.kill('SIGKILL')
  await ended(first)
  const code = await ended(down(stage))
  if (code !== 0) throw new Error(`baton down ended with ${code} after one that was killed`)
  await stage.ended()
  return stage.start()
}

const down = ({ directory }: Stage) =>
  spawn(process.execPath, [program, '--state-dir', directory, 'down'], { stdio: 'ignore' })

const ended = (child: ReturnType<typeof down>): Promise<number | null> =>
  new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) resolve(child.exitCode)
    else child.once('exit', resolve)
  })

/** Nothing can be written to the disk of the emulator for a while. Needs a small disk. */
const diskFull: Fault = async ({ stage }, random) => {
  const from = performance.now()
  const file = join(stage.directory, 'full')
  try {
    fill(file)
    await pause(200 + random.next() * 2_000)
  } finally {
    rmSync(file, { force: true })
  }
  return performance.now() - from
}

function fill(file: string): void {
  const descriptor = openSync(file, 'w')
  try {
    for (let size = 2 ** 20; size >= 1; ) {
      try {
        writeSync(descriptor, Buffer.alloc(size))
      } catch {
        size = Math.floor(size / 16)
      }
    }
  } finally {
    closeSync(descriptor)
  }
}

/** PostgreSQL's process that the emulator started itself; it starts the others. */
function databaseServers(stage: Stage): number[] {
  const parent = String(stage.emulator().pid)
  return readdirSync('/proc').flatMap((entry) => {
    try {
      const [command = ''] = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0')
      const stat = readFileSync(`/proc/${entry}/stat`, 'utf8')
      // After the name in parentheses: the state and the parent.
      const isChild = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1] === parent
      return isChild && command.endsWith('/postgres') ? [Number(entry)] : []
    } catch {
      return []
    }
  })
}

export const faults = {
  emulatorKilled,
  databaseKilled,
  emulatorSuspended,
  portTaken,
  commandKilled,
  diskFull,
} as const

export type FaultName = keyof typeof faults

/** What a seed draws. A full disk is tried by its name only: it needs a small file system, which only root can mount. */
export const drawnFaults = [
  'emulatorKilled',
  'databaseKilled',
  'emulatorSuspended',
  'portTaken',
  'commandKilled',
] as const satisfies readonly FaultName[]
