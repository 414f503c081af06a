/** Terraform's view of Application Auto Scaling. */
import {
  type Attributes,
  block,
  computed,
  implemented,
  type ResourceType,
  type Value,
} from '../../terraform/type/resource-type.ts'
import { firstBlock, number, stringMap, text } from '../../terraform/type/values.ts'
import { isOf, type TargetId } from './model.ts'
import { policyBlocks, policyConfigurations } from './policy-attributes.ts'
import type { ApplicationAutoScalingState } from './state.ts'

const identity = {
  resource_id: implemented({ forceNew: true }),
  scalable_dimension: implemented({ forceNew: true }),
  service_namespace: implemented({ forceNew: true }),
}

const idOf = (attributes: Attributes): TargetId => ({
  serviceNamespace: String(attributes.service_namespace),
  resourceId: String(attributes.resource_id),
  scalableDimension: String(attributes.scalable_dimension),
})

export function createResourceTypes(targets: ApplicationAutoScalingState): ResourceType[] {
  return [targetType(targets), policyType(targets), actionType(targets)]
}

function targetType(targets: ApplicationAutoScalingState): ResourceType {
  const register = (planned: Attributes): Attributes => {
    const suspended = firstBlock(planned.suspended_state)
    const target = targets.register({
      ...idOf(planned),
      min: Number(planned.min_capacity),
      max: Number(planned.max_capacity),
      roleArn: text(planned.role_arn),
      tags: stringMap(planned.tags_all ?? planned.tags),
      suspended: suspended && {
        DynamicScalingInSuspended: suspended.dynamic_scaling_in_suspended === true,
        DynamicScalingOutSuspended: suspended.dynamic_scaling_out_suspended === true,
        ScheduledScalingSuspended: suspended.scheduled_scaling_suspended === true,
      },
    })
    return { ...planned, ...present(targets, target) }
  }
  return {
    type: 'aws_appautoscaling_target',
    attributes: {
      ...identity,
      min_capacity: implemented(),
      max_capacity: implemented(),
      role_arn: implemented({ computed: true }),
      suspended_state: block(
        {
          dynamic_scaling_in_suspended: implemented({ default: false }),
          dynamic_scaling_out_suspended: implemented({ default: false }),
          scheduled_scaling_suspended: implemented({ default: false }),
        },
        { maxItems: 1, computed: true },
      ),
      tags: implemented(),
      tags_all: computed(),
      arn: computed(),
      id: computed(),
    },
    create: register,
    update: (planned, prior) => register({ ...prior, ...planned }),
    read(prior) {
      const target = targets.target(idOf(prior))
      return target && { ...prior, ...present(targets, target) }
    },
    delete(prior) {
      if (targets.target(idOf(prior))) targets.deregister(idOf(prior))
    },
  }
}

function present(targets: ApplicationAutoScalingState, id: TargetId): Attributes {
  const target = targets.target(id)
  if (target === undefined) return {}
  return {
    id: target.resourceId,
    arn: target.arn,
    role_arn: target.roleArn,
    min_capacity: target.minCapacity,
    max_capacity: target.maxCapacity,
    suspended_state: [
      {
        dynamic_scaling_in_suspended: target.suspended.DynamicScalingInSuspended,
        dynamic_scaling_out_suspended: target.suspended.DynamicScalingOutSuspended,
        scheduled_scaling_suspended: target.suspended.ScheduledScalingSuspended,
      },
    ],
  }
}

function policyType(targets: ApplicationAutoScalingState): ResourceType {
  const put = (planned: Attributes): Attributes => {
    const name = String(planned.name)
    const type = text(planned.policy_type) ?? 'StepScaling'
    const policy = targets.putPolicy(idOf(planned), name, type, policyConfigurations(planned))
    return { ...planned, id: name, arn: policy.arn, alarm_arns: [], policy_type: policy.type }
  }
  const existing = (prior: Attributes) =>
    targets.policies().find((policy) => isOf(idOf(prior))(policy) && policy.name === prior.name)
  return {
    type: 'aws_appautoscaling_policy',
    attributes: {
      ...identity,
      name: implemented({ forceNew: true }),
      policy_type: implemented({ default: 'StepScaling' }),
      ...policyBlocks,
      alarm_arns: computed(),
      arn: computed(),
      id: computed(),
    },
    create: put,
    update: (planned, prior) => put({ ...prior, ...planned }),
    read: (prior) => (existing(prior) ? prior : undefined),
    delete(prior) {
      if (existing(prior)) targets.deletePolicy(idOf(prior), String(prior.name))
    },
  }
}

function actionType(targets: ApplicationAutoScalingState): ResourceType {
  const put = (planned: Attributes): Attributes => {
    const action = firstBlock(planned.scalable_target_action)
    const { arn } = targets.putAction({
      ...idOf(planned),
      name: String(planned.name),
      schedule: String(planned.schedule),
      timezone: text(planned.timezone) ?? 'UTC',
      startsAt: time(planned.start_time),
      endsAt: time(planned.end_time),
      minCapacity: number(action?.min_capacity),
      maxCapacity: number(action?.max_capacity),
    })
    return { ...planned, arn, id: `${planned.name}-${planned.service_namespace}-${planned.resource_id}` }
  }
  const existing = (prior: Attributes) =>
    targets.actions().find((action) => isOf(idOf(prior))(action) && action.name === prior.name)
  return {
    type: 'aws_appautoscaling_scheduled_action',
    attributes: {
      ...identity,
      name: implemented({ forceNew: true }),
      schedule: implemented(),
      timezone: implemented({ default: 'UTC' }),
      start_time: implemented(),
      end_time: implemented(),
      scalable_target_action: block(
        { min_capacity: implemented(), max_capacity: implemented() },
        { maxItems: 1 },
      ),
      arn: computed(),
      id: computed(),
    },
    create: put,
    update: (planned, prior) => put({ ...prior, ...planned }),
    read: (prior) => (existing(prior) ? prior : undefined),
    delete(prior) {
      if (existing(prior)) targets.deleteAction(idOf(prior), String(prior.name))
    },
  }
}

const time = (value: Value | undefined): number | undefined => {
  const given = text(value)
  return given === undefined ? undefined : Date.parse(given)
}
