/**
 * What is decided before anything else: method, country, scheme.
 *
 * Gap: countries. AWS looks the viewer's address up; here loopback counts as the first country that the distribution
 * admits, and any other address as no country at all. A `CloudFront-Viewer-Country` header of the viewer's own is
 * never believed.
 */
import { isLoopback } from '../../../../http/viewer-address.ts'
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

/** The viewer's country, as far as it is known: for `CloudFront-Viewer-Country`. */
export function countryOf(geo: DistributionConfig['geo'], address: string): string {
  if (!isLoopback(address)) return ''
  return geo.type === 'whitelist' ? (geo.countries[0] ?? '') : ''
}

function isAdmitted(geo: DistributionConfig['geo'], address: string): boolean {
  return geo.type !== 'whitelist' || isLoopback(address)
}
