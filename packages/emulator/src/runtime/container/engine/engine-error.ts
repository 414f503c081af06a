/** What an engine refused, in its own words. */
export class EngineError extends Error {
  override readonly name = 'EngineError'
  /** Of its answer. */
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** There is no engine, or none that can be used: what was looked for, and what to do. */
export class NoEngineError extends Error {
  override readonly name = 'NoEngineError'
  readonly fix: string
  constructor(message: string, fix: string, options?: ErrorOptions) {
    super(message, options)
    this.fix = fix
  }
}
