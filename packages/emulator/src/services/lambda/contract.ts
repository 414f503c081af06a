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
   * Begins an asynchronous invocation, as a service that has something to tell does it; false where this emulator has
   * no function of that ARN. It is kept until it succeeds or is given up; each attempt stands in the function's log.
   */
  invokeEvent(functionArn: string, payload: string): boolean
}
