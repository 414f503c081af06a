/** Why an image could not be built, in words for its author, and how to fix it. */
export class BuildError extends Error {
  readonly fix: string
  constructor(message: string, fix: string, cause?: unknown) {
    super(message, cause === undefined ? {} : { cause })
    this.name = 'BuildError'
    this.fix = fix
  }
}
