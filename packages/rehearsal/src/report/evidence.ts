/** What the verdict is judged from: the generator's records, and which version was allowed when. */
import type { LedgerEntry, RequestKind, RequestRecord } from '../load/record.ts'
import type { RecordList } from '../load/records.ts'
import type { Span, Timeline } from './timeline.ts'

export interface PhaseSpan extends Span {
  readonly name: string
  /** How much longer its deployments take on AWS than here. */
  readonly extraAwsMs?: number
}

export interface Evidence {
  readonly records: RecordList
  readonly lost: readonly LedgerEntry[]
  readonly timeline: Timeline
  readonly phases: readonly PhaseSpan[]
  /** Whether each release ended as the scenario expected. */
  readonly releases: readonly { readonly asExpected: boolean }[]
  /** Name of the service behind a site. */
  readonly serviceOf: Readonly<Record<string, string>>
  /** What was seen of the services besides their answers. */
  readonly observed?: readonly Failure[]
}

/** A request that failed for the verdict, and why. */
export interface Failure {
  readonly cause: string
  readonly record: RequestRecord
  readonly detail: string
}

const ofTheSite: readonly RequestKind[] = ['document', 'asset']

/** Documents and assets come from the site, everything else from the service behind it. */
export function targetOf(record: RequestRecord, serviceOf: Evidence['serviceOf']): string {
  return ofTheSite.includes(record.kind)
    ? `site ${record.site}`
    : `service ${serviceOf[record.site] ?? record.site}`
}

/** From when the request was due until it was over. */
export const spanOf = (record: RequestRecord): Span => ({
  from: record.startedAt,
  until: record.startedAt + record.latencyMs,
})
