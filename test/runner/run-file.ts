/**
 * Runs one test file as a process, with a deadline. A file that does not end in time is killed with all that it
 * started, and the tests that were under way are named: a hang is a failure like any other, not silence.
 */
import { execFile } from 'node:child_process'
import { Readable } from 'node:stream'
import { run } from 'node:test'
import { spec } from 'node:test/reporters'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'

export interface Failure {
  readonly file: string
  readonly test: string
  readonly error: string
}

export interface Skip {
  readonly file: string
  readonly test: string
  /** As the test says it, such as "skopeo is not installed"; empty when it does not say. */
  readonly reason: string
}

export interface FileResult {
  readonly file: string
  readonly passed: number
  readonly failures: readonly Failure[]
  readonly skips: readonly Skip[]
  readonly durationMs: number
  /** What the test reporter wrote. */
  readonly output: string
}

export interface FileOptions {
  readonly cwd: string
  readonly timeoutMs: number
}

/** Runs the tests of a file, an absolute path. Never rejects because of what the tests do. */
export async function runFile(file: string, { cwd, timeoutMs }: FileOptions): Promise<FileResult> {
  const started = performance.now()
  const under = new Map<string, string>()
  const failures: Failure[] = []
  const skips: Skip[] = []
  let passed = 0
  let output = ''
  const abort = new AbortController()
  const stream = run({ files: [file], concurrency: 1, cwd, signal: abort.signal })
  const key = ({ line, column, name }: { line?: number; column?: number; name: string }) =>
    `${line}:${column}:${name}`
  const hung: string[] = []
  let errors = ''
  const timer = setTimeout(async () => {
    hung.push(...under.values())
    // SIGTERM first would let a file with a handler of its own go on.
    await killTree(file)
    abort.abort()
  }, timeoutMs)

  stream.on('test:dequeue', (event) => {
    if (event.name !== file) under.set(key(event), event.name)
  })
  stream.on('test:complete', (event) => void under.delete(key(event)))
  stream.on('test:stderr', ({ message }) => {
    errors = `${errors}${message}`.slice(-2_000)
  })
  stream.on('test:pass', (event) => {
    if (event.details.type === 'suite' || event.name === file) return
    const left = event.skip ?? event.todo
    if (left === undefined) passed++
    else skips.push({ file, test: event.name, reason: typeof left === 'string' ? left : '' })
  })
  stream.on('test:fail', (event) => {
    const { type, error } = event.details
    if (type === 'suite' && (error as { failureType?: string }).failureType === 'subtestsFailed') return
    if (timedOut()) return
    if (event.name === file) failures.push({ file, test: 'the file', error: `${error.message}\n${errors}` })
    else failures.push({ file, test: event.name, error: describe(error) })
  })
  for await (const part of Readable.from(withoutTotals(stream)).pipe(new spec())) output += part
  clearTimeout(timer)
  if (timedOut()) {
    const tests = hung.length > 0 ? hung.map((name) => `“${name}”`).join(', ') : 'no test was under way'
    const error = `did not end within ${timeoutMs / 1000} s and was killed. Under way: ${tests}`
    failures.push({ file, test: 'the file', error })
  } else if (passed + failures.length + skips.length === 0) {
    failures.push({ file, test: 'the file', error: 'holds no test' })
  }
  // The failures come once, at the end of the whole run.
  const names = output.split(/\n?✖ failing tests:\n/)[0]?.trimEnd() ?? ''
  return { file, passed, failures, skips, durationMs: performance.now() - started, output: names }

  function timedOut(): boolean {
    return performance.now() - started >= timeoutMs
  }
}

/** The run's events without its totals: those of one file are noise among those of two hundred. */
async function* withoutTotals(events: AsyncIterable<{ type: string; data: unknown }>) {
  for await (const event of events) {
    const { nesting, message = '' } = event.data as { nesting?: number; message?: string }
    const total = /^(tests|suites|pass|fail|cancelled|skipped|todo|duration_ms) [\d.]+$/.test(message)
    if (event.type !== 'test:summary' && !(total && nesting === 0)) yield event
  }
}

function describe(error: Error & { cause?: unknown }): string {
  const cause = error.cause instanceof Error ? error.cause : error
  return cause.stack ?? cause.message
}

const ask = promisify(execFile)

/** Kills the process of this runner that runs the file, and all that descend from it. */
async function killTree(file: string): Promise<void> {
  const { stdout } = await ask('ps', ['-Ao', 'pid=,ppid=,args='], { maxBuffer: 64 << 20 })
  const processes = stdout.split('\n').flatMap((line) => {
    const [, pid, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? []
    return pid === undefined ? [] : [{ pid: Number(pid), parent: Number(parent), command }]
  })
  const descendants = (pid: number): number[] => [
    ...processes.filter(({ parent }) => parent === pid).flatMap((child) => descendants(child.pid)),
    pid,
  ]
  const roots = processes.filter(({ parent, command }) => parent === process.pid && command.includes(file))
  for (const pid of roots.flatMap((root) => descendants(root.pid))) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  await sleep(100)
}
