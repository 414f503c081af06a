/** Errors of AWS's services, as every layer of the emulator throws them. */

/**
 * An error as AWS gives it on the wire. Each service's `errors.ts` builds its own by exact code, message and
 * status; anything else that is thrown becomes `InternalFailure` (500) and is logged.
 */
export class AwsError extends Error {
  readonly code: string
  readonly status: number
  readonly fault: 'client' | 'server'
  /** Further members of the error's shape, e.g. `{ resource: … }`. */
  readonly members: Readonly<Record<string, unknown>>
  constructor(code: string, message: string, status = 400, members: Record<string, unknown> = {}) {
    super(message)
    this.name = 'AwsError'
    this.code = code
    this.status = status
    this.fault = status >= 500 ? 'server' : 'client'
    this.members = members
  }
}
