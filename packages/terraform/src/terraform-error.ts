/** What went wrong with Terraform, for the user: what happened, where, and how to fix it. */
import type { Diagnostic } from './diagnostic.ts'

export class TerraformError extends Error {
  /** Machine-readable, e.g. `binary-missing`. */
  readonly code: TerraformErrorCode
  readonly fix: string
  /** What Terraform itself complained of, in its order. */
  readonly diagnostics: readonly Diagnostic[]
  constructor(
    code: TerraformErrorCode,
    message: string,
    fix: string,
    options: ErrorOptions & { readonly diagnostics?: readonly Diagnostic[] } = {},
  ) {
    super(message, options)
    this.name = 'TerraformError'
    this.code = code
    this.fix = fix
    this.diagnostics = options.diagnostics ?? []
  }
}

export type TerraformErrorCode =
  | 'binary-missing'
  | 'binary-broken'
  | 'binary-too-old'
  | 'init-failed'
  | 'plan-failed'
  | 'plan-unreadable'
  | 'apply-failed'
  | 'state-failed'
  | 'output-too-large'
  | 'interrupted'
