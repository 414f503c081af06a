/**
 * Why requests failed at the load balancer, in the emulator's event log, for a reader that looks for the cause of a lost
 * request: AWS writes as much into its access log. A balancer without targets fails hundreds of requests a second, and
 * the log is a ring that holds other things too, so only so many a second are logged; the rest is counted.
 */
import type { EventLog } from '../../../../event-log.ts'
import type { RequestFacts } from '../../rule/conditions.ts'

export interface FailedRequest {
  readonly status: number
  readonly reason: string
  readonly detail?: Readonly<Record<string, unknown>> | undefined
  readonly loadBalancer: string
  readonly targetGroupArn: string | undefined
  readonly target?: string
  readonly targetState?: string
  readonly facts: RequestFacts
}

export interface FailureLog {
  add(failed: FailedRequest): void
}

const perSecond = 20

export function createFailureLog(events: EventLog, now: () => number): FailureLog {
  let second = 0
  let logged = 0
  let suppressed = 0
  return {
    add({ facts, detail, ...failed }) {
      const current = Math.floor(now() / 1000)
      if (current !== second) {
        second = current
        logged = 0
      }
      if (logged >= perSecond) {
        suppressed++
        return
      }
      logged++
      events.emit('baton.elbv2', 'Request Failed', {
        ...failed,
        ...detail,
        method: facts.method,
        host: facts.host,
        path: facts.path,
        // How many failed since the last one that was logged.
        ...(suppressed > 0 ? { suppressed } : {}),
      })
      suppressed = 0
    },
  }
}
