/** Scalable targets, their policies and scheduled actions. */

/** What identifies a target. */
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
