/** Alarms as DescribeAlarms shows them. */
import type {
  AlarmType,
  CompositeAlarm,
  DescribeAlarmsInput,
  DescribeAlarmsOutput,
  MetricAlarm,
} from '@aws-sdk/client-cloudwatch'
import { pageOf } from '../../../protocol/paging.ts'
import { invalidNextToken, validationError } from '../model/errors.ts'
import { alarmsOfRule } from './composite-rule.ts'
import { nameOf, type StoredAlarm } from './stored-alarm.ts'

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html */
export function describeAlarms(
  all: readonly StoredAlarm[],
  input: DescribeAlarmsInput,
): DescribeAlarmsOutput {
  const { ChildrenOfAlarmName: parent, ParentsOfAlarmName: child } = input
  const relatives = parent ?? child
  if (relatives !== undefined) {
    const others = ['AlarmNames', 'AlarmNamePrefix', 'AlarmTypes', 'StateValue', 'ActionPrefix'] as const
    if (
      others.some((member) => input[member] !== undefined) ||
      (parent !== undefined && child !== undefined)
    ) {
      throw validationError(
        'ChildrenOfAlarmName and ParentsOfAlarmName go with no other parameters than MaxRecords and NextToken.',
      )
    }
    const asked = all.find((alarm) => nameOf(alarm) === parent)
    const found =
      parent === undefined
        ? all.filter((each) => childrenOf(each).includes(child ?? ''))
        : all.filter((each) => asked !== undefined && childrenOf(asked).includes(nameOf(each)))
    return answer(found, input, (alarm) => ({
      AlarmName: nameOf(alarm),
      AlarmArn: alarm.arn,
      ...(parent === undefined
        ? {}
        : { StateValue: alarm.state, StateUpdatedTimestamp: new Date(alarm.updatedAt) }),
    }))
  }
  if (input.AlarmNames !== undefined && input.AlarmNamePrefix !== undefined) {
    throw validationError('AlarmNames and AlarmNamePrefix cannot be given together.')
  }
  const types: AlarmType[] = input.AlarmTypes ?? ['MetricAlarm']
  const actionsOf = ({ definition }: StoredAlarm) => [
    ...(definition.AlarmActions ?? []),
    ...(definition.OKActions ?? []),
    ...(definition.InsufficientDataActions ?? []),
  ]
  const found = all
    .filter((alarm) => types.includes(alarm.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm'))
    .filter((alarm) => input.AlarmNames === undefined || input.AlarmNames.includes(nameOf(alarm)))
    .filter((alarm) => nameOf(alarm).startsWith(input.AlarmNamePrefix ?? ''))
    .filter((alarm) => input.StateValue === undefined || alarm.state === input.StateValue)
    .filter(
      (alarm) =>
        input.ActionPrefix === undefined ||
        actionsOf(alarm).some((action) => action.startsWith(input.ActionPrefix ?? '')),
    )
  return answer(found, input)
}

const childrenOf = (alarm: StoredAlarm) =>
  alarm.kind === 'composite' ? alarmsOfRule(alarm.definition.AlarmRule ?? '') : []

function answer(
  found: readonly StoredAlarm[],
  { NextToken, MaxRecords }: DescribeAlarmsInput,
  view?: (alarm: StoredAlarm) => MetricAlarm & CompositeAlarm,
): DescribeAlarmsOutput {
  const ordered = found.toSorted((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
  const { items, next } = pageOf(ordered, NextToken, MaxRecords ?? 50, invalidNextToken)
  return {
    MetricAlarms: items.flatMap((alarm) =>
      alarm.kind === 'metric' ? [view?.(alarm) ?? describeMetricAlarm(alarm)] : [],
    ),
    CompositeAlarms: items.flatMap((alarm) =>
      alarm.kind === 'composite' ? [view?.(alarm) ?? describeComposite(alarm)] : [],
    ),
    NextToken: next,
  }
}

export function describeMetricAlarm(alarm: StoredAlarm & { kind: 'metric' }): MetricAlarm {
  const { definition } = alarm
  return { ...definition, ...actionsOf(alarm), Dimensions: definition.Dimensions ?? [], ...statusOf(alarm) }
}

const describeComposite = (alarm: StoredAlarm & { kind: 'composite' }): CompositeAlarm => ({
  ...alarm.definition,
  ...actionsOf(alarm),
  ...statusOf(alarm),
})

const actionsOf = ({ definition }: StoredAlarm) => ({
  ActionsEnabled: definition.ActionsEnabled ?? true,
  OKActions: definition.OKActions ?? [],
  AlarmActions: definition.AlarmActions ?? [],
  InsufficientDataActions: definition.InsufficientDataActions ?? [],
})

const statusOf = (alarm: StoredAlarm) => ({
  AlarmArn: alarm.arn,
  StateValue: alarm.state,
  StateReason: alarm.reason,
  StateReasonData: alarm.reasonData,
  AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
  StateUpdatedTimestamp: new Date(alarm.updatedAt),
  StateTransitionedTimestamp: new Date(alarm.transitionedAt),
})
