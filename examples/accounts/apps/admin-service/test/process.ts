/** Programs of the sample product as processes of their own, as a task runs them. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface Finished {
  readonly code: number | null
  readonly lines: readonly Record<string, unknown>[]
  /** Standard output and error. */
  readonly output: string
}

export interface Program {
  readonly lines: Record<string, unknown>[]
  readonly finished: Promise<Finished>
  kill(signal: NodeJS.Signals): void
}

/** Runs `main.ts` of a package of the sample product with nothing but `env` in its environment. */
export function run(name: string, env: Record<string, string>): Program {
  const main = fileURLToPath(new URL(`../../${name}/src/main.ts`, import.meta.url))
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  const lines: Record<string, unknown>[] = []
  let output = ''
  let rest = ''
  child.stdout.on('data', (chunk) => {
    output += chunk
    const complete = `${rest}${chunk}`.split('\n')
    rest = complete.pop() ?? ''
    for (const line of complete) lines.push(JSON.parse(line))
  })
  child.stderr.on('data', (chunk) => {
    output += chunk
  })
  const finished = once(child, 'close').then(([code]) => ({ code, lines, output }))
  return { lines, finished, kill: (signal) => void child.kill(signal) }
}

export interface RunningService {
  readonly url: string
  readonly program: Program
  /** SIGTERM, and the exit code that follows. */
  stop(): Promise<number | null>
}

/** Runs a service and waits until it listens. */
export async function startService(name: string, env: Record<string, string>): Promise<RunningService> {
  const program = run(name, { HOST: '127.0.0.1', PORT: '0', ...env })
  let ended: Finished | undefined
  void program.finished.then((finished) => {
    ended = finished
  })
  for (;;) {
    const line = program.lines.find(({ msg }) => String(msg).startsWith('Server listening at '))
    if (line) {
      const url = String(line.msg).replace('Server listening at ', '')
      const stop = async () => {
        program.kill('SIGTERM')
        return (await program.finished).code
      }
      return { url, program, stop }
    }
    if (ended) throw new Error(`${name} ended with ${ended.code}:\n${ended.output}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
