/** Why a region did not do what was asked, in words for its user. */
export class RegionError extends Error {
  readonly fix: string
  /** Each finding with its place, where there are several (a refused apply). */
  readonly diagnostics: readonly RegionDiagnostic[]
  constructor(message: string, fix: string, diagnostics: readonly RegionDiagnostic[] = []) {
    super(message)
    this.name = 'RegionError'
    this.fix = fix
    this.diagnostics = diagnostics
  }
}

export interface RegionDiagnostic {
  readonly severity: 'error' | 'warning'
  /** Terraform address, e.g. `aws_lb.main`. */
  readonly address?: string
  readonly summary: string
  readonly detail?: string
  readonly fix?: string
}
