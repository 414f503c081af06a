/** What an apply would change, for every stack that can be planned now. Nothing is changed. */
import type { StackName } from '@baton/infra'
import { type Plan, type PlanSummary, type Stopped, stoppedChanges, summarize } from '@baton/terraform'
import { describeChanges, describeStopped } from '../terminal/progress-reporter.ts'
import { adoptStateBucket, type OpenStack } from './stacks.ts'

export interface PlannedStack {
  readonly name: StackName
  readonly summary: PlanSummary
  readonly plan: Plan
  /** What the guard would stop. */
  readonly stopped: readonly Stopped[]
}

export interface PlannedPlatform {
  readonly stacks: readonly PlannedStack[]
  /** Why a stack could not be planned yet. */
  readonly waiting: readonly { readonly name: StackName; readonly reason: string }[]
}

/** Throws `TerraformError`. */
export async function planStacks(options: {
  readonly openStack: OpenStack
  /** Name of the bucket with the state; undefined where there is none yet. */
  readonly bucket: string | undefined
  readonly allowReplace: readonly string[]
}): Promise<PlannedPlatform> {
  const { openStack, bucket } = options
  const planned = async (
    name: StackName,
    files: Readonly<Record<string, object>> = {},
  ): Promise<PlannedStack> => {
    const terraform = await openStack(name, { bucket, files })
    try {
      const plan = await terraform.plan()
      return { name, summary: summarize(plan), plan, stopped: stoppedChanges(plan, options.allowReplace) }
    } finally {
      await terraform.discardPlan()
    }
  }
  const bootstrap = await planned('bootstrap', bucket === undefined ? {} : adoptStateBucket(bucket))
  // The platform looks up what the bootstrap stack makes: the hosted zone and the image repositories.
  if (bootstrap.plan.changes.some(({ action }) => action === 'create')) {
    const reason =
      'it needs what the bootstrap stack has not created yet (hosted zone, image repositories); `baton apply` applies both in order'
    return { stacks: [bootstrap], waiting: [{ name: 'platform', reason }] }
  }
  return { stacks: [bootstrap, await planned('platform')], waiting: [] }
}

export function describePlanned({ stacks, waiting }: PlannedPlatform): string {
  return [
    ...stacks.flatMap(({ name, plan, stopped }) => {
      const lines = describeChanges(name, plan)
      if (stopped.length === 0) return lines
      const { message, fix } = describeStopped(name, stopped)
      return [...lines, `  An apply would stop. ${message}`, `  Fix: ${fix}`]
    }),
    ...waiting.map(({ name, reason }) => `${name}: cannot be planned yet: ${reason}`),
  ].join('\n')
}
