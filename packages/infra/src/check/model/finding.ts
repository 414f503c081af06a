/** What a check reports: one shape for what a rule demands, and one for what it found. */
import type { Resource } from './block.ts'
import type { Connection } from './reachability.ts'
import type { Terraform } from './terraform.ts'

/** `error`: do not apply this. `warning`: have a reason for it. `note`: know about it. */
export type Severity = 'error' | 'warning' | 'note'

export interface Finding {
  readonly rule: string
  readonly severity: Severity
  /** Stack of the resource, e.g. `platform`. */
  readonly stack: string
  /** e.g. `aws_lb_listener.https`. */
  readonly address: string
  readonly reason: string
  readonly fix: string
  /** The page that the rule follows from. */
  readonly source?: string
}

/** What a rule found at one resource. */
export interface Found {
  readonly at: Resource
  readonly reason: string
  readonly fix: string
  /** Where this case is less or more severe than the rule's others. */
  readonly severity?: Severity
}

export interface Rule {
  /** Kebab-case, stable: users write it down in exceptions. */
  readonly name: string
  readonly severity: Severity
  /** What the rule demands, as a sentence. */
  readonly demand: string
  readonly source?: string
  check(terraform: Terraform): Iterable<Found>
}

export interface CheckResult {
  /** Errors first, then warnings, then notes. */
  readonly findings: readonly Finding[]
  readonly reachability: readonly Connection[]
  readonly summary: {
    readonly resources: number
    readonly rules: number
    readonly errors: number
    readonly warnings: number
    readonly notes: number
  }
}

/** Runs rules in their order. */
export const findings = (terraform: Terraform, rules: readonly Rule[]): Finding[] =>
  rules.flatMap((rule) =>
    [...rule.check(terraform)].map(({ at, reason, fix, severity = rule.severity }) => ({
      rule: rule.name,
      severity,
      stack: at.stack,
      address: at.address,
      reason,
      fix,
      ...(rule.source === undefined ? {} : { source: rule.source }),
    })),
  )
