/**
 * `@baton/terraform`: runs the Terraform or OpenTofu that it finds on this machine, reports what it does while it
 * does it, and reads its plans closely enough to stop one that would take away what a platform cannot lose.
 */
export { findTerraform, minimumVersion, type TerraformBinary } from './binary.ts'
export type { Diagnostic } from './diagnostic.ts'
export { type Stopped, stoppedChanges } from './guard.ts'
export {
  type Action,
  type Change,
  type Drift,
  describePlan,
  type Plan,
  type PlanSummary,
  parsePlan,
  summarize,
} from './plan.ts'
export { openTerraform, type PlanRequest, type Terraform, type TerraformOptions } from './terraform.ts'
export { TerraformError, type TerraformErrorCode } from './terraform-error.ts'
export type { ChangeCounts, ResourceEvent, UiEvent } from './ui.ts'
