/**
 * What the balancer needs to know of a header's name, worked out once per name: traffic repeats the same few dozen,
 * and every request asks for all of its own.
 */

/** What becomes of a request's header on its way to the target. */
export type HeaderKind = 'other' | 'host' | 'hop-by-hop' | 'x-forwarded-for' | 'replaced' | 'tls'

export interface HeaderName {
  readonly lower: string
  readonly kind: HeaderKind
  /** Whether it is a valid name in the sense of `routing.http.drop_invalid_header_fields.enabled`. */
  readonly valid: boolean
  /** Whether a lenient reader could take it for Transfer-Encoding or Content-Length, which it is not. */
  readonly suspicious: boolean
}

const kinds: Readonly<Record<string, HeaderKind>> = {
  host: 'host',
  connection: 'hop-by-hop',
  'keep-alive': 'hop-by-hop',
  'proxy-connection': 'hop-by-hop',
  'transfer-encoding': 'hop-by-hop',
  upgrade: 'hop-by-hop',
  'http2-settings': 'hop-by-hop',
  'x-forwarded-for': 'x-forwarded-for',
  'x-forwarded-proto': 'replaced',
  'x-forwarded-port': 'replaced',
  'x-amzn-trace-id': 'replaced',
  'x-amzn-tls-version': 'tls',
  'x-amzn-tls-cipher-suite': 'tls',
}

const lookAlike = /^[^a-z0-9]*(?:transfer[^a-z0-9]+encoding|content[^a-z0-9]+length)[^a-z0-9]*$/
const known = new Map<string, HeaderName>()
/** Clients could send ever new names. */
const limit = 2000

export function headerName(name: string): HeaderName {
  const found = known.get(name)
  if (found !== undefined) return found
  const lower = name.toLowerCase()
  const created: HeaderName = {
    lower,
    kind: Object.hasOwn(kinds, lower) ? (kinds[lower] ?? 'other') : 'other',
    // https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
    valid: /^[a-z0-9-]+$/.test(lower),
    suspicious: lookAlike.test(lower) && lower !== 'transfer-encoding' && lower !== 'content-length',
  }
  if (known.size < limit) known.set(name, created)
  return created
}
