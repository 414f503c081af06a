/** The scalable targets of the emulator with their policies and scheduled actions. */
import type { EmulatorContext } from '../../service.ts'
import { actionNotFound, invalid, policyNotFound, targetNotFound, targetNotRegistered } from './errors.ts'
import {
  isOf,
  keyOf,
  type ScalableTarget,
  type ScalingPolicy,
  type ScheduledAction,
  type SuspendedState,
  type TargetId,
} from './model.ts'
import { bounds, checkSchedule, checkTargetId, policyConfiguration, suspension } from './registration.ts'

export interface Registration extends TargetId {
  readonly min?: number | undefined
  readonly max?: number | undefined
  readonly roleArn?: string | undefined
  readonly suspended?: Partial<Record<keyof SuspendedState, boolean | undefined>> | undefined
  readonly tags?: Readonly<Record<string, string>> | undefined
}

export type ActionInput = TargetId & { readonly name: string } & Partial<
    Omit<ScheduledAction, 'arn' | 'createdAt'>
  >

export interface ApplicationAutoScalingState {
  targets(): ScalableTarget[]
  target(id: TargetId): ScalableTarget | undefined
  register(registration: Registration): ScalableTarget
  /** Takes its policies and scheduled actions with it, as AWS does. */
  deregister(id: TargetId): void
  policies(): ScalingPolicy[]
  putPolicy(
    id: TargetId,
    name: string,
    type: string | undefined,
    configurations: Readonly<Record<string, object | undefined>>,
  ): ScalingPolicy
  deletePolicy(id: TargetId, name: string): void
  actions(): ScheduledAction[]
  putAction(input: ActionInput): ScheduledAction
  deleteAction(id: TargetId, name: string): void
  saveTarget(target: ScalableTarget): void
}

export function createState(context: EmulatorContext): ApplicationAutoScalingState {
  const { accountId, region, clock, ids, store } = context
  const targets = store.collection<ScalableTarget>('application-autoscaling.targets')
  const policies = store.collection<ScalingPolicy>('application-autoscaling.policies')
  const actions = store.collection<ScheduledAction>('application-autoscaling.scheduled-actions')
  const named = (id: TargetId, name: string) => `${keyOf(id)}|${name}`
  const registered = (id: TargetId) => {
    const target = targets.get(keyOf(id))
    if (target === undefined) throw targetNotRegistered(id)
    return target
  }
  const arnPrefix = `arn:aws:autoscaling:${region}:${accountId}`

  return {
    targets: () => targets.values(),
    target: (id) => targets.get(keyOf(id)),
    register(registration) {
      const { serviceNamespace, resourceId, scalableDimension } = checkTargetId(registration)
      const id = { serviceNamespace, resourceId, scalableDimension }
      const existing = targets.get(keyOf(id))
      const target: ScalableTarget = {
        ...id,
        ...bounds(existing, registration.min, registration.max),
        arn:
          existing?.arn ??
          `arn:aws:application-autoscaling:${region}:${accountId}:scalable-target/${ids.hex('', 32)}`,
        roleArn: registration.roleArn ?? existing?.roleArn ?? serviceLinkedRole(accountId),
        createdAt: existing?.createdAt ?? clock.now(),
        suspended: suspension(existing?.suspended, registration.suspended),
        tags: registration.tags ?? existing?.tags ?? {},
      }
      targets.put(keyOf(id), target)
      return target
    },
    deregister(id) {
      if (!targets.delete(keyOf(id))) throw targetNotFound(id)
      for (const [key, policy] of policies.entries()) if (isOf(id)(policy)) policies.delete(key)
      for (const [key, action] of actions.entries()) if (isOf(id)(action)) actions.delete(key)
    },
    saveTarget: (target) => targets.put(keyOf(target), target),

    policies: () => policies.values(),
    putPolicy(id, name, type, configurations) {
      registered(id)
      const existing = policies.get(named(id, name))
      const policyType = type ?? existing?.type ?? 'StepScaling'
      if (existing && existing.type !== policyType)
        throw invalid('The type of a scaling policy cannot be changed')
      const policy: ScalingPolicy = {
        ...id,
        name,
        type: policyType,
        arn:
          existing?.arn ??
          `${arnPrefix}:scalingPolicy:${ids.uuid()}:resource/${id.serviceNamespace}/${id.resourceId}:policyName/${name}`,
        createdAt: existing?.createdAt ?? clock.now(),
        configuration: policyConfiguration(policyType, configurations),
      }
      policies.put(named(id, name), policy)
      return policy
    },
    deletePolicy(id, name) {
      if (!policies.delete(named(id, name))) throw policyNotFound(name, id)
    },

    actions: () => actions.values(),
    putAction(input) {
      const { serviceNamespace, resourceId, scalableDimension, name } = input
      const id = { serviceNamespace, resourceId, scalableDimension }
      registered(id)
      const existing = actions.get(named(id, name))
      const schedule = input.schedule ?? existing?.schedule
      if (schedule === undefined) throw invalid('A schedule is required to create a scheduled action')
      checkSchedule(schedule)
      const action: ScheduledAction = {
        ...id,
        name,
        schedule,
        arn:
          existing?.arn ??
          `${arnPrefix}:scheduledAction:${ids.uuid()}:resource/${serviceNamespace}/${resourceId}:scheduledActionName/${name}`,
        timezone: input.timezone ?? existing?.timezone,
        startsAt: input.startsAt ?? existing?.startsAt,
        endsAt: input.endsAt ?? existing?.endsAt,
        minCapacity: input.minCapacity ?? existing?.minCapacity,
        maxCapacity: input.maxCapacity ?? existing?.maxCapacity,
        createdAt: existing?.createdAt ?? clock.now(),
      }
      actions.put(named(id, name), action)
      return action
    },
    deleteAction(id, name) {
      if (!actions.delete(named(id, name))) throw actionNotFound(name, id)
    },
  }
}

/** https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-service-linked-roles.html */
const serviceLinkedRole = (accountId: string) =>
  `arn:aws:iam::${accountId}:role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService`
