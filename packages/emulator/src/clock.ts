/**
 * One clock for the whole emulator.
 *
 * AWS takes its time: tasks are provisioned in half a minute, health checks come every ten seconds, a canary
 * lasts five minutes. A rehearsal compresses what AWS decides and never what races the application's own code,
 * or it would find faults that AWS does not have and miss those that it has. So there are two kinds of waiting,
 * and a caller that waits must say which:
 *
 * - `awsMs`: provisioning, health-check intervals, shift intervals, waits, bake, alarm periods, cool-downs,
 *   schedules. Divided by the speed.
 * - `realMs`: idle, connect, response and health-check time-outs, `stopTimeout`, the cut-off of draining, the
 *   running time of a hook, signatures, credentials. Never divided.
 *
 * Time stamps on the wire are the wall clock's.
 */
export interface Clock {
  /** How much faster AWS's own time passes here; 1 is real time. */
  readonly speed: number
  /** Wall-clock time in milliseconds since the epoch. */
  now(): number
  /** Waits for a duration that AWS decides; resolves after `awsMs / speed`. Rejects with the signal's reason. */
  sleepAws(awsMs: number, signal?: AbortSignal): Promise<void>
  /** Waits for a duration that races the application's code; resolves after `realMs`, at any speed. */
  sleepReal(realMs: number, signal?: AbortSignal): Promise<void>
  /**
   * Calls `tick` every `awsMs / speed` until the returned function is called. Ticks never overlap; one that throws is
   * reported, and the next comes when it is due.
   */
  everyAws(awsMs: number, tick: () => void | Promise<void>): () => void
  /** How long a duration that AWS decides lasts here, in milliseconds of wall-clock time. */
  toReal(awsMs: number): number
}

/** The clock of this machine; `speed` is at least 1. `report` is called with the error of every tick that threw. */
export function systemClock(speed = 1, report: (error: unknown) => void = log): Clock {
  if (!(speed >= 1 && Number.isFinite(speed))) throw new RangeError(`speed must be 1 or more, not ${speed}`)
  const toReal = (awsMs: number) => awsMs / speed
  return {
    speed,
    now: Date.now,
    toReal,
    sleepAws: (awsMs, signal) => sleep(toReal(awsMs), signal),
    sleepReal: sleep,
    everyAws(awsMs, tick) {
      const stop = new AbortController()
      beat(toReal(awsMs), reporting(tick, report), stop.signal).catch((error) => {
        if (!stop.signal.aborted) throw error
      })
      return () => stop.abort()
    },
  }
}

const log = (error: unknown) => console.error('a tick failed:', error)

/** What failed once (a disk that was full for a moment) must not end what ticks for the emulator's whole life. */
function reporting(tick: () => void | Promise<void>, report: (error: unknown) => void) {
  return async () => {
    try {
      await tick()
    } catch (error) {
      report(error)
    }
  }
}

/**
 * Ticks fall on multiples of the interval since the start, however long one takes: added to every interval, a
 * tick's own time and the timer's rounding would make AWS's minute half as long again at a high speed. A tick that
 * falls due during another is left out.
 */
async function beat(everyMs: number, tick: () => Promise<void>, signal: AbortSignal): Promise<void> {
  let due = performance.now() + everyMs
  while (!signal.aborted) {
    await sleepUntil(due, signal)
    await tick()
    const late = performance.now() - due
    due += everyMs * Math.max(1, Math.ceil(late / everyMs))
  }
}

/** The longest that one timer of Node takes: beyond it, it fires at once. */
const timerMaxMs = 2 ** 31 - 1

const sleep = (ms: number, signal?: AbortSignal) => sleepUntil(performance.now() + ms, signal)

/** Never ends early: a timer counts whole milliseconds and 24 days at most, so what is left is slept again. */
function sleepUntil(due: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason)
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal?.reason)
    }
    const wake = () => {
      if (due > performance.now()) {
        timer = arm()
        return
      }
      signal?.removeEventListener('abort', onAbort)
      resolve()
    }
    const arm = () => setTimeout(wake, Math.min(Math.max(0, Math.ceil(due - performance.now())), timerMaxMs))
    let timer = arm()
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}
