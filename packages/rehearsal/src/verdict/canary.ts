/**
 * The share of a canary: how many answers, or failures, of a new version its step allows. A version that may fail is
 * bounded over the very requests of which failures are excused, none left out.
 */

import type { RequestRecord } from '../load/record.ts'
import { type Evidence, type Failure, spanOf, targetOf } from '../report/evidence.ts'
import { overlap, type ShareRule, shareBound, type Timeline } from '../report/timeline.ts'

export interface CanaryCount {
  readonly rule: ShareRule
  /** Requests to the target within the canary. */
  readonly requests: number
  /** Those that the new version answered. */
  readonly fromNewVersion: number
  readonly failed: number
  /** How many answers of the new version the share allows, a whole number. */
  readonly allowed: number
}

/** A request may wait this long before it is routed, and then meets the next step instead of the one it was sent in. */
const settleMs = 1_500

/**
 * Deviations above the mean that are still a fair split. Of a version that may fail, three: once in some 500 times
 * chance alone exceeds them. Of every other release five, once in some hundred thousand: a rehearsal has several of them,
 * and what takes traffic besides the deployment takes it whole, which is far beyond either.
 */
const deviations = { mayFail: 3, others: 5 } as const

/** True of a failure that names the version under release, while its canary holds. */
export function excused(record: RequestRecord, target: string, timeline: Timeline): boolean {
  return timeline.shares.some(
    (rule) => rule.mayFail && isOf(rule, record, target) && overlap(rule.span, spanOf(record)),
  )
}

export function countCanary(rule: ShareRule, evidence: Evidence): CanaryCount {
  const { byMethod, own } = inStep(rule, evidence)
  const requests = [...byMethod.values()].reduce((sum, { count, named }) => sum + (named ? count : 0), 0)
  return {
    rule,
    requests,
    fromNewVersion: own.length,
    failed: own.filter((record) => record.cause).length,
    allowed: Math.floor(
      shareBound(requests, rule.share, rule.mayFail ? deviations.mayFail : deviations.others),
    ),
  }
}

/**
 * Answers of a new version beyond what its step allows: each is a version that the step does not allow. What a version
 * that may fail has failed is among its answers, so this bounds its failures too.
 */
export function beyondShare(canary: CanaryCount, evidence: Evidence): Failure[] {
  const excess = canary.fromNewVersion - canary.allowed
  if (excess <= 0) return []
  const { rule } = canary
  const detail = `${rule.target} gave ${canary.fromNewVersion} of ${canary.requests} answers from ${rule.version}; the step allows ${canary.allowed}`
  return inStep(rule, evidence)
    .own.slice(-excess)
    .map((record) => ({ cause: 'beyond-step', record, detail }))
}

const isOf = (rule: ShareRule, record: RequestRecord, target: string) =>
  rule.target === target && rule.version === record.version

interface InStep {
  /** Methods whose answers never name a version say nothing of shares. */
  readonly byMethod: ReadonlyMap<string, { readonly count: number; readonly named: boolean }>
  /** Those that the new version answered. */
  readonly own: readonly RequestRecord[]
}

/** Requests to the target that the step routed. */
function inStep(rule: ShareRule, { records, serviceOf }: Evidence): InStep {
  const byMethod = new Map<string, { count: number; named: boolean }>()
  const own: RequestRecord[] = []
  for (const record of records) {
    if (!meets(record, rule) || targetOf(record, serviceOf) !== rule.target) continue
    const method = byMethod.get(record.method) ?? { count: 0, named: false }
    method.count++
    method.named ||= record.version !== undefined
    byMethod.set(record.method, method)
    if (record.version === rule.version) own.push(record)
  }
  return { byMethod, own }
}

/**
 * After the canary of a version that may fail comes the rollback, which only shrinks its share: whatever touches the
 * span counts. Elsewhere the next step widens it: there counts what was sent while the step held, and early enough to
 * be routed in it. Only when it was sent decides: to look at when it was answered would prefer the version that
 * answers faster, and that is the new one, which has the least to do.
 */
function meets(record: RequestRecord, { span, mayFail }: ShareRule): boolean {
  if (mayFail) return overlap(span, spanOf(record))
  const { from, until } = span
  return record.startedAt >= from && record.startedAt <= until - Math.min(settleMs, (until - from) / 3)
}
