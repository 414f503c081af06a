/** Scalable targets, their policies and scheduled actions: what may be registered, and what a change keeps. */
import { invalid } from './errors.ts'

/** What AWS tells a target by. */
export interface TargetId {
  readonly serviceNamespace: string
  readonly resourceId: string
  readonly scalableDimension: string
}

export interface ScalableTarget extends TargetId {
  readonly arn: string
  readonly minCapacity: number
  readonly maxCapacity: number
  readonly roleArn: string
  readonly createdAt: number
  readonly suspended: SuspendedState
  readonly tags: Readonly<Record<string, string>>
}

export interface SuspendedState {
  readonly DynamicScalingInSuspended: boolean
  readonly DynamicScalingOutSuspended: boolean
  readonly ScheduledScalingSuspended: boolean
}

export interface ScalingPolicy extends TargetId {
  readonly arn: string
  readonly name: string
  readonly type: string
  readonly createdAt: number
  /** The policy's configuration as the API spells it. */
  readonly configuration: Readonly<Record<string, unknown>>
}

export interface ScheduledAction extends TargetId {
  readonly arn: string
  readonly name: string
  readonly schedule: string
  readonly timezone: string | undefined
  readonly startsAt: number | undefined
  readonly endsAt: number | undefined
  readonly minCapacity: number | undefined
  readonly maxCapacity: number | undefined
  readonly createdAt: number
}

export const keyOf = (id: TargetId) => [id.serviceNamespace, id.resourceId, id.scalableDimension].join('|')

/** Whether something belongs to a target. */
export const isOf = (id: TargetId) => (other: TargetId) => keyOf(other) === keyOf(id)

/** https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html */
const DIMENSIONS: Readonly<Record<string, string>> = { ecs: 'ecs:service:DesiredCount' }

export function checkTargetId(id: TargetId): TargetId {
  const dimension = DIMENSIONS[id.serviceNamespace]
  if (dimension === undefined) {
    throw invalid(
      `This region scales ECS services only, not the service namespace ${id.serviceNamespace}. AWS does.`,
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
