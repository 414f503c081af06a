/** Application Auto Scaling's API. https://docs.aws.amazon.com/autoscaling/application/APIReference/API_Operations.html */
import type * as sdk from '@aws-sdk/client-application-auto-scaling'
import type { Operations } from '../../protocol/operations.ts'
import { pageOf } from '../../protocol/paging.ts'
import { invalid, invalidNextToken } from './errors.ts'
import {
  isOf,
  type ScalableTarget,
  type ScalingPolicy,
  type ScheduledAction,
  type TargetId,
} from './model.ts'
import type { ApplicationAutoScalingState } from './state.ts'

const PAGE = 50

export function createOperations(targets: ApplicationAutoScalingState) {
  return {
    RegisterScalableTarget(input) {
      const { MinCapacity, MaxCapacity, RoleARN, SuspendedState, Tags } = input
      const target = targets.register({
        ...idIn(input),
        min: MinCapacity,
        max: MaxCapacity,
        roleArn: RoleARN,
        suspended: SuspendedState,
        tags: Tags,
      })
      return { ScalableTargetARN: target.arn }
    },
    DeregisterScalableTarget(input) {
      targets.deregister(idIn(input))
      return {}
    },
    DescribeScalableTargets({
      ServiceNamespace,
      ResourceIds,
      ScalableDimension,
      MaxResults = PAGE,
      NextToken,
    }) {
      const found = targets
        .targets()
        .filter(({ serviceNamespace }) => serviceNamespace === ServiceNamespace)
        .filter(({ resourceId }) => ResourceIds === undefined || ResourceIds.includes(resourceId))
        .filter(({ scalableDimension }) => (ScalableDimension ?? scalableDimension) === scalableDimension)
      const { items, next } = pageOf(found, NextToken, MaxResults, invalidNextToken)
      return { ScalableTargets: items.map(describedTarget), ...(next ? { NextToken: next } : {}) }
    },

    PutScalingPolicy(input) {
      const {
        StepScalingPolicyConfiguration,
        TargetTrackingScalingPolicyConfiguration,
        PredictiveScalingPolicyConfiguration,
      } = input
      const policy = targets.putPolicy(idIn(input), input.PolicyName ?? '', input.PolicyType, {
        StepScalingPolicyConfiguration,
        TargetTrackingScalingPolicyConfiguration,
        PredictiveScalingPolicyConfiguration,
      })
      // The alarms of a target tracking policy are made by the scaling that does not happen here.
      return { PolicyARN: policy.arn, Alarms: [] }
    },
    DeleteScalingPolicy(input) {
      targets.deletePolicy(idIn(input), input.PolicyName ?? '')
      return {}
    },
    DescribeScalingPolicies({
      ServiceNamespace,
      ResourceId,
      ScalableDimension,
      PolicyNames,
      MaxResults = PAGE,
      NextToken,
    }) {
      const found = targets
        .policies()
        .filter(asked(ServiceNamespace, ResourceId, ScalableDimension))
        .filter(({ name }) => PolicyNames === undefined || PolicyNames.includes(name))
      const { items, next } = pageOf(found, NextToken, MaxResults, invalidNextToken)
      return { ScalingPolicies: items.map(describedPolicy), ...(next ? { NextToken: next } : {}) }
    },

    PutScheduledAction(input) {
      const { Schedule, Timezone, StartTime, EndTime, ScalableTargetAction } = input
      targets.putAction({
        ...idIn(input),
        name: input.ScheduledActionName ?? '',
        ...(Schedule === undefined ? {} : { schedule: Schedule }),
        timezone: Timezone,
        startsAt: StartTime?.getTime(),
        endsAt: EndTime?.getTime(),
        minCapacity: ScalableTargetAction?.MinCapacity,
        maxCapacity: ScalableTargetAction?.MaxCapacity,
      })
      return {}
    },
    DeleteScheduledAction(input) {
      targets.deleteAction(idIn(input), input.ScheduledActionName ?? '')
      return {}
    },
    DescribeScheduledActions({
      ServiceNamespace,
      ResourceId,
      ScalableDimension,
      ScheduledActionNames,
      MaxResults = PAGE,
      NextToken,
    }) {
      const found = targets
        .actions()
        .filter(asked(ServiceNamespace, ResourceId, ScalableDimension))
        .filter(({ name }) => ScheduledActionNames === undefined || ScheduledActionNames.includes(name))
      const { items, next } = pageOf(found, NextToken, MaxResults, invalidNextToken)
      return { ScheduledActions: items.map(describedAction), ...(next ? { NextToken: next } : {}) }
    },

    DescribeScalingActivities: () => ({ ScalingActivities: [] }),

    ListTagsForResource: ({ ResourceARN }) => ({ Tags: { ...byArn(targets, ResourceARN).tags } }),
    TagResource({ ResourceARN, Tags }) {
      const target = byArn(targets, ResourceARN)
      targets.saveTarget({ ...target, tags: { ...target.tags, ...Tags } })
      return {}
    },
    UntagResource({ ResourceARN, TagKeys = [] }) {
      const target = byArn(targets, ResourceARN)
      const kept = Object.entries(target.tags).filter(([key]) => !TagKeys.includes(key))
      targets.saveTarget({ ...target, tags: Object.fromEntries(kept) })
      return {}
    },
  } satisfies Operations<typeof sdk>
}

