/** The Range header for one representation: https://www.rfc-editor.org/rfc/rfc9110#section-14.2 */
import { parse } from 'range-parser'

/** Both ends are part of it. */
export interface ByteRange {
  readonly start: number
  readonly end: number
}

/**
 * The bytes of `size` that the header asks for. Undefined means all of them: no header, another unit, several ranges or
 * one that is malformed, which a server may all ignore. `unsatisfiable` is answered with 416.
 */
export function byteRange(header: string | undefined, size: number): ByteRange | 'unsatisfiable' | undefined {
  if (header === undefined || header.includes(',')) return undefined
  const { code, type, ranges } = parse(size, header.trim())
  if (type !== 'bytes' || (code & malformed) !== 0) return undefined
  return ranges[0] ?? 'unsatisfiable'
}

const malformed = 1
