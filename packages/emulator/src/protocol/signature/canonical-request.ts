/**
 * The canonical request of Signature Version 4: the text over which a client signs.
 *
 * Clients differ in two points in which AWS accepts both forms: whether the query is encoded again or taken as it was
 * sent, and, for S3, whether the path is. So there can be more than one candidate.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html#create-canonical-request
 */
import type { IncomingMessage } from 'node:http'

export interface CanonicalInput {
  readonly request: IncomingMessage
  /** Lower case, sorted by the client. */
  readonly signedHeaders: readonly string[]
  /** Hash of the payload, or one of AWS's words in its place (`UNSIGNED-PAYLOAD`). */
  readonly payloadHash: string
  /** S3 neither normalizes a path nor encodes it twice. */
  readonly isS3: boolean
}

/** Canonical requests, the likeliest first. */
export function canonicalRequests(input: CanonicalInput): string[] {
  const { request, signedHeaders, payloadHash } = input
  const url = request.url ?? '/'
  const mark = url.indexOf('?')
  const path = mark < 0 ? url : url.slice(0, mark)
  const query = mark < 0 ? '' : url.slice(mark + 1)
  const headers = signedHeaders.map((name) => `${name}:${headerValue(request, name)}\n`).join('')
  const tail = `${headers}\n${signedHeaders.join(';')}\n${payloadHash}`
  const paths = input.isS3
    ? new Set([path, encodePath(decode(path))])
    : new Set([encodePath(normalize(path))])
  const queries = new Set([canonicalQuery(query, true), canonicalQuery(query, false)])
  return [...paths].flatMap((uri) =>
    [...queries].map((parameters) => `${request.method}\n${uri || '/'}\n${parameters}\n${tail}`),
  )
}

/** Sorted by name, then by value; without the signature itself. */
function canonicalQuery(query: string, encodeAgain: boolean): string {
  return query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const [name = '', value = ''] = part.split(/=(.*)/s)
      return encodeAgain ? ([encode(decode(name)), encode(decode(value))] as const) : ([name, value] as const)
    })
    .filter(([name]) => name !== 'X-Amz-Signature')
    .sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

/** All values of a header in the order in which they came, trimmed, runs of spaces as one. */
function headerValue({ rawHeaders }: IncomingMessage, name: string): string {
  const values: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() === name) values.push((rawHeaders[index + 1] ?? '').trim())
  }
  return values.map((value) => value.replace(/ +/g, ' ')).join(',')
}

/** Without `.`, `..` and empty segments. */
function normalize(path: string): string {
  const segments: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop()
    else if (segment !== '' && segment !== '.') segments.push(segment)
  }
  return `/${segments.join('/')}${segments.length > 0 && path.endsWith('/') ? '/' : ''}`
}

const encodePath = (path: string) => encode(path).replaceAll('%2F', '/')

/** RFC 3986: everything but unreserved characters. */
const encode = (text: string) =>
  encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
