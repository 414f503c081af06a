/**
 * How long an answer may be served from the cache.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/Expiration.html
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/HTTPStatusCodes.html
 *
 * What the origin says (`max-age`, `Expires`) is the application's time and is never compressed; the policy's
 * own figures and the error caching time are AWS's and pass at the emulator's speed.
 */
import type { CachePolicy } from '../../model/policies.ts'
import type { Headers } from '../message/messages.ts'
import { first } from '../message/messages.ts'

/** Cached for the error caching minimum, whatever the origin says. */
const alwaysCachedErrors = new Set([404, 414, 500, 501, 502, 503, 504])
/** Cached only if the origin gives them a lifetime. */
const sometimesCachedErrors = new Set([400, 403, 405, 412, 415])
const cacheableSuccess = new Set([200, 203, 204, 300, 301, 302, 307, 308, 410])

export const defaultErrorTtlSeconds = 10

export interface FreshnessRules {
  readonly policy: Pick<CachePolicy, 'minTtl' | 'defaultTtl' | 'maxTtl'>
  readonly errorTtlSeconds: number
  /** Milliseconds here of a duration of AWS's. */
  readonly toReal: (awsMs: number) => number
  readonly now: number
}

/** Milliseconds from now; 0 for what must not be kept. */
export function freshnessMs(status: number, headers: Headers, rules: FreshnessRules): number {
  const { policy, toReal } = rules
  if (policy.maxTtl === 0) return 0
  const origin = originLifetimeMs(headers, rules.now)
  if (alwaysCachedErrors.has(status)) {
    return Math.max(toReal(rules.errorTtlSeconds * 1000), typeof origin === 'number' ? origin : 0)
  }
  if (sometimesCachedErrors.has(status)) return typeof origin === 'number' ? origin : 0
  if (!cacheableSuccess.has(status)) return 0
  const min = toReal(policy.minTtl * 1000)
  if (origin === 'forbidden') return min
  if (origin === undefined) return Math.max(min, toReal(policy.defaultTtl * 1000))
  return Math.min(Math.max(origin, min), Math.max(policy.maxTtl * 1000, min))
}

/** Milliseconds that the origin gives, `forbidden` where it wants no caching, undefined where it says nothing. */
function originLifetimeMs(headers: Headers, now: number): number | 'forbidden' | undefined {
  const control = first(headers, 'cache-control')?.toLowerCase()
  if (control !== undefined) {
    // `no-cache="set-cookie"` concerns that header only.
    if (/(?:^|[\s,])(?:no-store|private|no-cache)(?!\s*=)/.test(control)) return 'forbidden'
    const seconds =
      /(?:^|[\s,])s-maxage\s*=\s*"?(\d+)/.exec(control) ?? /(?:^|[\s,])max-age\s*=\s*"?(\d+)/.exec(control)
    if (seconds !== null) return Number(seconds[1]) * 1000
  }
  const expires = first(headers, 'expires')
  if (expires === undefined) return undefined
  const at = Date.parse(expires)
  return Number.isNaN(at) ? 0 : Math.max(0, at - now)
}
