/**
 * Requests that servers and proxies could read differently, and what becomes of them by the mode of the balancer:
 * the classes and reasons are AWS's. What node:http's parser refuses (both lengths, two lengths, folded headers,
 * control characters …) never gets this far: refusals.ts answers it in every mode.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#desync-mitigation-mode
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html#classification-reasons
 */
import { headerName } from '../message/header-names.ts'
import type { ClientRequest } from '../message/messages.ts'

export interface NonCompliance {
  readonly tier: 'acceptable' | 'ambiguous' | 'severe'
  readonly reason:
    | 'BadTransferEncoding'
    | 'GetHeadZeroContentLength'
    | 'MultipleTransferEncodingChunked'
    | 'NonCompliantHeader'
    | 'NonCompliantVersion'
    | 'SuspiciousHeader'
    | 'UndefinedContentLengthSemantics'
    | 'UndefinedTransferEncodingSemantics'
}

/** What one look at all headers tells. */
export interface Inspection {
  /** Of all headers with their separators, in bytes. */
  readonly size: number
  /** Of the longest one. */
  readonly longest: number
  /** Whether there is a name that is not valid for `drop_invalid_header_fields`. */
  readonly invalidName: boolean
  readonly nonCompliance: NonCompliance | undefined
}

const acceptable = (reason: NonCompliance['reason']): NonCompliance => ({ tier: 'acceptable', reason })
const ambiguous = (reason: NonCompliance['reason']): NonCompliance => ({ tier: 'ambiguous', reason })
const nonCompliantHeader = acceptable('NonCompliantHeader')
const suspiciousHeader = ambiguous('SuspiciousHeader')
const beyondAscii = /[^\t\x20-\x7e]/

/** Looks at the headers once. */
export function inspect(request: ClientRequest): Inspection {
  const raw = request.rawHeaders
  let size = 0
  let longest = 0
  let invalidName = false
  let nonCompliance: NonCompliance | undefined
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? ''
    const value = raw[index + 1] ?? ''
    const length = name.length + value.length
    size += length + 4
    if (length > longest) longest = length
    const known = headerName(name)
    if (!known.valid) invalidName = true
    if (known.suspicious) nonCompliance = suspiciousHeader
    else if (nonCompliance === undefined && beyondAscii.test(value)) nonCompliance = nonCompliantHeader
  }
  // HTTP/2 has one way to say where a request ends, and its library insists on it.
  if (request.httpVersionMajor >= 2) nonCompliance = undefined
  else if (nonCompliance?.tier !== 'ambiguous') nonCompliance = bodyOf(request) ?? nonCompliance
  return { size, longest, invalidName, nonCompliance }
}

/** A body where none is expected. */
function bodyOf(request: ClientRequest): NonCompliance | undefined {
  const { method, headers, httpVersionMajor: major, httpVersionMinor: minor } = request
  const encoding = headers['transfer-encoding']
  const length = headers['content-length']
  const old = major < 1
  if (encoding !== undefined && encoding !== 'chunked') {
    const bad = badEncoding(encoding)
    if (bad) return { tier: 'severe', reason: bad }
  }
  if (encoding !== undefined && (old || minor === 0)) return ambiguous('UndefinedTransferEncodingSemantics')
  if (length !== undefined && old) return ambiguous('UndefinedContentLengthSemantics')
  if (old) return acceptable('NonCompliantVersion')
  if (method !== 'GET' && method !== 'HEAD') return undefined
  if (encoding !== undefined) return ambiguous('UndefinedTransferEncodingSemantics')
  if (length === undefined) return undefined
  return Number(length) === 0
    ? acceptable('GetHeadZeroContentLength')
    : ambiguous('UndefinedContentLengthSemantics')
}

const encodings = new Set(['chunked', 'compress', 'deflate', 'gzip', 'identity'])

function badEncoding(encoding: string): NonCompliance['reason'] | undefined {
  const found = encoding.split(',').map((each) => each.trim().toLowerCase())
  if (found.some((each) => !encodings.has(each))) return 'BadTransferEncoding'
  return found.filter((each) => each === 'chunked').length > 1 ? 'MultipleTransferEncodingChunked' : undefined
}

/** What to do: let it pass, let it be the last one on both connections, or refuse it. */
export function mitigation(
  mode: string | undefined,
  { tier }: NonCompliance,
): 'pass' | 'pass-and-close' | 'refuse' {
  // Where a severe one ends cannot be known: it does not pass even in monitor mode.
  if (mode === 'strictest' || tier === 'severe') return 'refuse'
  return tier === 'ambiguous' && mode !== 'monitor' ? 'pass-and-close' : 'pass'
}
