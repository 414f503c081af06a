/** Watches the process while cases run: exceptions that nothing caught, turns of the event loop, the heap. */
import { setTimeout as sleep } from 'node:timers/promises'
import { inspect } from 'node:util'
import { Finding, type Watch } from './target.ts'

/** Another client waits at most this long, in milliseconds of the processor's time. */
const turnMsMax = 50
const heapBytesMax = 1536 * 1024 * 1024

export interface Guard extends Watch, Disposable {
  /** Runs one case within the deadline; fails for what nothing caught, too. */
  within(deadlineMs: number, work: () => Promise<void>): Promise<void>
}

export function openGuard(): Guard {
  const uncaught: unknown[] = []
  let tried: unknown
  const keep = (error: unknown) => void uncaught.push(error)
  process.on('uncaughtException', keep)
  process.on('unhandledRejection', keep)
  return {
    trying(input) {
      tried = input
    },
    async within(deadlineMs, work) {
      let timer: NodeJS.Timeout | undefined
      const finding = (what: string) => new Finding(`${what}\n  case: ${shown(tried)}`)
      const late = new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(new Finding(`no end after ${deadlineMs} ms`)), deadlineMs)
      })
      const ended = work()
      try {
        await Promise.race([ended, late])
      } catch (error) {
        ended.catch(() => undefined)
        throw finding(error instanceof Finding ? error.message : `it threw ${describe(error)}`)
      } finally {
        clearTimeout(timer)
      }
      await new Promise((resolve) => setImmediate(resolve))
      const [first] = uncaught.splice(0)
      if (first !== undefined) throw finding(`nothing caught ${describe(first)}`)
      const { heapUsed } = process.memoryUsage()
      if (heapUsed > heapBytesMax) throw finding(`the heap has ${Math.round(heapUsed / 1e6)} MB`)
    },
    async underOthers(work) {
      let turnMs = 0
      for (let attempt = 0; attempt < 3; attempt++) {
        const measured = await longestTurn(work)
        turnMs = measured.turnMs
        if (turnMs <= turnMsMax) return measured.result
      }
      throw new Finding(`other clients wait for ${Math.round(turnMs)} ms of the processor`)
    },
    [Symbol.dispose]() {
      process.off('uncaughtException', keep)
      process.off('unhandledRejection', keep)
    },
  }
}

/** The processor's time, not the clock's: other programs on the machine do not count. */
async function longestTurn<T>(work: () => Promise<T>): Promise<{ turnMs: number; result: T }> {
  let last = process.threadCpuUsage()
  let turnMs = 0
  const tick = () => {
    const { user, system } = process.threadCpuUsage(last)
    last = process.threadCpuUsage()
    turnMs = Math.max(turnMs, (user + system) / 1000)
  }
  const timer = setInterval(tick, 1)
  try {
    const result = await work()
    await sleep(1)
    tick()
    return { turnMs, result }
  } finally {
    clearInterval(timer)
  }
}

/** Bytes and texts as texts, shortened. */
function shown(input: unknown): string {
  const text = inspect(input, { depth: 8, maxStringLength: 1_000, maxArrayLength: 50, breakLength: 110 })
  return text.slice(0, 3_000)
}

/** An error with the places in the emulator where it happened. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const frames =
    error.stack?.split('\n').filter((line) => /^ +at /.test(line) && !line.includes('/test/fuzz/')) ?? []
  return [`${error.name}: ${error.message.slice(0, 1_000)}`, ...frames.slice(0, 6)].join('\n')
}
