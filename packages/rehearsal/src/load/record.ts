/** What the load generator knows of one request: the only source of the verdict's counts. */

export type RequestKind = 'document' | 'asset' | 'read' | 'write' | 'slow-write' | 'delete'

/** Why a client calls an answer failed; a version that a step does not allow is judged later, by the timeline. */
export type ClientCause =
  | 'connection-error'
  | 'time-out'
  | 'truncated-body'
  | 'wrong-body'
  | `status-${number}`

/** How a request went. */
export interface Outcome {
  readonly method: string
  readonly path: string
  readonly status?: number
  /** Version that the answer named: `x-app-version`, or the document's own. */
  readonly version?: string
  readonly cause?: ClientCause
  readonly detail?: string
}

export interface RequestRecord extends Outcome {
  /** Wall-clock milliseconds since the epoch when it was due, so that a stalled generator hides nothing. */
  readonly startedAt: number
  readonly latencyMs: number
  readonly site: string
  readonly kind: RequestKind
}

/** A write that was acknowledged, and whether it was taken back since. */
export interface LedgerEntry {
  readonly site: string
  readonly id: string
  readonly acknowledgedAt: number
  /** `unknown`: a delete was sent and not acknowledged, so either state is right. */
  readonly state: 'present' | 'deleted' | 'unknown'
}

export interface LoadOptions {
  /** Module that exports the traffic as its default. */
  readonly trafficModule: string
  /** Requests per second; overrides the traffic's own. */
  readonly rate?: number
  /** The rate rises evenly from nothing to full in this time. */
  readonly warmUpMs: number
  /** Site name → host name. */
  readonly hosts: Readonly<Record<string, string>>
  readonly address: string
  readonly port: number
  /** PEM. */
  readonly ca: string
  /** Distinguishes the writes of this run from those of others. */
  readonly unique: string
}

export type ToLoad = { readonly type: 'start'; readonly options: LoadOptions } | { readonly type: 'stop' }

export type FromLoad =
  | { readonly type: 'started' }
  | { readonly type: 'records'; readonly records: readonly RequestRecord[] }
  | { readonly type: 'stopped'; readonly lost: readonly LedgerEntry[] }
  | { readonly type: 'failed'; readonly message: string }
