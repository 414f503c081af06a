/**
 * Response headers policies.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-response-headers-policies.html
 */
import type { Cors, ResponseHeadersPolicy } from '../../model/policies.ts'
import { type EdgeRequest, first, type Headers } from './messages.ts'

/** Changes the headers of an answer as the policy says. */
export function applyResponseHeaders(
  policy: ResponseHeadersPolicy,
  request: EdgeRequest,
  headers: Headers,
): void {
  for (const name of policy.remove) delete headers[name]
  for (const { name, value, override } of policy.headers) {
    if (override || headers[name] === undefined) headers[name] = value
  }
  const origin = first(request.headers, 'origin')
  if (policy.cors !== undefined && origin !== undefined) applyCors(policy.cors, origin, request, headers)
}

function applyCors(cors: Cors, origin: string, request: EdgeRequest, headers: Headers): void {
  const set = (name: string, value: string) => {
    if (value !== '' && (cors.override || headers[name] === undefined)) headers[name] = value
  }
  const allowed = cors.allowOrigins.includes('*')
    ? '*'
    : cors.allowOrigins.find((one) => sameOrigin(one, origin))
  if (allowed === undefined) return
  set('access-control-allow-origin', allowed === '*' ? '*' : origin)
  if (allowed !== '*') set('vary', 'Origin')
  if (cors.allowCredentials) set('access-control-allow-credentials', 'true')
  set('access-control-expose-headers', cors.exposeHeaders.join(', '))
  const preflight =
    request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined
  if (!preflight) return
  set('access-control-allow-methods', cors.allowMethods.join(', '))
  set('access-control-allow-headers', cors.allowHeaders.join(', '))
  if (cors.maxAgeSeconds !== undefined) set('access-control-max-age', String(cors.maxAgeSeconds))
}

/** `https://*.example.com` covers every host below. */
function sameOrigin(pattern: string, origin: string): boolean {
  if (!pattern.includes('*')) return pattern === origin
  const [head = '', tail = ''] = pattern.split('*')
  return origin.length > head.length + tail.length && origin.startsWith(head) && origin.endsWith(tail)
}
