/**
 * Which version a client may see when: every release opens a span for its new version and closes that of the
 * old one. A release that must not reach any client opens none.
 */

/** Wall-clock milliseconds since the epoch. */
export interface Span {
  readonly from: number
  readonly until: number
}

export interface VersionRule {
  /** Site or service. */
  readonly target: string
  readonly version: string
  readonly span: Span
}

/** While a canary holds, the new version may have this share of the target's answers and no more. */
export interface ShareRule {
  readonly target: string
  readonly version: string
  readonly span: Span
  /** 0…1. */
  readonly share: number
  /** Failures of this version within the span are the canary's doing, and not held against the platform. */
  readonly mayFail: boolean
}

export interface Timeline {
  readonly versions: readonly VersionRule[]
  readonly shares: readonly ShareRule[]
}

export const overlap = (one: Span, other: Span): boolean => one.from <= other.until && other.from <= one.until

/** True when some rule allows the version at some moment of the request: it may have been answered then. */
export function allowed(timeline: Timeline, target: string, version: string, request: Span): boolean {
  return timeline.versions.some(
    (rule) => rule.target === target && rule.version === version && overlap(rule.span, request),
  )
}

/** The largest count that a fair share of `n` releases gives within so many standard deviations of its mean. */
export function shareBound(n: number, share: number, deviations: number): number {
  return n * share + deviations * Math.sqrt(n * share * (1 - share))
}
