import type { Unfinished } from '../terraform/index.ts'

/** Why an emulator did not do what was asked, in words for its user. */
export class EmulatorError extends Error {
  readonly fix: string
  /** Each finding with its place, where there are several (a refused apply). */
  readonly diagnostics: readonly EmulatorDiagnostic[]
  /** Of an apply or a destroy that had begun: what it did, which stays, and what is left to do. */
  readonly unfinished: Unfinished | undefined
  constructor(
    message: string,
    fix: string,
    diagnostics: readonly EmulatorDiagnostic[] = [],
    unfinished?: Unfinished,
  ) {
    super(message)
    this.name = 'EmulatorError'
    this.fix = fix
    this.diagnostics = diagnostics
    this.unfinished = unfinished
  }
}

export interface EmulatorDiagnostic {
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
