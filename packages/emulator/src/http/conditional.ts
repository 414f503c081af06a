/**
 * Conditional requests, evaluated in the order of https://www.rfc-editor.org/rfc/rfc9110#section-13.2.2. Dates compare by
 * the second, as the headers carry them.
 */
import fresh from 'fresh'

/** The headers of a request, as sent. */
export interface Preconditions {
  readonly ifMatch?: string | undefined
  readonly ifNoneMatch?: string | undefined
  readonly ifModifiedSince?: string | undefined
  readonly ifUnmodifiedSince?: string | undefined
}

/** The headers of what would be answered. */
export interface Validators {
  readonly etag?: string | undefined
  readonly lastModified?: string | undefined
}

/** `unchanged` is answered with 304, the names of failed conditions with 412; undefined means the answer is sent. */
export function evaluate(
  conditions: Preconditions,
  validators: Validators,
): 'unchanged' | 'If-Match' | 'If-Unmodified-Since' | undefined {
  const { ifMatch, ifUnmodifiedSince } = conditions
  if (ifMatch !== undefined) {
    if (!namesEtag(ifMatch, validators.etag)) return 'If-Match'
  } else if (ifUnmodifiedSince !== undefined && modifiedAfter(validators.lastModified, ifUnmodifiedSince)) {
    return 'If-Unmodified-Since'
  }
  return isUnchanged(conditions, validators) ? 'unchanged' : undefined
}

/** Whether the client has it already: If-None-Match, compared weakly, wins over If-Modified-Since. */
export function isUnchanged(
  { ifNoneMatch, ifModifiedSince }: Preconditions,
  { etag, lastModified }: Validators,
): boolean {
  const request = {
    ...(ifNoneMatch === undefined ? {} : { 'if-none-match': quoted(ifNoneMatch) }),
    ...(ifModifiedSince === undefined ? {} : { 'if-modified-since': ifModifiedSince }),
  }
  return fresh(request, {
    ...(etag === undefined ? {} : { etag: quoted(etag) }),
    ...(lastModified === undefined ? {} : { 'last-modified': lastModified }),
  })
}

/** Whether a list of entity tags, or `*`, names this one; clients of S3 leave the quotation marks out. */
export function namesEtag(list: string, etag: string | undefined): boolean {
  if (etag === undefined) return false
  if (list.trim() === '*') return true
  const own = bare(etag)
  return list.split(',').some((each) => bare(each) === own)
}

const bare = (etag: string) => etag.trim().replace(/^W\//, '').replace(/^"|"$/g, '')

/** One entity tag with quotation marks, however it was sent; lists and `*` as they are. */
const quoted = (text: string) => {
  const trimmed = text.trim()
  return /^[^",*\s]+$/.test(trimmed) ? `"${trimmed}"` : trimmed
}

function modifiedAfter(lastModified: string | undefined, date: string): boolean {
  return lastModified !== undefined && Date.parse(lastModified) > Date.parse(date)
}