type IdInput = {
  ServiceNamespace?: string | undefined
  ResourceId?: string | undefined
  ScalableDimension?: string | undefined
}

const idIn = ({ ServiceNamespace = '', ResourceId = '', ScalableDimension = '' }: IdInput): TargetId => ({
  serviceNamespace: ServiceNamespace,
  resourceId: ResourceId,
  scalableDimension: ScalableDimension,
})

const asked =
  (namespace: string | undefined, resourceId: string | undefined, dimension: string | undefined) =>
  (item: TargetId) =>
    isOf({
      serviceNamespace: namespace ?? '',
      resourceId: resourceId ?? item.resourceId,
      scalableDimension: dimension ?? item.scalableDimension,
    })(item)

function byArn(targets: ApplicationAutoScalingState, arn: string | undefined): ScalableTarget {
  const target = targets.targets().find((other) => other.arn === arn)
  if (target === undefined) throw invalid(`The resource ${arn} does not exist`)
  return target
}

const spelled = (id: TargetId) => ({
  ServiceNamespace: id.serviceNamespace as sdk.ServiceNamespace,
  ResourceId: id.resourceId,
  ScalableDimension: id.scalableDimension as sdk.ScalableDimension,
})

const describedTarget = (target: ScalableTarget): sdk.ScalableTarget => ({
  ...spelled(target),
  MinCapacity: target.minCapacity,
  MaxCapacity: target.maxCapacity,
  RoleARN: target.roleArn,
  CreationTime: new Date(target.createdAt),
  SuspendedState: { ...target.suspended },
  ScalableTargetARN: target.arn,
})

const describedPolicy = (policy: ScalingPolicy): sdk.ScalingPolicy => ({
  ...spelled(policy),
  PolicyARN: policy.arn,
  PolicyName: policy.name,
  PolicyType: policy.type as sdk.PolicyType,
  CreationTime: new Date(policy.createdAt),
  Alarms: [],
  ...policy.configuration,
})

const describedAction = (action: ScheduledAction): sdk.ScheduledAction => ({
  ...spelled(action),
  ScheduledActionName: action.name,
  ScheduledActionARN: action.arn,
  Schedule: action.schedule,
  CreationTime: new Date(action.createdAt),
  ScalableTargetAction: {
    ...(action.minCapacity === undefined ? {} : { MinCapacity: action.minCapacity }),
    ...(action.maxCapacity === undefined ? {} : { MaxCapacity: action.maxCapacity }),
  },
  ...(action.timezone === undefined ? {} : { Timezone: action.timezone }),
  ...(action.startsAt === undefined ? {} : { StartTime: new Date(action.startsAt) }),
  ...(action.endsAt === undefined ? {} : { EndTime: new Date(action.endsAt) }),
})
