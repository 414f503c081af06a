/** Conditional reads and ranges as S3 answers them: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
import { evaluate } from '../../http/conditional.ts'
import { byteRange } from '../../http/range.ts'
import { invalidRange, notModified, preconditionFailed } from './errors.ts'
import type { Version } from './state.ts'

export interface ReadConditions {
  readonly IfMatch?: string | undefined
  readonly IfNoneMatch?: string | undefined
  readonly IfModifiedSince?: Date | undefined
  readonly IfUnmodifiedSince?: Date | undefined
}

/** Throws `PreconditionFailed` or `NotModified`. */
export function checkRead(version: Version, conditions: ReadConditions): void {
  const outcome = evaluate(
    {
      ifMatch: conditions.IfMatch,
      ifNoneMatch: conditions.IfNoneMatch,
      ifModifiedSince: conditions.IfModifiedSince?.toUTCString(),
      ifUnmodifiedSince: conditions.IfUnmodifiedSince?.toUTCString(),
    },
    { etag: version.etag, lastModified: new Date(version.lastModified).toUTCString() },
  )
  if (outcome === 'unchanged') throw notModified()
  if (outcome !== undefined) throw preconditionFailed(outcome)
}

/** The bytes that a Range header asks for; undefined for all of them. Throws `InvalidRange`. */
export function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | undefined {
  const range = byteRange(header, size)
  if (range === 'unsatisfiable') throw invalidRange(header ?? '', size)
  return range
}
