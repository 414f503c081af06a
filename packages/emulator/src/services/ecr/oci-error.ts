/** An error in the words of the registry protocol. */
export class OciError extends Error {
  readonly status: number
  /** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#error-codes */
  readonly code: string
  constructor(status: number, code: string, message: string) {
    super(message)
    this.name = 'OciError'
    this.status = status
    this.code = code
  }
}
