/**
 * Open-loop load: requests are due at a constant rate and are sent when due, whether the last ones have been
 * answered or not, as visitors are. Latency counts from when a request was due.
 */
import type { Traffic } from '../traffic.ts'
import { pickKind } from './mix.ts'
import type { LedgerEntry, LoadOptions, RequestRecord } from './record.ts'
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
  const rate = options.rate ?? traffic.rate
  const startedAt = Date.now()
  const underWay = new Set<Promise<void>>()
  let sent = 0

  async function send(visitor: Visitors, dueAt: number): Promise<void> {
    const kind = pickKind(Math.random())
    const outcome = await visitor.send(kind)
    onRecord({ startedAt: dueAt, latencyMs: Date.now() - dueAt, site: visitor.site, kind, ...outcome })
  }

  const timer = setInterval(() => {
    const due = Math.floor(((Date.now() - startedAt) * rate) / 1000)
    for (; sent < due; sent++) {
      const visitor = visitors[sent % visitors.length]
      if (!visitor) return
      const request = send(visitor, startedAt + (sent * 1000) / rate)
      underWay.add(request)
      request.finally(() => underWay.delete(request))
    }
  }, tickMs)

  return {
    async stop() {
      clearInterval(timer)
      await Promise.all(underWay)
      const lost = await Promise.all(visitors.map((visitor) => visitor.lostWrites()))
      await Promise.all(visitors.map((visitor) => visitor.close()))
      return lost.flat()
    },
  }
}
