/**
 * The verdict: pure arithmetic over what the load generator recorded, what the ledger lost, and which version was
 * allowed when. What failed is counted from the generator's records alone. Which version was allowed when comes from the
 * deployments' lifecycle events, which the emulator records: `run/rehearsal-run.ts` bounds them by its own clock.
 */

import type { LedgerEntry, RequestRecord } from '../load/record.ts'
import { type Evidence, type Failure, spanOf, targetOf } from '../report/evidence.ts'
import { type Naming, readNaming } from '../report/naming.ts'
import type { Counts, Latency, Phase, VersionSpan } from '../report/report.ts'
import { allowed } from '../report/timeline.ts'
import { beyondShare, type CanaryCount, countCanary, excused } from './canary.ts'

export interface Judgement {
  readonly verdict: 'pass' | 'fail'
  readonly failures: readonly Failure[]
  readonly canaries: readonly CanaryCount[]
  readonly counts: Counts
  readonly phases: readonly Phase[]
  readonly versions: readonly VersionSpan[]
  /** What the answers do not say, and the verdict therefore not either. */
  readonly unjudged: readonly string[]
}

export function judge(evidence: Evidence): Judgement {
  const naming = readNaming(evidence)
  const canaries = evidence.timeline.shares.map((rule) => countCanary(rule, evidence))
  const failures = [
    ...failed(evidence, naming),
    ...evidence.lost.map(lostWrite),
    ...(evidence.observed ?? []),
    ...canaries.flatMap((canary) => beyondShare(canary, evidence)),
  ]
  const byCause: Record<string, number> = {}
  for (const failure of failures) byCause[failure.cause] = (byCause[failure.cause] ?? 0) + 1
  const passed =
    evidence.records.length > 0 &&
    failures.length === 0 &&
    evidence.releases.every(({ asExpected }) => asExpected)
  return {
    verdict: passed ? 'pass' : 'fail',
    failures,
    canaries,
    counts: { failed: failures.length, byCause },
    phases: measure(evidence, failures),
    versions: versionSpans(evidence),
    unjudged: naming.unjudged,
  }
}

function* failed(evidence: Evidence, naming: Naming): Generator<Failure> {
  for (const record of evidence.records) yield* failureOf(record, evidence, naming)
}

function failureOf(record: RequestRecord, evidence: Evidence, naming: Naming): Failure[] {
  const target = targetOf(record, evidence.serviceOf)
  const { cause, version } = record
  if (cause)
    return excused(record, target, evidence.timeline) ? [] : [{ cause, record, detail: record.detail ?? '' }]
  if (naming.lacks(record, target)) {
    return [{ cause: 'wrong-version', record, detail: `${target} named no version, as its other answers do` }]
  }
  if (version === undefined || allowed(evidence.timeline, target, version, spanOf(record))) return []
  return [{ cause: 'wrong-version', record, detail: `${target} answered ${version}` }]
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

function measure({ phases, records }: Evidence, failures: readonly Failure[]): Phase[] {
  const counted = phases.map((phase) => ({ phase, requests: 0, failed: 0, latencies: [] as number[] }))
  const phaseOf = ({ startedAt }: RequestRecord) =>
    counted.find(({ phase }) => startedAt >= phase.from && startedAt < phase.until)
  for (const record of records) {
    const own = phaseOf(record)
    if (!own) continue
    own.requests++
    if (isTimed(record)) own.latencies.push(record.latencyMs)
  }
  for (const { record } of failures) {
    const own = phaseOf(record)
    if (own) own.failed++
  }
  return counted.map(({ phase, requests, failed, latencies }) => {
    const durationMs = Math.round(phase.until - phase.from)
    return {
      name: phase.name,
      durationMs,
      predictedAwsDurationMs: durationMs + Math.round(phase.extraAwsMs ?? 0),
      requests,
      failed,
      latencyMs: percentiles(latencies),
    }
  })
}

/** Writes that the client itself sends slowly say nothing of latency. */
const isTimed = ({ kind }: RequestRecord) => kind !== 'slow-write'

/** By nearest rank. */
function percentiles(latencies: readonly number[]): Latency {
  const sorted = Float64Array.from(latencies).sort()
  const rank = (p: number) =>
    Math.round((sorted[Math.max(0, Math.ceil(sorted.length * p) - 1)] ?? 0) * 10) / 10
  return { p50: rank(0.5), p90: rank(0.9), p99: rank(0.99), max: rank(1) }
}

function versionSpans(evidence: Evidence): VersionSpan[] {
  const spans = new Map<
    string,
    { target: string; version: string; first: number; last: number; responses: number }
  >()
  // A loop: as parameters of one call, a few minutes of records overflow the stack.
  let origin = Number.POSITIVE_INFINITY
  for (const { startedAt } of evidence.records) origin = Math.min(origin, startedAt)
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
