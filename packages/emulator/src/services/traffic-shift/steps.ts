/**
 * The steps of a traffic shift: all at once, a canary, or linear. A pure computation that any deployment controller
 * uses: CodeDeploy's deployment configurations and the strategies of a deployment by ECS itself describe the same
 * three shifts.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html#deployment-configuration-ecs
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
 */

export type ShiftStrategy =
  | { readonly type: 'all-at-once' }
  /** `percent` of the traffic first; the rest after `minutes`. */
  | { readonly type: 'canary'; readonly percent: number; readonly minutes: number }
  /** `percent` more every `minutes`. */
  | { readonly type: 'linear'; readonly percent: number; readonly minutes: number }

/** One step of a shift: the share of the new revision, and how long AWS waits before the next step. */
export interface ShiftStep {
  /** 0 to 100. */
  readonly percent: number
  /** Minutes of AWS time; 0 after the last step. */
  readonly thenWaitMinutes: number
}

/** Always ends with a step to 100 %. A `percent` that is not above 0 is a single step. */
export function shiftSteps(strategy: ShiftStrategy): ShiftStep[] {
  const last: ShiftStep = { percent: 100, thenWaitMinutes: 0 }
  if (strategy.type === 'all-at-once' || !(strategy.percent > 0)) return [last]
  const step = (percent: number): ShiftStep => ({ percent, thenWaitMinutes: strategy.minutes })
  if (strategy.type === 'canary') return [step(strategy.percent), last]
  // The number of steps before the last one. Multiplied, not added: fractions of a percent would drift.
  const before = Math.ceil(100 / strategy.percent - 1e-9) - 1
  return [...Array.from({ length: before }, (_, index) => step((index + 1) * strategy.percent)), last]
}
