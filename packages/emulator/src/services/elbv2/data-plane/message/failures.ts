/**
 * Why a request to a target failed, and the status with which ALB answers it.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html
 */
import { ConnectionTimeout, isHandshakeError } from '../target/connections.ts'

/** The deregistration delay of a target is over, and a request to it is not. */
export class DrainingOver extends Error {
  constructor() {
    super('the deregistration delay was over before the target had answered')
    this.name = 'DrainingOver'
  }
}

export interface Failure {
  readonly status: number
  /** For people. */
  readonly reason: string
  /** What of the connection to the target did not come about. */
  readonly connecting?: 'connect' | 'tls'
  readonly detail?: Readonly<Record<string, unknown>>
}

/** The connection that the request was given to had been closed by the target, idle, on its way. */
export const lostOnClosedConnection = (idleMs: number): Failure => ({
  status: 502,
  reason:
    "the target closed an idle connection that the load balancer still used: its keep-alive is shorter than the load balancer's idle time-out",
  detail: { idleMs: Math.round(idleMs) },
})

/** `reused` tells whether the connection had carried a request before. */
export function failureOf(error: Error, reused: boolean): Failure {
  if (error instanceof ConnectionTimeout) {
    if (error.kind === 'idle') return { status: 504, reason: error.message }
    return { status: 504, reason: error.message, connecting: error.kind === 'connect' ? 'connect' : 'tls' }
  }
  if (error instanceof DrainingOver) return { status: 502, reason: error.message }
  const code = 'code' in error ? String(error.code) : error.name
  const detail = { error: code, reused }
  if ('syscall' in error && error.syscall === 'connect') {
    return { status: 502, reason: 'the target refused the connection', connecting: 'connect', detail }
  }
  if (isHandshakeError(error)) {
    return { status: 502, reason: 'the TLS handshake with the target failed', connecting: 'tls', detail }
  }
  if (code === 'HPE_HEADER_OVERFLOW') {
    return { status: 502, reason: 'the headers of the target exceed 32 KB', detail }
  }
  if (code.startsWith('HPE_')) return { status: 502, reason: 'the target broke HTTP', detail }
  return {
    status: 502,
    reason: 'the target closed the connection before it answered',
    detail: { ...detail, message: error.message },
  }
}
