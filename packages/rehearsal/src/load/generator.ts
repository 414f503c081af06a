/**
 * Open-loop load: requests are due at a constant rate and are sent when due, whether the last ones have been
 * answered or not, as visitors are. Latency counts from when a request was due.
 */
import type { Traffic } from '../traffic/traffic.ts'
import { timeoutMs } from './client.ts'
import { pickKind } from './mix.ts'
import type { LedgerEntry, LoadOptions, Outcome, RequestRecord } from './record.ts'
import { Visitors } from './visitors.ts'

export interface Load {
  /** Sends no more, waits for what is under way, and returns the acknowledged writes that the product has lost. */
  stop(): Promise<readonly LedgerEntry[]>
}

const tickMs = 5

/** Starts the load; `onRecord` is called once per request, when it is over. */
export function startLoad(
  traffic: Traffic,
  options: LoadOptions,
  onRecord: (record: RequestRecord) => void,
): Load {
  const visitors = traffic.audiences.map((audience) => new Visitors(audience, options))
  const ramp: Ramp = { perMs: (options.rate ?? traffic.rate) / 1000, warmUpMs: options.warmUpMs }
  const startedAt = Date.now()
  const underWay = new Set<Promise<void>>()
  let sent = 0

  async function send(visitor: Visitors, due: number): Promise<void> {
    const kind = pickKind(Math.random())
    const outcome = await visitor.send(kind)
    const latencyMs = Date.now() - due
    // A client waits no longer than its timeout, whatever kept the request waiting.
    const late: Partial<Outcome> =
      latencyMs > timeoutMs && !outcome.cause
        ? { cause: 'time-out', detail: `answered ${Math.round(latencyMs / 1000)} s after it was due` }
        : {}
    onRecord({ startedAt: due, latencyMs, site: visitor.site, kind, ...outcome, ...late })
  }

  const timer = setInterval(() => {
    const due = dueBy(Date.now() - startedAt, ramp)
    for (; sent < due; sent++) {
      const visitor = visitors[sent % visitors.length]
      if (!visitor) return
      const request = send(visitor, startedAt + dueAt(sent, ramp))
      underWay.add(request)
      request.finally(() => underWay.delete(request))
    }
  }, tickMs)

  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(underWay)
      const stoppedAt = Date.now()
      const results = await Promise.all(
        visitors.map(async (visitor) => ({ site: visitor.site, ...(await visitor.readBack()) })),
      )
      for (const { site, failure } of results) {
        if (failure)
          onRecord({
            startedAt: stoppedAt,
            latencyMs: Date.now() - stoppedAt,
            site,
            kind: 'read',
            ...failure,
          })
      }
      await Promise.all(visitors.map((visitor) => visitor.close()))
      return results.flatMap(({ lost }) => lost)
    },
  }
}

/** A rate that rises evenly from nothing to full, and then holds. */
export interface Ramp {
  readonly perMs: number
  readonly warmUpMs: number
}

/** How many requests are due after `elapsedMs`. */
function dueBy(elapsedMs: number, { perMs, warmUpMs }: Ramp): number {
  if (elapsedMs < warmUpMs) return Math.floor((perMs * elapsedMs ** 2) / (2 * warmUpMs))
  return Math.floor(perMs * (elapsedMs - warmUpMs / 2))
}

/** After how many milliseconds the n-th request (from 0) is due. */
function dueAt(n: number, { perMs, warmUpMs }: Ramp): number {
  const whileRising = (perMs * warmUpMs) / 2
  return n < whileRising ? Math.sqrt((2 * warmUpMs * n) / perMs) : n / perMs + warmUpMs / 2
}
