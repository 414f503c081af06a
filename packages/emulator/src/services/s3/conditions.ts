/** Conditional reads and ranges (RFC 9110), in the order of https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html */
import { invalidRange, notModified, preconditionFailed } from './errors.ts'
import { sameEtag } from './objects.ts'
import type { Version } from './state.ts'

export interface ReadConditions {
  readonly IfMatch?: string | undefined
  readonly IfNoneMatch?: string | undefined
  readonly IfModifiedSince?: Date | undefined
  readonly IfUnmodifiedSince?: Date | undefined
}

/** Throws `PreconditionFailed` or `NotModified`. */
export function checkRead(version: Version, conditions: ReadConditions): void {
  const { IfMatch, IfNoneMatch, IfModifiedSince, IfUnmodifiedSince } = conditions
  if (IfMatch !== undefined) {
    if (!sameEtag(version.etag, IfMatch)) throw preconditionFailed('If-Match')
  } else if (IfUnmodifiedSince !== undefined && version.lastModified > IfUnmodifiedSince.getTime()) {
    throw preconditionFailed('If-Unmodified-Since')
  }
  if (IfNoneMatch !== undefined) {
    if (sameEtag(version.etag, IfNoneMatch)) throw notModified()
  } else if (IfModifiedSince !== undefined && version.lastModified <= IfModifiedSince.getTime()) {
    throw notModified()
  }
}

/** The bytes that a Range header asks for; undefined for all of them (no range, several, or one that is malformed). */
export function parseRange(
  header: string | undefined,
  size: number,
): { start: number; end: number } | undefined {
  const match = header === undefined ? null : /^bytes=(\d*)-(\d*)$/.exec(header.trim())
  if (match === null || header === undefined) return undefined
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return undefined
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first)
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (first !== '' && last !== '' && Number(last) < start) return undefined
  if (start >= size || (first === '' && Number(last) === 0)) throw invalidRange(header, size)
  return { start, end }
}
