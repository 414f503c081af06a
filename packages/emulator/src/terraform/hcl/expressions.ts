/** What the parts of the parser need of each other. */
import type { Cursor } from './cursor.ts'
import type { Node } from './syntax.ts'

export interface Expressions {
  readonly cursor: Cursor
  expression(): Node
  forIntroduction(): { keyName: string | undefined; valueName: string; collection: Node }
  /** Parses something in which these names are bound. */
  binding<T>(names: readonly (string | undefined)[], parse: () => T): T
  identifier(what: string): string
}
