import type { Unfinished } from '../terraform/index.ts'

/** Why a region did not do what was asked, in words for its user. */
export class RegionError extends Error {
  readonly fix: string
  /** Each finding with its place, where there are several (a refused apply). */
  readonly diagnostics: readonly RegionDiagnostic[]
  /** Of an apply or a destroy that had begun: what it did, which stays, and what is left to do. */
  readonly unfinished: Unfinished | undefined
  constructor(
    message: string,
    fix: string,
    diagnostics: readonly RegionDiagnostic[] = [],
    unfinished?: Unfinished,
  ) {
    super(message)
    this.name = 'RegionError'
    this.fix = fix
    this.diagnostics = diagnostics
    this.unfinished = unfinished
  }
}

export interface RegionDiagnostic {
  readonly severity: 'error' | 'warning'
  /** Where several stacks were checked together. */
  readonly stack?: string
  /** Terraform address, e.g. `aws_lb.main`. */
  readonly address?: string
  /** Attribute in it, e.g. `default_action[0].target_group_arn`. */
  readonly attribute?: string
  readonly summary: string
  readonly detail?: string
  readonly fix?: string
}
