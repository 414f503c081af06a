/**
 * A cache behaviour made ready to serve: its path pattern as a test, its policies as functions, its origin at
 * hand. Compiled again whenever the distribution or a policy changes, never per request.
 */
import { compileWildcard } from '../../../../matching/wildcard.ts'
import type { Behavior, Distribution, Origin } from '../../model/distribution.ts'
import type { Policies } from '../../model/policies.ts'
import type { CloudFrontState } from '../../model/state.ts'
import type { EdgeRequest } from '../message/messages.ts'
import { cookiePicker, type Pick, queryPicker, unitePickers } from './selection.ts'

export interface Route {
  readonly behavior: Behavior
  readonly policies: Policies
  readonly origin: Origin
  readonly methods: ReadonlySet<string>
  /** A policy whose maximum is zero caches nothing, errors included. */
  readonly caches: boolean
  readonly matches: (path: string) => boolean
  readonly cacheKey: (request: EdgeRequest) => string
  readonly originQuery: Pick
  readonly originCookies: Pick
}

/** The ordered behaviours in their order, the default one last. */
export function compileRoutes(distribution: Distribution, model: CloudFrontState): Route[] {
  const { orderedBehaviors, defaultBehavior } = distribution.config
  return [...orderedBehaviors, { ...defaultBehavior, pathPattern: '*' }].map((behavior) =>
    compileRoute(distribution, behavior, model),
  )
}

function compileRoute(
  distribution: Distribution,
  behavior: Behavior & { pathPattern: string },
  model: CloudFrontState,
): Route {
  const origin = distribution.config.origins.find(({ id }) => id === behavior.targetOriginId)
  if (origin === undefined) {
    throw new Error(
      `behaviour ${behavior.pathPattern} targets origin ${behavior.targetOriginId}, which does not exist`,
    )
  }
  const policies = model.policies(behavior)
  const { cache, originRequest } = policies
  const nothing = { behavior: 'none' as const, items: [] }
  return {
    behavior,
    policies,
    origin,
    methods: new Set(behavior.allowedMethods),
    caches: cache.maxTtl > 0,
    matches: pathMatcher(behavior.pathPattern),
    cacheKey: keyMaker(distribution.id, policies),
    originQuery: unitePickers(cache.queryStrings, originRequest?.queryStrings ?? nothing, queryPicker),
    originCookies: unitePickers(cache.cookies, originRequest?.cookies ?? nothing, cookiePicker),
  }
}

/** `*` stands for any characters, `?` for one; case-sensitive; a leading slash is optional (DownloadDistValuesPathPattern). */
export function pathMatcher(pattern: string): (path: string) => boolean {
  const absolute = pattern.startsWith('/') || pattern.startsWith('*') ? pattern : `/${pattern}`
  return absolute === '/*' ? () => true : compileWildcard(absolute, { single: true })
}

/** https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/understanding-the-cache-key.html */
function keyMaker(distributionId: string, { cache }: Policies): (request: EdgeRequest) => string {
  const query = queryPicker(cache.queryStrings)
  const cookies = cookiePicker(cache.cookies)
  const headers = cache.headers.behavior === 'whitelist' ? cache.headers.items : []
  return (request) => {
    let key = `${distributionId} ${request.path}?${query(request.query)}`
    if (cache.gzip || cache.brotli) key += `\n${acceptedEncodings(request, cache)}`
    if (cache.cookies.behavior !== 'none') key += `\n${cookies(String(request.headers.cookie ?? ''))}`
    for (const name of headers) key += `\n${name}:${request.headers[name] ?? ''}`
    return key
  }
}

/** Accept-Encoding reduced to what the edge distinguishes: `br,gzip`, `br`, `gzip` or nothing. */
export function acceptedEncodings(
  request: { readonly headers: EdgeRequest['headers'] },
  { gzip, brotli }: { readonly gzip: boolean; readonly brotli: boolean },
): string {
  const accepted = request.headers['accept-encoding']
  if (typeof accepted !== 'string') return ''
  const br = brotli && accepts(accepted, 'br')
  const gz = gzip && accepts(accepted, 'gzip')
  return br && gz ? 'br,gzip' : br ? 'br' : gz ? 'gzip' : ''
}

function accepts(header: string, encoding: string): boolean {
  const at = header.indexOf(encoding)
  // `gzip;q=0` refuses it.
  return at !== -1 && !/^\s*;\s*q=0(\.0*)?\s*(,|$)/.test(header.slice(at + encoding.length))
}
