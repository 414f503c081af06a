/**
 * The verdict: pure arithmetic over what the load generator recorded, what the ledger lost, and which version
 * was allowed when. Nothing is taken from the region's own books.
 */
import type { LedgerEntry, RequestKind, RequestRecord } from './load/record.ts'
import type { Counts, Latency, Phase, VersionSpan } from './report.ts'
import { allowed, type ShareRule, type Span, shareBound, type Timeline } from './timeline.ts'

export interface PhaseSpan extends Span {
  readonly name: string
  /** How much longer its deployments take on AWS than here. */
  readonly extraAwsMs?: number
}

/** A request that failed for the verdict, and why. */
export interface Failure {
  readonly cause: string
  readonly record: RequestRecord
  readonly detail: string
}

export interface CanaryCount {
  readonly rule: ShareRule
  /** Answers of the target within the canary. */
  readonly requests: number
  /** Those that the new version gave. */
  readonly fromNewVersion: number
  readonly failed: number
  /** How many the share allows. */
  readonly allowed: number
}

export interface Judgement {
  readonly failures: readonly Failure[]
  readonly canaries: readonly CanaryCount[]
  readonly counts: Counts
  readonly phases: readonly Phase[]
  readonly versions: readonly VersionSpan[]
}

export interface Evidence {
  readonly records: readonly RequestRecord[]
  readonly lost: readonly LedgerEntry[]
  readonly timeline: Timeline
  readonly phases: readonly PhaseSpan[]
  /** Name of the service behind a site. */
  readonly serviceOf: Readonly<Record<string, string>>
}

/** Documents and assets come from the site, everything else from the service behind it. */
export function targetOf(record: RequestRecord, serviceOf: Evidence['serviceOf']): string {
  const site: RequestKind[] = ['document', 'asset']
  return site.includes(record.kind)
    ? `site ${record.site}`
    : `service ${serviceOf[record.site] ?? record.site}`
}

export function judge(evidence: Evidence): Judgement {
  const canaries = evidence.timeline.shares.map((rule) => countCanary(rule, evidence))
  const failures = [
    ...evidence.records.flatMap((record) => failureOf(record, evidence)),
    ...evidence.lost.map(lostWrite),
    ...canaries.flatMap((canary) => beyondShare(canary, evidence)),
  ]
  const byCause: Record<string, number> = {}
  for (const failure of failures) byCause[failure.cause] = (byCause[failure.cause] ?? 0) + 1
  return {
    failures,
    canaries,
    counts: { failed: failures.length, byCause },
    phases: evidence.phases.map((phase) => measure(phase, evidence.records, failures)),
    versions: versionSpans(evidence),
  }
}

const spanOf = (record: RequestRecord): Span => ({
  from: record.startedAt,
  until: record.startedAt + record.latencyMs,
})

/** A request may wait this long before it is routed, and then meets the next step instead of the one it was sent in. */
const settleMs = 1_500

/**
 * Sent while the step held, and early enough to be routed in it. Only when it was sent decides: to look at when it
 * was answered would prefer the version that answers faster, and that is the new one, which has the least to do.
 */
function metStep({ startedAt }: RequestRecord, { from, until }: Span): boolean {
  return startedAt >= from && startedAt <= until - Math.min(settleMs, (until - from) / 3)
}

function failureOf(record: RequestRecord, evidence: Evidence): Failure[] {
  const target = targetOf(record, evidence.serviceOf)
  if (record.cause && inCanary(record, target, evidence.timeline)) return []
  if (record.cause) return [{ cause: record.cause, record, detail: record.detail ?? '' }]
  if (record.version === undefined || allowed(evidence.timeline, target, record.version, spanOf(record)))
    return []
  return [{ cause: 'wrong-version', record, detail: `${target} answered ${record.version}` }]
}

/** A failure that names the version under trial, while its canary holds. */
function inCanary(record: RequestRecord, target: string, timeline: Timeline): boolean {
  const { from, until } = spanOf(record)
  return timeline.shares.some(
    (rule) =>
      rule.mayFail &&
      rule.target === target &&
      rule.version === record.version &&
      rule.span.from <= until &&
      from <= rule.span.until,
  )
}

