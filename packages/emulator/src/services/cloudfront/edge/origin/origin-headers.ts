/**
 * The headers of a request to a custom origin.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html
 */
import type { Distribution } from '../../model/distribution.ts'
import { type Selection, selects } from '../../model/policies.ts'
import { type EdgeRequest, isHopByHop } from '../message/messages.ts'
import { acceptedEncodings, type Route } from '../viewer/route.ts'

/** Set by CloudFront itself, or not passed on whatever the policy says. */
const own = new Set([
  'accept-encoding',
  'content-length',
  'cookie',
  'expect',
  'host',
  'user-agent',
  'via',
  'x-amz-cf-id',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-real-ip',
])
/** Where the edge caches, it asks for whole objects and judges the viewer's conditions itself. */
const conditional = new Set([
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'range',
])
const noHeaders: Selection = { behavior: 'none', items: [] }

/** Whether the viewer's Host reaches the origin; else the origin's domain name does. */
export function forwardsHost({ policies: { cache, originRequest } }: Route): boolean {
  return selects(cache.headers, 'host') || selects(originRequest?.headers ?? noHeaders, 'host')
}

/** Name, value, name, value …; `country` for the viewer's country as far as it is known. */
export function originHeaders(
  route: Route,
  distribution: Distribution,
  request: EdgeRequest,
  country: string,
): string[] {
  const { cache, originRequest } = route.policies
  const forwardedByPolicy = originRequest?.headers ?? noHeaders
  const { headers } = request
  const connection = typeof headers.connection === 'string' ? headers.connection : undefined
  const list: string[] = [
    'host',
    forwardsHost(route) ? String(headers.host ?? request.host) : route.origin.domainName,
  ]
  const hasBody = headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined

  for (const name in headers) {
    if (own.has(name) || name.startsWith('cloudfront-') || isHopByHop(name, connection)) continue
    if (route.caches && conditional.has(name)) continue
    const forwarded =
      selects(forwardedByPolicy, name) || selects(cache.headers, name) || (hasBody && name === 'content-type')
    if (!forwarded) continue
    const value = headers[name]
    for (const one of typeof value === 'string' ? [value] : (value ?? [])) list.push(name, one)
  }

  const custom = new Set(route.origin.customHeaders.map(({ name }) => name.toLowerCase()))
  const add = (name: string, value: string | string[] | undefined) => {
    if (value !== undefined && value !== '' && !custom.has(name)) list.push(name, String(value))
  }
  add('cookie', route.originCookies(String(headers.cookie ?? '')))
  add('content-length', headers['content-length'])
  // Objects are asked for in the encodings that the cache tells apart, or in the viewer's own words.
  const encodings = cache.gzip || cache.brotli ? acceptedEncodings(request, cache) : undefined
  add(
    'accept-encoding',
    encodings ?? (selects(forwardedByPolicy, 'accept-encoding') ? headers['accept-encoding'] : undefined),
  )
  const ownAgent = !(selects(forwardedByPolicy, 'user-agent') || selects(cache.headers, 'user-agent'))
  add('user-agent', ownAgent ? 'Amazon CloudFront' : headers['user-agent'])
  const before = headers['x-forwarded-for']
  add('x-forwarded-for', before === undefined ? request.viewerAddress : `${before}, ${request.viewerAddress}`)
  add(
    'via',
    `${headers.via === undefined ? '' : `${headers.via}, `}1.1 ${distribution.domainName} (CloudFront)`,
  )
  add('x-amz-cf-id', request.id)
  const named = [...cache.headers.items, ...forwardedByPolicy.items]
  if (named.includes('cloudfront-forwarded-proto')) add('cloudfront-forwarded-proto', request.scheme)
  if (named.includes('cloudfront-viewer-country')) add('cloudfront-viewer-country', country)
  if (named.includes('cloudfront-viewer-address'))
    add('cloudfront-viewer-address', `${request.viewerAddress}:0`)
  return withCustom(list, custom, route)
}

/** An origin's custom headers replace what the viewer sent under these names (add-origin-custom-headers). */
function withCustom(list: readonly string[], custom: ReadonlySet<string>, route: Route): string[] {
  const kept: string[] = []
  for (let index = 0; index < list.length; index += 2) {
    const name = list[index] ?? ''
    if (!custom.has(name)) kept.push(name, list[index + 1] ?? '')
  }
  for (const { name, value } of route.origin.customHeaders) kept.push(name, value)
  return kept
}
