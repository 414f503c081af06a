/**
 * The place of one journey: a folder of its own for the state, for temporary files and for a configuration, the
 * command run in it as a user runs it, and the proof that nothing of it is left.
 */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import platform from '../../examples/accounts/baton.config.ts'
import type { Endpoints } from '../../packages/emulator/src/client/index.ts'
import { followLineage, type Lineage, processesAreVisible } from './processes.ts'

/** Those of `up`: journeys run side by side. */
export const anyPorts = ['--api-port', '0', '--http-port', '0', '--https-port', '0', '--dns-port', '0']

export const repository = fileURLToPath(new URL('../..', import.meta.url))
/** The sample product: what a command without --config is about. */
const sample = join(repository, 'examples/accounts')
const command = join(repository, 'packages/cli/bin/baton.js')

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
  readonly durationMs: number
}

export interface Running {
  readonly pid: number
  readonly ended: Promise<Ended>
  /** Resolves when standard error has shown it. */
  shows(pattern: RegExp): Promise<void>
  interrupt(signal?: NodeJS.Signals): void
}

export interface Workspace {
  readonly root: string
  /** What the commands that have ended here wrote to both outputs. */
  readonly printed: readonly { readonly args: readonly string[]; readonly text: string }[]
  readonly stateDir: string
  /** What the commands that start from here on find in their environment besides this process's own. */
  readonly environment: Record<string, string>
  /** Writes a configuration: this repository's own, changed. */
  configure(change?: (platform: Input) => unknown): string
  /** Writes a configuration file as it is. */
  write(name: string, text: string): string
  /** Starts the command, in the repository's folder and with this workspace's state. */
  start(...args: string[]): Running
  /** Runs the command to its end. */
  run(...args: string[]): Promise<Ended>
  /** Fails unless every process, port and temporary file of all that ran here is gone. */
  nothingLeft(options?: { readonly stateKept?: boolean }): Promise<void>
  /** Ends whatever a failed journey left, by process id, and removes the folder. */
  close(): Promise<void>
}

export type Input = typeof platform

export interface WorkspaceOptions {
  /** Only its owner may enter the folder of the state, as below a home directory. */
  readonly isPrivate?: boolean
}

