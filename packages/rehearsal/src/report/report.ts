/** The verdict as data: what `--report` writes, and what the text is drawn from. */

export interface Report {
  readonly verdict: 'pass' | 'fail'
  readonly durationMs: number
  readonly speed: number
  readonly requests: Counts & { readonly total: number; readonly perSecond: number }
  readonly phases: readonly Phase[]
  readonly deployments: readonly DeploymentReport[]
  /** Versions that clients saw, in the order in which they first saw them. */
  readonly versions: readonly VersionSpan[]
  /** Each cause of failure, explained. */
  readonly findings: readonly Finding[]
  readonly notRehearsed: readonly string[]
  /** Name of the mistake that was rehearsed on purpose. */
  readonly mistake?: string
}

export interface Counts {
  readonly failed: number
  readonly byCause: Readonly<Record<string, number>>
}

export interface Latency {
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
}

export interface Phase {
  readonly name: string
  readonly durationMs: number
  /** With its deployments at AWS's own speed. */
  readonly predictedAwsDurationMs: number
  readonly requests: number
  readonly failed: number
  readonly latencyMs: Latency
}

export interface DeploymentReport {
  readonly kind: 'site' | 'service'
  readonly target: string
  readonly from: string
  readonly to: string
  readonly status: string
  readonly rolledBack: boolean
  /** How the release was expected to end; one that ends otherwise fails the verdict. */
  readonly expected: 'released' | 'rolled-back'
  /** The same in words, with the reason for which a rollback was expected. */
  readonly expectation: string
  /** False also of a rollback for another reason than the expected one. */
  readonly asExpected: boolean
  /** CodeDeploy's reason, where it did not succeed. */
  readonly message?: string
  readonly durationMs: number
  readonly predictedAwsDurationMs: number
  readonly steps: readonly StepReport[]
  /** What the new version failed within its canary: left out of `requests.failed`, judged by its own bound. */
  readonly withinCanary?: { readonly requests: number; readonly failed: number; readonly allowed: number }
}

export interface StepReport {
  readonly name: string
  readonly status: string
  /** Of steps that were taken: here, and on AWS. */
  readonly durationMs?: number
  readonly predictedAwsDurationMs?: number
}

export interface VersionSpan {
  readonly target: string
  readonly version: string
  /** Milliseconds since the load began. */
  readonly firstSeenMs: number
  readonly lastSeenMs: number
  readonly responses: number
}

export interface Finding {
  readonly cause: string
  readonly count: number
  /** What happened, in a sentence. */
  readonly what: string
  /** What to change. */
  readonly fix: string
  /** The first few, as the client saw them. */
  readonly examples: readonly string[]
}
