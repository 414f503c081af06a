/** The apply of one stack: planned, guarded, shown, confirmed, and then exactly that plan is applied. */
import { describePlan, type PlanSummary, stoppedChanges, summarize, type Terraform } from '@baton/terraform'
import type { Terminal } from '../../terminal.ts'
import { UsageError } from '../../usage-error.ts'
import { describeChanges, describeStopped } from '../terminal/progress-reporter.ts'
import type { Confirm } from '../terminal/prompt.ts'

export interface AppliedStack {
  readonly name: string
  /** False when there was nothing to do. */
  readonly changed: boolean
  readonly summary: PlanSummary
}

export interface ApplyStackOptions {
  readonly confirm: Confirm
  readonly terminal: Terminal
  /** Addresses that may be replaced or deleted although data is lost. */
  readonly allowReplace: readonly string[]
}

/** Throws `UsageError` when the guard stops the plan or the answer is no, `TerraformError` when it fails. */
export async function applyStack(
  name: string,
  terraform: Terraform,
  { confirm, terminal, allowReplace }: ApplyStackOptions,
): Promise<AppliedStack> {
  terminal.progress({ target: name, step: 'plan', state: 'started' })
  const plan = await terraform.plan()
  const summary = summarize(plan)
  for (const line of describeChanges(name, plan)) terminal.note(line)
  try {
    if (!plan.applicable) return { name, changed: false, summary }
    const stopped = stoppedChanges(plan, allowReplace)
    if (stopped.length > 0) {
      const { message, fix } = describeStopped(name, stopped)
      throw new UsageError(message, fix)
    }
    await confirm(`Apply this to ${name} (${describePlan(plan)})?`)
    terminal.progress({ target: name, step: 'apply', state: 'started' })
    const counts = await terraform.apply()
    terminal.progress({
      target: name,
      step: 'apply',
      state: 'finished',
      detail: `${counts.add} created, ${counts.change} changed, ${counts.remove} deleted`,
    })
    return { name, changed: true, summary }
  } finally {
    await terraform.discardPlan()
  }
}
