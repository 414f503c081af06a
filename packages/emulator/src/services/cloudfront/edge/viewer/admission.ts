/**
 * What is decided before anything else: method, country, scheme.
 *
 * Gap: countries. AWS looks the viewer's address up; here loopback counts as the first country that the distribution
 * admits, and any other address as no country at all. A `CloudFront-Viewer-Country` header of the viewer's own is
 * never believed.
 */
import type { IncomingMessage } from 'node:http'
import { isLoopback } from '../../../../http/viewer-address.ts'
import { isWebSocket } from '../../../../http/websocket.ts'
import type { DistributionConfig } from '../../model/distribution.ts'
import { errorPage, redirectToHttps } from '../message/error-page.ts'
import type { EdgeAnswer, EdgeRequest } from '../message/messages.ts'
import type { Route } from './route.ts'

/** The answer that ends the request here; undefined when it may go on. */
export function refuse(
  config: DistributionConfig,
  route: Route,
  request: EdgeRequest,
): EdgeAnswer | undefined {
  if (!isAdmitted(config.geo, request.viewerAddress)) {
    return errorPage(
      403,
      'The Amazon CloudFront distribution is configured to block access from your country.',
    )
  }
  const { viewerProtocolPolicy } = route.behavior
  if (request.scheme === 'http' && viewerProtocolPolicy !== 'allow-all') {
    const target = request.query === '' ? request.path : `${request.path}?${request.query}`
    return viewerProtocolPolicy === 'redirect-to-https'
      ? redirectToHttps(request.host, target)
      : errorPage(403, 'This distribution admits HTTPS only.')
  }
  if (!route.methods.has(request.method)) {
    return errorPage(
      403,
      'This distribution is not configured to allow the HTTP request method that was used for this request. The distribution supports only cachable requests.',
    )
  }
  const { 'content-length': length = '0', 'transfer-encoding': encoding } = request.headers
  const hasBody = length !== '0' || encoding !== undefined
  // "If a viewer GET request includes a body, CloudFront returns an HTTP status code 403" (custom origins).
  if (hasBody && request.method === 'GET') return errorPage(403, 'A GET request must not have a body.')
  return undefined
}

/** Of a URL, and of line and headers together: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html */
const maxUrlBytes = 8_192
const maxRequestBytes = 32_768

/** What is refused by its form, whatever the distribution says. */
export function refuseMalformed(incoming: IncomingMessage): EdgeAnswer | undefined {
  const { url = '', rawHeaders } = incoming
  let hosts = 0
  let size = url.length
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    size += name.length + (rawHeaders[index + 1]?.length ?? 0) + 4
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++
  }
  // A server must answer 400 to several (RFC 9112, 3.2): others on the way could take another one.
  if (hosts > 1) return errorPage(400, 'Bad request. There is more than one Host header.')
  if (url.length > maxUrlBytes || size > maxRequestBytes) return errorPage(413, 'The request is too large.')
  if (isWebSocket(incoming)) return errorPage(501, 'The emulator has no WebSockets at the edge yet.')
  return undefined
}

/** The viewer's country, as far as it is known: for `CloudFront-Viewer-Country`. */
export function countryOf(geo: DistributionConfig['geo'], address: string): string {
  if (!isLoopback(address)) return ''
  return geo.type === 'whitelist' ? (geo.countries[0] ?? '') : ''
}

function isAdmitted(geo: DistributionConfig['geo'], address: string): boolean {
  return geo.type !== 'whitelist' || isLoopback(address)
}
