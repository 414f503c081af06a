/**
 * The policies that AWS manages, with their real ids, as these pages list them:
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-origin-request-policies.html
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-response-headers-policies.html
 * Names carry `Managed-` in the API and in Terraform's data sources. Amplify's and MediaTailor's are left out.
 */
import type {
  CachePolicy,
  Cors,
  OriginRequestPolicy,
  ResponseHeader,
  ResponseHeadersPolicy,
  Selection,
} from './policies.ts'
import { all, none } from './policies.ts'

const yearSeconds = 31_536_000
const daySeconds = 86_400
const only = (...items: string[]): Selection => ({ behavior: 'whitelist', items })
const base = { comment: 'Managed by AWS' }

const originDriven = {
  ...base,
  minTtl: 0,
  defaultTtl: 0,
  maxTtl: yearSeconds,
  gzip: true,
  brotli: true,
  headers: only('host', 'origin', 'x-http-method-override', 'x-http-method', 'x-method-override'),
  cookies: all,
}

export const managedCachePolicies: readonly CachePolicy[] = [
  {
    ...base,
    id: '4135ea2d-6df8-44a3-9df3-4b5a84be39ad',
    name: 'Managed-CachingDisabled',
    minTtl: 0,
    defaultTtl: 0,
    maxTtl: 0,
    gzip: false,
    brotli: false,
    headers: none,
    cookies: none,
    queryStrings: none,
  },
  {
    ...base,
    id: '658327ea-f89d-4fab-a63d-7e88639e58f6',
    name: 'Managed-CachingOptimized',
    minTtl: 1,
    defaultTtl: daySeconds,
    maxTtl: yearSeconds,
    gzip: true,
    brotli: true,
    headers: none,
    cookies: none,
    queryStrings: none,
  },
  {
    ...base,
    id: 'b2884449-e4de-46a7-ac36-70bc7f1ddd6d',
    name: 'Managed-CachingOptimizedForUncompressedObjects',
    minTtl: 1,
    defaultTtl: daySeconds,
    maxTtl: yearSeconds,
    gzip: false,
    brotli: false,
    headers: none,
    cookies: none,
    queryStrings: none,
  },
  {
    ...base,
    id: '08627262-05a9-4f76-9ded-b50ca2e3a84f',
    name: 'Managed-Elemental-MediaPackage',
    minTtl: 0,
    defaultTtl: daySeconds,
    maxTtl: yearSeconds,
    gzip: true,
    brotli: false,
    headers: only('origin'),
    cookies: none,
    queryStrings: only('aws.manifestfilter', 'start', 'end', 'm'),
  },
  {
    ...originDriven,
    id: '83da9c7e-98b4-4e11-a168-04f0df8e2c65',
    name: 'Managed-UseOriginCacheControlHeaders',
    queryStrings: none,
  },
  {
    ...originDriven,
    id: '4cc15a8a-d715-48a4-82b8-cc0b614638fe',
    name: 'Managed-UseOriginCacheControlHeaders-QueryStrings',
    queryStrings: all,
  },
]

const allViewer: Selection = { behavior: 'allViewer', items: [] }
const cors = ['origin', 'access-control-request-headers', 'access-control-request-method']

export const managedOriginRequestPolicies: readonly OriginRequestPolicy[] = [
  {
    id: '216adef6-5c7f-47e4-b989-5492eafa07d3',
    name: 'Managed-AllViewer',
    headers: allViewer,
    cookies: all,
    queryStrings: all,
  },
  {
    id: '33f36d7e-f396-46d9-90e0-52428a34d9dc',
    name: 'Managed-AllViewerAndCloudFrontHeaders-2022-06',
    headers: {
      behavior: 'allViewerAndWhitelistCloudFront' as const,
      items: ['cloudfront-forwarded-proto', 'cloudfront-viewer-address', 'cloudfront-viewer-country'],
    },
    cookies: all,
    queryStrings: all,
  },
  {
    id: 'b689b0a8-53d0-40ab-baf2-68738e2966ac',
    name: 'Managed-AllViewerExceptHostHeader',
    headers: { behavior: 'allExcept' as const, items: ['host'] },
    cookies: all,
    queryStrings: all,
  },
  {
    id: '59781a5b-3903-41f3-afcb-af62929ccde1',
    name: 'Managed-CORS-CustomOrigin',
    headers: only('origin'),
    cookies: none,
    queryStrings: none,
  },
  {
    id: '88a5eaf4-2fd4-4709-b370-b4c650ea3fcf',
    name: 'Managed-CORS-S3Origin',
    headers: only(...cors),
    cookies: none,
    queryStrings: none,
  },
  {
    id: 'bf0718e1-ba1e-49d1-88b1-f726733018ae',
    name: 'Managed-HostHeaderOnly',
    headers: only('host'),
    cookies: none,
    queryStrings: none,
  },
  {
    id: 'acba4595-bd28-49b8-b9fe-13317c0390fa',
    name: 'Managed-UserAgentRefererHeaders',
    headers: only('user-agent', 'referer'),
    cookies: none,
    queryStrings: none,
  },
].map((policy) => ({ ...base, ...policy }))

const header = (name: string, value: string, override = false): ResponseHeader => ({ name, value, override })
const security = [
  header('referrer-policy', 'strict-origin-when-cross-origin'),
  header('strict-transport-security', 'max-age=31536000'),
  header('x-content-type-options', 'nosniff', true),
  header('x-frame-options', 'SAMEORIGIN'),
  header('x-xss-protection', '1; mode=block'),
]
const simple: Cors = {
  allowOrigins: ['*'],
  allowMethods: [],
  allowHeaders: [],
  exposeHeaders: [],
  allowCredentials: false,
  override: false,
}
const preflight: Cors = {
  ...simple,
  allowMethods: ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'],
  exposeHeaders: ['*'],
}

export const managedResponseHeadersPolicies: readonly ResponseHeadersPolicy[] = [
  { id: '67f7725c-6f97-4210-82d7-5512b31e9d03', name: 'Managed-SecurityHeadersPolicy', headers: security },
  { id: '60669652-455b-4ae9-85a4-c4c02393f86c', name: 'Managed-SimpleCORS', headers: [], cors: simple },
  {
    id: '5cc3b908-e619-4b99-88e5-2cf7f45965bd',
    name: 'Managed-CORS-With-Preflight',
    headers: [],
    cors: preflight,
  },
  {
    id: 'e61eb60c-9c35-4d20-a928-2b84e02af89c',
    name: 'Managed-CORS-and-SecurityHeadersPolicy',
    headers: security,
    cors: simple,
  },
  {
    id: 'eaab4381-ed33-4a86-88ca-d9558dc6cd63',
    name: 'Managed-CORS-with-preflight-and-SecurityHeadersPolicy',
    headers: security,
    cors: preflight,
  },
].map((policy) => ({ ...base, remove: [], ...policy }))