function countCanary(rule: ShareRule, evidence: Evidence): CanaryCount {
  const within = evidence.records.filter(
    (record) => targetOf(record, evidence.serviceOf) === rule.target && metStep(record, rule.span),
  )
  const own = within.filter((record) => record.version === rule.version)
  return {
    rule,
    requests: within.length,
    fromNewVersion: own.length,
    failed: own.filter((record) => record.cause).length,
    allowed: shareBound(within.length, rule.share),
  }
}

/** Answers of a new version beyond what its step allows: each is a version that the step does not allow. */
function beyondShare(canary: CanaryCount, evidence: Evidence): Failure[] {
  const excess = Math.floor(canary.fromNewVersion - canary.allowed)
  if (excess <= 0) return []
  const { rule } = canary
  const detail = `${rule.target} gave ${canary.fromNewVersion} of ${canary.requests} answers from ${rule.version}; the step allows ${Math.floor(canary.allowed)}`
  return evidence.records
    .filter(
      (record) =>
        targetOf(record, evidence.serviceOf) === rule.target &&
        record.version === rule.version &&
        metStep(record, rule.span),
    )
    .slice(-excess)
    .map((record) => ({ cause: 'beyond-step', record, detail }))
}

function lostWrite(entry: LedgerEntry): Failure {
  const what =
    entry.state === 'present' ? 'was acknowledged and is not there' : 'was deleted and is still there'
  return {
    cause: 'lost-write',
    detail: `${entry.site} ${entry.id} ${what}`,
    record: {
      startedAt: entry.acknowledgedAt,
      latencyMs: 0,
      site: entry.site,
      kind: 'write',
      method: 'POST',
      path: entry.id,
    },
  }
}

function measure(phase: PhaseSpan, records: readonly RequestRecord[], failures: readonly Failure[]): Phase {
  const within = (record: RequestRecord) => record.startedAt >= phase.from && record.startedAt < phase.until
  const own = records.filter(within)
  const durationMs = Math.round(phase.until - phase.from)
  return {
    name: phase.name,
    durationMs,
    predictedAwsDurationMs: durationMs + Math.round(phase.extraAwsMs ?? 0),
    requests: own.length,
    failed: failures.filter((failure) => within(failure.record)).length,
    latencyMs: latency(own),
  }
}

/** Percentiles by nearest rank; writes that the client itself sends slowly are left out. */
export function latency(records: readonly RequestRecord[]): Latency {
  const sorted = records
    .filter((record) => record.kind !== 'slow-write')
    .map((record) => record.latencyMs)
    .sort((a, b) => a - b)
  const rank = (p: number) =>
    Math.round((sorted[Math.max(0, Math.ceil(sorted.length * p) - 1)] ?? 0) * 10) / 10
  return { p50: rank(0.5), p90: rank(0.9), p99: rank(0.99), max: rank(1) }
}

function versionSpans(evidence: Evidence): VersionSpan[] {
  const spans = new Map<
    string,
    { target: string; version: string; first: number; last: number; responses: number }
  >()
  const origin = Math.min(...evidence.records.map((record) => record.startedAt))
  for (const record of evidence.records) {
    if (record.version === undefined) continue
    const target = targetOf(record, evidence.serviceOf)
    const key = `${target} ${record.version}`
    const seen = spans.get(key) ?? {
      target,
      version: record.version,
      first: record.startedAt,
      last: 0,
      responses: 0,
    }
    seen.first = Math.min(seen.first, record.startedAt)
    seen.last = Math.max(seen.last, record.startedAt)
    seen.responses++
    spans.set(key, seen)
  }
  return [...spans.values()]
    .map(({ target, version, first, last, responses }) => ({
      target,
      version,
      firstSeenMs: Math.round(first - origin),
      lastSeenMs: Math.round(last - origin),
      responses,
    }))
    .sort((a, b) => a.target.localeCompare(b.target) || a.firstSeenMs - b.firstSeenMs)
}
