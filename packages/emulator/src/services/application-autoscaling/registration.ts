/** What may be registered, and what a change keeps. */
import { invalid } from './errors.ts'
import type { ScalableTarget, SuspendedState, TargetId } from './model.ts'

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html */
const DIMENSIONS: Readonly<Record<string, string>> = { ecs: 'ecs:service:DesiredCount' }

export function checkTargetId(id: TargetId): TargetId {
  const dimension = DIMENSIONS[id.serviceNamespace]
  if (dimension === undefined) {
    throw invalid(
      `This emulator scales ECS services only, not the service namespace ${id.serviceNamespace}. AWS does.`,
    )
  }
  if (id.scalableDimension !== dimension) {
    throw invalid(
      `Unsupported service namespace, resource type or scalable dimension: ${id.scalableDimension}`,
    )
  }
  if (!/^service\/[^/]+\/[^/]+$/.test(id.resourceId))
    throw invalid(`ECS service doesn't exist: ${id.resourceId}`)
  return id
}

/** A registration changes what it names and keeps the rest; the first one needs both bounds. */
export function bounds(
  existing: ScalableTarget | undefined,
  min: number | undefined,
  max: number | undefined,
): { minCapacity: number; maxCapacity: number } {
  const minCapacity = min ?? existing?.minCapacity
  const maxCapacity = max ?? existing?.maxCapacity
  if (minCapacity === undefined || maxCapacity === undefined) {
    throw invalid(
      'The MinCapacity and MaxCapacity parameters are required when registering a new scalable target.',
    )
  }
  if (minCapacity < 0 || maxCapacity < minCapacity) {
    throw invalid('Maximum capacity cannot be less than minimum capacity')
  }
  return { minCapacity, maxCapacity }
}

export const suspension = (
  existing: SuspendedState | undefined,
  asked: Partial<Record<keyof SuspendedState, boolean | undefined>> = {},
): SuspendedState => ({
  DynamicScalingInSuspended: asked.DynamicScalingInSuspended ?? existing?.DynamicScalingInSuspended ?? false,
  DynamicScalingOutSuspended:
    asked.DynamicScalingOutSuspended ?? existing?.DynamicScalingOutSuspended ?? false,
  ScheduledScalingSuspended: asked.ScheduledScalingSuspended ?? existing?.ScheduledScalingSuspended ?? false,
})

const POLICY_TYPES: Readonly<Record<string, string>> = {
  StepScaling: 'StepScalingPolicyConfiguration',
  TargetTrackingScaling: 'TargetTrackingScalingPolicyConfiguration',
  PredictiveScaling: 'PredictiveScalingPolicyConfiguration',
}

/** The configuration that the policy's type asks for. */
export function policyConfiguration(
  type: string,
  configurations: Readonly<Record<string, object | undefined>>,
): Readonly<Record<string, unknown>> {
  const member = POLICY_TYPES[type]
  if (member === undefined) throw invalid(`Unknown policy type: ${type}`)
  const configuration = configurations[member]
  if (configuration === undefined) throw invalid(`${member} is required for the policy type ${type}`)
  return { [member]: configuration }
}

/** https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html */
export function checkSchedule(schedule: string): void {
  const cron = /^cron\((?:[^\s()]+\s+){5}[^\s()]+\)$/.test(schedule)
  const rate = /^rate\(\d+ (?:minute|hour|day)s?\)$/.test(schedule)
  const at = /^at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)$/.test(schedule)
  if (!cron && !rate && !at) throw invalid(`Invalid schedule expression: ${schedule}`)
}
