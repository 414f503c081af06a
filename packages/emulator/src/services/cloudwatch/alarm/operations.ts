/** CloudWatch's operations on alarms: their definitions, states, actions and history. */
import type * as cloudwatch from '@aws-sdk/client-cloudwatch'
import type { Operations } from '../../../protocol/operations.ts'
import { pageOf } from '../../../protocol/paging.ts'
import { dimensionsOf } from '../metric/query.ts'
import {
  invalidFormat,
  invalidNextToken,
  invalidParameterValue,
  missingParameter,
  resourceNotFound,
  resourceNotFoundException,
  validationError,
} from '../model/errors.ts'
import type { Alarms } from './alarms.ts'
import { alarmsOfRule } from './composite-rule.ts'
import { nameOf, type StoredAlarm } from './stored-alarm.ts'
import { checkCompositeAlarm, checkMetricAlarm } from './validation.ts'
import { describeAlarms, describeMetricAlarm } from './views.ts'

const tagsMax = 50
/** Alarms that one call deletes. */
const deletedMax = 100

export function createAlarmOperations(alarms: Alarms) {
  const existing = (name: string | undefined): StoredAlarm => {
    const alarm = alarms.get(name ?? '')
    if (alarm === undefined) throw resourceNotFound(`Unknown alarm: ${name}`)
    return alarm
  }
  const byArn = (arn: string | undefined): StoredAlarm => {
    const alarm = alarms.all().find((each) => each.arn === arn)
    if (alarm === undefined) throw resourceNotFoundException(arn)
    return alarm
  }
  return {
    DescribeAlarms: (input) => describeAlarms(alarms.all(), input),
    DescribeAlarmsForMetric: (input) => {
      const dimensions = JSON.stringify(Object.entries(dimensionsOf(input.Dimensions)).sort())
      const found = alarms.all().flatMap((alarm) => {
        if (alarm.kind !== 'metric') return []
        const { definition } = alarm
        const optional = ['Statistic', 'ExtendedStatistic', 'Period', 'Unit'] as const
        const same =
          definition.MetricName === input.MetricName &&
          definition.Namespace === input.Namespace &&
          JSON.stringify(Object.entries(dimensionsOf(definition.Dimensions)).sort()) === dimensions &&
          optional.every((member) => input[member] === undefined || input[member] === definition[member])
        return same ? [describeMetricAlarm(alarm)] : []
      })
      return { MetricAlarms: found }
    },
    DescribeAlarmHistory: (input) => {
      const types = input.AlarmTypes ?? ['MetricAlarm']
      const found = alarms
        .history(input.AlarmName)
        .filter(({ kind }) => types.includes(kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm'))
        .filter((item) => input.HistoryItemType === undefined || item.type === input.HistoryItemType)
        .filter((item) => input.StartDate === undefined || item.at >= input.StartDate.getTime())
        .filter((item) => input.EndDate === undefined || item.at <= input.EndDate.getTime())
      const ordered = input.ScanBy === 'TimestampAscending' ? found : found.toReversed()
      const { items, next } = pageOf(ordered, input.NextToken, input.MaxRecords ?? 100, invalidNextToken)
      return {
        AlarmHistoryItems: items.map((item) => ({
          AlarmName: item.name,
          AlarmType: item.kind === 'composite' ? ('CompositeAlarm' as const) : ('MetricAlarm' as const),
          Timestamp: new Date(item.at),
          HistoryItemType: item.type,
          HistorySummary: item.summary,
          HistoryData: item.data,
        })),
        NextToken: next,
      }
    },
    PutMetricAlarm: (input) => {
      const { Tags, ...definition } = checkMetricAlarm(input)
      alarms.put({ kind: 'metric', definition }, tagsIn(Tags))
      return {}
    },
    PutCompositeAlarm: (input) => {
      const { Tags, ...definition } = checkCompositeAlarm(input, alarms.get)
      alarms.put({ kind: 'composite', definition }, tagsIn(Tags))
      return {}
    },
    DeleteAlarms({ AlarmNames = [] }) {
      deleteAlarms(alarms, AlarmNames)
      return {}
    },
    SetAlarmState: (input) => {
      const alarm = existing(input.AlarmName)
      const { StateValue, StateReason, StateReasonData } = input
      if (StateValue === undefined) throw missingParameter('The parameter StateValue is required.')
      if (StateReason === undefined) throw missingParameter('The parameter StateReason is required.')
      if (!['OK', 'ALARM', 'INSUFFICIENT_DATA'].includes(StateValue)) {
        throw validationError(`The state ${StateValue} is none of OK, ALARM and INSUFFICIENT_DATA.`)
      }
      if (StateReasonData !== undefined && !isJson(StateReasonData)) throw invalidFormat()
      alarms.setState(nameOf(alarm), StateValue, StateReason, StateReasonData)
      return {}
    },
    EnableAlarmActions: (input) => {
      for (const name of input.AlarmNames ?? []) alarms.setActionsEnabled(name, true)
      return {}
    },
    DisableAlarmActions: (input) => {
      for (const name of input.AlarmNames ?? []) alarms.setActionsEnabled(name, false)
      return {}
    },
    ListTagsForResource: ({ ResourceARN }) => ({
      Tags: Object.entries(byArn(ResourceARN).tags).map(([Key, Value]) => ({ Key, Value })),
    }),
    TagResource: ({ ResourceARN, Tags }) => {
      const alarm = byArn(ResourceARN)
      const tags = { ...alarm.tags, ...tagsIn(Tags) }
      if (Object.keys(tags).length > tagsMax) {
        throw invalidParameterValue(`An alarm can have ${tagsMax} tags at most.`)
      }
      alarms.setTags(nameOf(alarm), tags)
      return {}
    },
    UntagResource: ({ ResourceARN, TagKeys = [] }) => {
      const alarm = byArn(ResourceARN)
      const kept = Object.entries(alarm.tags).filter(([key]) => !TagKeys.includes(key))
      alarms.setTags(nameOf(alarm), Object.fromEntries(kept))
      return {}
    },
  } satisfies Operations<typeof cloudwatch>
}

/**
 * Wrong names do not keep the others; an alarm that a composite alarm asks for cannot go.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
 */
function deleteAlarms(alarms: Alarms, names: readonly string[]): void {
  if (names.length > deletedMax) {
    throw validationError(`No more than ${deletedMax} alarms can be deleted in one call.`)
  }
  const found = names.flatMap((name) => alarms.get(name) ?? [])
  if (found.length === 0 && names.length > 0) throw resourceNotFound(`Unknown alarm: ${names.join(', ')}`)
  if (found.filter(({ kind }) => kind === 'composite').length > 1) {
    throw validationError('No more than one composite alarm can be deleted in one call.')
  }
  for (const alarm of found) {
    const parents = alarms
      .all()
      .some(
        (each) =>
          each.kind === 'composite' && alarmsOfRule(each.definition.AlarmRule ?? '').includes(nameOf(alarm)),
      )
    if (parents) {
      throw validationError(`Cannot delete ${nameOf(alarm)} as there are composite alarm(s) depending on it.`)
    }
  }
  for (const alarm of found) alarms.delete(nameOf(alarm))
}

const tagsIn = (tags: readonly cloudwatch.Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