export function openWorkspace(options: WorkspaceOptions = {}): Workspace {
  const root = mkdtempSync(join(tmpdir(), 'baton-journey-'))
  chmodSync(root, 0o755)
  const home = join(root, 'home')
  mkdirSync(home, { mode: options.isPrivate ? 0o700 : 0o755 })
  const stateDir = join(home, 'state')
  const temporary = join(root, 'tmp')
  mkdirSync(temporary)
  const lineages: Lineage[] = []
  const children: ChildProcess[] = []
  const endpoints = new Map<string, Endpoints>()
  const watch = setInterval(() => noteEndpoints(stateDir, endpoints), 200).unref()

  const printed: { args: readonly string[]; text: string }[] = []
  const workspace: Workspace = {
    root,
    printed,
    stateDir,
    environment: {},
    configure(change = (input) => input) {
      return this.write('baton.config.ts', `export default ${JSON.stringify(change(placed()), null, 2)}\n`)
    },
    write(name, text) {
      const file = join(root, name)
      writeFileSync(file, text)
      return file
    },
    start(...args) {
      const child = spawn(process.execPath, [command, '--state-dir', stateDir, ...args], {
        cwd: sample,
        env: {
          ...process.env,
          TMPDIR: temporary,
          NO_COLOR: '1',
          NODE_TEST_CONTEXT: undefined,
          ...workspace.environment,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      })
      children.push(child)
      lineages.push(followLineage(child.pid ?? 0, root))
      const started = running(child)
      const note = ({ stdout, stderr }: Ended) => void printed.push({ args, text: stdout + stderr })
      started.ended.then(note, () => undefined)
      return started
    },
    run: (...args) => workspace.start(...args).ended,
    async nothingLeft({ stateKept = false } = {}) {
      noteEndpoints(stateDir, endpoints)
      for (const lineage of lineages) assert.deepEqual(await lineage.left(), [])
      for (const { api, http, https, dns } of endpoints.values()) {
        for (const url of [api, http, https, `tcp://${dns}`]) assert.equal(await listens(url), false, url)
      }
      // What stays for the next run: a copy of the database server; beside a private state, its data.
      const caches = stateKept ? /^baton-(postgres|rds)-/ : /^baton-postgres-/
      const files = readdirSync(temporary).filter((name) => !caches.test(name))
      assert.deepEqual(files, [], 'temporary files')
      if (!stateKept) {
        const kept = ['cache', 'sites', 'terraform']
        const state = readNames(stateDir).filter((name) => !kept.includes(name))
        assert.deepEqual(state, [], 'state')
      }
    },
    async close() {
      clearInterval(watch)
      for (const child of children) child.kill('SIGKILL')
      for (const lineage of lineages) {
        for (const { pid } of await lineage.left()) tryKill(pid)
        lineage.close()
      }
      rmSync(root, { recursive: true, force: true, maxRetries: 5 })
    },
  }
  return workspace
}

/** No command shows its user a stack trace. */
export function assertNoStack({ stdout, stderr }: Ended): void {
  assert.doesNotMatch(`${stdout}${stderr}`, /^\s+at .*:\d+/m)
  assert.doesNotMatch(`${stdout}${stderr}`, /node:internal|Node\.js v\d/)
}

/** This repository's platform with absolute paths. */
function placed(): Input {
  const at = (path: string) => resolve(sample, path)
  const { sites = {}, services, database } = platform
  return {
    ...platform,
    sites: mapValues(sites, (site) => ({ ...site, source: at(site.source) })),
    services: mapValues(services, (service) => ({ ...service, source: at(service.source ?? '.') })),
    ...(database && { database: { ...database, migrations: at(String(database.migrations)) } }),
  }
}

function mapValues<V, W>(record: Readonly<Record<string, V>>, map: (value: V) => W): Record<string, W> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]))
}

function running(child: ChildProcess): Running {
  const startedAt = Date.now()
  let [stdout, stderr] = ['', '']
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text
  })
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text
    child.emit('shown')
  })
  const ended = new Promise<Ended>((done, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => {
      done({ code, signal, stdout, stderr, durationMs: Date.now() - startedAt })
    })
  })
  return {
    pid: child.pid ?? 0,
    ended,
    shows: (pattern) =>
      new Promise((done, reject) => {
        const look = () => {
          if (pattern.test(stderr)) done()
        }
        child.on('shown', look)
        ended.then(
          () => reject(new Error(`It ended without showing ${pattern}:\n${stderr.slice(-2_000)}`)),
          reject,
        )
        look()
      }),
    interrupt: (signal = 'SIGINT') => void child.kill(signal),
  }
}

/** Emulators say where they listen in a file of their state, which goes away with them. */
function noteEndpoints(stateDir: string, noted: Map<string, Endpoints>): void {
  for (const folder of ['emulator', 'rehearsal/emulator']) {
    try {
      const description = JSON.parse(readFileSync(join(stateDir, folder, 'emulator.json'), 'utf8'))
      noted.set(description.endpoints.api, description.endpoints)
    } catch {
      // None runs there now.
    }
  }
}

/** Whether something accepts connections at the port of a URL, on this machine. */
const listens = (url: string) => accepts(`127.0.0.1:${new URL(url).port}`)

/** Whether something accepts connections at `ADDRESS:PORT`. */
export function accepts(place: string): Promise<boolean> {
  const { hostname, port } = new URL(`tcp://${place}`)
  return new Promise((done) => {
    const socket = connect({ host: hostname, port: Number(port) })
    const answer = (is: boolean) => {
      socket.destroy()
      done(is)
    }
    socket.once('connect', () => answer(true)).once('error', () => answer(false))
  })
}

function readNames(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended by itself.
  }
}

/** Says loudly why a part of a journey could not be made on this machine. */
export const invisible = processesAreVisible ? false : 'processes of this system cannot be read'
