/** A place in a source text, and the few moves that the parser makes on it. */
import { ExpressionError } from '../model/diagnostics.ts'

export class Cursor {
  readonly source: string
  position = 0
  constructor(source: string) {
    this.source = source
  }

  get done(): boolean {
    return this.position >= this.source.length
  }

  at(text: string): boolean {
    return this.source.startsWith(text, this.position)
  }

  take(text: string): boolean {
    if (!this.at(text)) return false
    this.position += text.length
    return true
  }

  /** Matches a sticky expression here and moves past it. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.position
    const found = pattern.exec(this.source)?.[0]
    if (found !== undefined) this.position += found.length
    return found
  }

  /** Moves past white space and comments. */
  skip(): this {
    this.match(/(?:\s+|#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y)
    return this
  }

  /** Skips white space, then takes the text or fails with what is there instead. */
  expect(text: string, where: string): void {
    if (!this.skip().take(text)) this.fail(`"${text}" is expected ${where}`)
  }

  fail(what: string): never {
    const rest = this.done ? 'the end' : JSON.stringify(this.source.slice(this.position, this.position + 20))
    throw new ExpressionError(
      'Invalid expression',
      `${what}, but there is ${rest} at character ${this.position + 1}.`,
      this.source,
    )
  }
}
