/** What Lambda offers the other services of the emulator. */
import type { Service } from '../../service.ts'

export interface Invocation {
  /** Name, alias-qualified name or ARN. */
  readonly functionName: string
  /** JSON text; `{}` when left out. */
  readonly payload?: string
}

export interface InvocationResult {
  /** JSON text of what the handler returned, or of its error. */
  readonly payload: string
  /** Set when the handler threw, timed out or ended its process. */
  readonly functionError?: 'Unhandled'
  /** Last lines of its log. */
  readonly logTail: string
  readonly executedVersion: string
}

export interface Lambda extends Service {
  /** Runs the function and resolves with its result; rejects when there is no such function. */
  invoke(invocation: Invocation): Promise<InvocationResult>
  /**
   * Starts an asynchronous invocation, as a service does for a notification; false where this emulator has
   * no function of that ARN. It is stored until it succeeds or expires; each attempt is in the function's log.
   */
  invokeEvent(functionArn: string, payload: string): boolean
}
