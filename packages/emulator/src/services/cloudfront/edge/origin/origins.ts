/** From a request that the cache has no answer for to its origin: a bucket, read in this process, or an HTTP server. */
import type { Readable } from 'node:stream'
import type { S3 } from '../../../s3/contract.ts'
import type { Distribution, Origin } from '../../model/distribution.ts'
import { errorPage } from '../message/error-page.ts'
import type { EdgeAnswer, EdgeRequest } from '../message/messages.ts'
import { countryOf } from '../viewer/admission.ts'
import type { Route } from '../viewer/route.ts'
import type { CustomOrigins } from './custom-origin.ts'
import { forwardsHost, originHeaders } from './origin-headers.ts'
import { fetchFromBucket } from './s3-origin.ts'

/** What a request has of its viewer's connection. */
export interface ViewerStream {
  /** Its body. */
  readonly body: Readable
  /** Aborts when no answer is needed any more. */
  readonly signal: AbortSignal
}

export interface Origins {
  /** `ifNoneMatch` makes a revalidation of it. */
  ask(
    distribution: Distribution,
    route: Route,
    request: EdgeRequest,
    viewer: ViewerStream,
    ifNoneMatch?: string,
  ): Promise<EdgeAnswer>
}

export function createOrigins(options: {
  s3: S3
  customOrigins: CustomOrigins
  /** Whether CloudFront signs its requests to this origin. */
  signs: (origin: Origin) => boolean
}): Origins {
  const { s3, customOrigins, signs } = options
  return {
    async ask(distribution, route, request, viewer, ifNoneMatch) {
      const { origin } = route
      if (origin.custom === undefined) {
        const bucket = s3.bucketOfDomain(origin.domainName)
        if (bucket === undefined) {
          return errorPage(502, `The bucket behind ${origin.domainName} does not exist.`)
        }
        const reader = { s3, distributionArn: distribution.arn, signs: signs(origin) }
        return fetchFromBucket(reader, bucket, origin, request, ifNoneMatch)
      }
      const { protocolPolicy } = origin.custom
      const query = route.originQuery(request.query)
      const country = countryOf(distribution.config.geo, request.viewerAddress)
      const headers = originHeaders(route, distribution, request, country)
      // The edge revalidates with its own ETag, whatever the viewer has.
      if (ifNoneMatch !== undefined) headers.push('if-none-match', ifNoneMatch)
      const fixedScheme = protocolPolicy === 'http-only' ? 'http' : 'https'
      return customOrigins.fetch(origin, origin.custom, {
        method: request.method,
        target: `${origin.path}${request.path}${query === '' ? '' : `?${query}`}`,
        headers,
        serverName: forwardsHost(route) ? request.host : origin.domainName,
        scheme: protocolPolicy === 'match-viewer' ? request.scheme : fixedScheme,
        body: hasBody(request) ? viewer.body : undefined,
        signal: viewer.signal,
      })
    },
  }
}

function hasBody({ headers }: EdgeRequest): boolean {
  const length = headers['content-length']
  return (length !== undefined && length !== '0') || headers['transfer-encoding'] !== undefined
}
