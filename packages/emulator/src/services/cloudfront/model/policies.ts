/**
 * What a cache behaviour's three policies say: what makes the cache key and how long it counts, what else reaches
 * the origin, and which headers viewers get.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/working-with-policies.html
 */

/** Which headers, cookies or query strings are meant. */
export interface Selection {
  readonly behavior:
    | 'none'
    | 'all'
    | 'whitelist'
    | 'allExcept'
    | 'allViewer'
    | 'allViewerAndWhitelistCloudFront'
  readonly items: readonly string[]
}

export interface CachePolicy {
  readonly id: string
  readonly name: string
  readonly comment: string
  /** Seconds. */
  readonly minTtl: number
  readonly defaultTtl: number
  readonly maxTtl: number
  /** The normalized Accept-Encoding is part of the key, and the edge may compress. */
  readonly gzip: boolean
  readonly brotli: boolean
  readonly headers: Selection
  readonly cookies: Selection
  readonly queryStrings: Selection
}

export interface OriginRequestPolicy {
  readonly id: string
  readonly name: string
  readonly comment: string
  readonly headers: Selection
  readonly cookies: Selection
  readonly queryStrings: Selection
}

export interface ResponseHeader {
  readonly name: string
  readonly value: string
  /** Replaces what the origin sent; otherwise it is added where the origin sent none. */
  readonly override: boolean
}

export interface Cors {
  readonly allowOrigins: readonly string[]
  readonly allowMethods: readonly string[]
  readonly allowHeaders: readonly string[]
  readonly exposeHeaders: readonly string[]
  readonly allowCredentials: boolean
  readonly maxAgeSeconds?: number
  readonly override: boolean
}

export interface ResponseHeadersPolicy {
  readonly id: string
  readonly name: string
  readonly comment: string
  /** Security and custom headers. */
  readonly headers: readonly ResponseHeader[]
  readonly remove: readonly string[]
  readonly cors?: Cors
}

export interface Policies {
  readonly cache: CachePolicy
  readonly originRequest?: OriginRequestPolicy
  readonly responseHeaders?: ResponseHeadersPolicy
}

export const none: Selection = { behavior: 'none', items: [] }
export const all: Selection = { behavior: 'all', items: [] }

/** Whether a selection names this header, cookie or query string; header names are given in lower case. */
export function selects({ behavior, items }: Selection, name: string): boolean {
  switch (behavior) {
    case 'none':
      return false
    case 'whitelist':
      return items.includes(name)
    case 'allExcept':
      return !items.includes(name)
    default:
      return true
  }
}
