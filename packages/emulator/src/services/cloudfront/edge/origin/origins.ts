/** From a request that the cache has no answer for to its origin: a bucket, read in this process, or an HTTP server. */
import type { Readable } from 'node:stream'
import type { S3 } from '../../../s3/contract.ts'
import type { CustomOrigin, Distribution, Origin, VpcOriginUse } from '../../model/distribution.ts'
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
  /** Where a VPC origin leads to; undefined where it, or what it leads to, does not exist. */
  vpcOrigin: (use: VpcOriginUse) => { readonly domainName: string; readonly custom: CustomOrigin } | undefined
}): Origins {
  const { s3, customOrigins, signs, vpcOrigin } = options

  /** The HTTP server of an origin; undefined for a bucket. */
  function serverOf({ custom, vpc, domainName }: Origin): Server | undefined {
    if (vpc !== undefined) {
      const found = vpcOrigin(vpc)
      return (
        found ?? { refusal: errorPage(502, `The VPC origin ${vpc.vpcOriginId} leads to no load balancer.`) }
      )
    }
    if (custom === undefined) return undefined
    if (!isInternal(domainName)) return { domainName, custom }
    return {
      refusal: errorPage(
        504,
        `${domainName} is internal: CloudFront reaches it by a VPC origin only (vpc_origin_config).`,
      ),
    }
  }

  return {
    async ask(distribution, route, request, viewer, ifNoneMatch) {
      const { origin } = route
      const server = serverOf(origin)
      if (server === undefined) {
        const bucket = s3.bucketOfDomain(origin.domainName)
        if (bucket === undefined) {
          return errorPage(502, `The bucket behind ${origin.domainName} does not exist.`)
        }
        const reader = { s3, distributionArn: distribution.arn, signs: signs(origin) }
        return fetchFromBucket(reader, bucket, origin, request, ifNoneMatch)
      }
      if ('refusal' in server) return server.refusal
      const { protocolPolicy } = server.custom
      const query = route.originQuery(request.query)
      const country = countryOf(distribution.config.geo, request.viewerAddress)
      const headers = originHeaders(route, distribution, request, country)
      // The edge revalidates with its own ETag, whatever the viewer has.
      if (ifNoneMatch !== undefined) headers.push('if-none-match', ifNoneMatch)
      const fixedScheme = protocolPolicy === 'http-only' ? 'http' : 'https'
      return customOrigins.fetch({ ...origin, domainName: server.domainName }, server.custom, {
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

/** An HTTP server, or the answer where CloudFront cannot reach it. */
type Server =
  | { readonly domainName: string; readonly custom: CustomOrigin }
  | { readonly refusal: EdgeAnswer }

/**
 * An internal load balancer, by the name that AWS gives it. "Not accessible on the internet" is 504:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/http-504-gateway-timeout.html
 */
const isInternal = (domainName: string) => /^internal-.+\.elb\.amazonaws\.com$/i.test(domainName)

function hasBody({ headers }: EdgeRequest): boolean {
  const length = headers['content-length']
  return (length !== undefined && length !== '0') || headers['transfer-encoding'] !== undefined
}
