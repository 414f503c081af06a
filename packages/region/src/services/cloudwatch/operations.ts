/** CloudWatch's API: metrics in and out, alarms and their history. */
import type * as cloudwatch from '@aws-sdk/client-cloudwatch'
import type { Operations } from '../../protocol/operations.ts'
import { dimensionsOf } from './alarm-data.ts'
import { checkCompositeAlarm, checkMetricAlarm } from './alarm-validation.ts'
import { type Alarms, nameOf, type StoredAlarm } from './alarms.ts'
import {
  invalidNextToken,
  invalidParameterCombination,
  missingParameter,
  resourceNotFound,
} from './errors.ts'
import { getMetricData, getMetricStatistics } from './metric-queries.ts'
import type { MetricStore } from './metric-store.ts'

export function createOperations(metrics: MetricStore, alarms: Alarms, now: () => number) {
  const existing = (name: string | undefined): StoredAlarm => {
    const alarm = alarms.get(name ?? '')
    if (alarm === undefined) throw resourceNotFound(`Unknown alarm: ${name}`)
    return alarm
  }
  return {
    PutMetricData: (input) => {
      if (!input.Namespace) throw missingParameter('The parameter Namespace is required.')
      for (const datum of input.MetricData ?? []) putDatum(metrics, input.Namespace, datum, now())
      return {}
    },
    GetMetricData: (input) => getMetricData(metrics, input),
    GetMetricStatistics: (input) => getMetricStatistics(metrics, input),
    ListMetrics: (input) => {
      const found = [...metrics.all()].filter(
        (series) =>
          (input.Namespace === undefined || series.namespace === input.Namespace) &&
          (input.MetricName === undefined || series.metric === input.MetricName) &&
          (input.Dimensions ?? []).every(
            ({ Name, Value }) =>
              Name !== undefined &&
              Name in series.dimensions &&
              (Value === undefined || series.dimensions[Name] === Value),
          ),
      )
      const { page, next } = paginate(found, input.NextToken, 500)
      return {
        Metrics: page.map((series) => ({
          Namespace: series.namespace,
          MetricName: series.metric,
          Dimensions: Object.entries(series.dimensions).map(([Name, Value]) => ({ Name, Value })),
        })),
        NextToken: next,
      }
    },
    DescribeAlarms: (input) => {
      const types = input.AlarmTypes ?? ['MetricAlarm']
      const found = alarms
        .all()
        .filter((alarm) => types.includes(alarm.kind === 'metric' ? 'MetricAlarm' : 'CompositeAlarm'))
        .filter((alarm) => input.AlarmNames === undefined || input.AlarmNames.includes(nameOf(alarm)))
        .filter((alarm) => nameOf(alarm).startsWith(input.AlarmNamePrefix ?? ''))
        .filter((alarm) => input.StateValue === undefined || alarm.state === input.StateValue)
        .sort((a, b) => (nameOf(a) < nameOf(b) ? -1 : 1))
      const { page, next } = paginate(found, input.NextToken, input.MaxRecords ?? 50)
      return {
        MetricAlarms: page.flatMap((alarm) => (alarm.kind === 'metric' ? [describeMetricAlarm(alarm)] : [])),
        CompositeAlarms: page.flatMap((alarm) =>
          alarm.kind === 'composite' ? [describeComposite(alarm)] : [],
        ),
        NextToken: next,
      }
    },
    DescribeAlarmHistory: (input) => {
      const names =
        input.AlarmName === undefined ? alarms.all().map(nameOf) : [nameOf(existing(input.AlarmName))]
      const items = names
        .flatMap((name) => alarms.history(name).map((item) => ({ name, item })))
        .filter(({ item }) => input.HistoryItemType === undefined || item.type === input.HistoryItemType)
        .filter(({ item }) => input.StartDate === undefined || item.at >= input.StartDate.getTime())
        .filter(({ item }) => input.EndDate === undefined || item.at <= input.EndDate.getTime())
        .sort((a, b) =>
          input.ScanBy === 'TimestampAscending' ? a.item.at - b.item.at : b.item.at - a.item.at,
        )
      const { page, next } = paginate(items, input.NextToken, input.MaxRecords ?? 100)
      return {
        AlarmHistoryItems: page.map(({ name, item }) => ({
          AlarmName: name,
          AlarmType:
            alarms.get(name)?.kind === 'composite' ? ('CompositeAlarm' as const) : ('MetricAlarm' as const),
          Timestamp: new Date(item.at),
          HistoryItemType: item.type,
          HistorySummary: item.summary,
          HistoryData: item.data,
        })),
        NextToken: next,
      }
    },
    PutMetricAlarm: (input) => {
      alarms.put({ kind: 'metric', definition: checkMetricAlarm(input) })
      return {}
    },
    PutCompositeAlarm: (input) => {
      alarms.put({ kind: 'composite', definition: checkCompositeAlarm(input, alarms.get) })
      return {}
    },
    // A name that does not exist fails the call and nothing is deleted.
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
    DeleteAlarms: (input) => {
      for (const name of input.AlarmNames ?? []) existing(name)
      for (const name of input.AlarmNames ?? []) alarms.delete(name)
      return {}
    },
    SetAlarmState: (input) => {
      const alarm = existing(input.AlarmName)
      if (input.StateValue === undefined) throw missingParameter('The parameter StateValue is required.')
      alarms.setState(nameOf(alarm), input.StateValue, input.StateReason ?? '', input.StateReasonData)
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
  } satisfies Operations<typeof cloudwatch>
}

function putDatum(store: MetricStore, namespace: string, datum: cloudwatch.MetricDatum, now: number): void {
  const identity = {
    namespace,
    metric: datum.MetricName ?? '',
    dimensions: dimensionsOf(datum.Dimensions),
    unit: datum.Unit,
  }
  const at = datum.Timestamp?.getTime() ?? now
  const set = datum.StatisticValues
  if (set !== undefined) {
    store.put(identity, at, {
      count: set.SampleCount ?? 0,
      sum: set.Sum ?? 0,
      min: set.Minimum ?? 0,
      max: set.Maximum ?? 0,
    })
    return
  }
  const values = datum.Values ?? (datum.Value === undefined ? undefined : [datum.Value])
  if (values === undefined)
    throw missingParameter('A metric datum must have Value, Values or StatisticValues.')
  if (datum.Counts !== undefined && datum.Counts.length !== values.length) {
    throw invalidParameterCombination('The number of Values and Counts must be the same.')
  }
  store.put(identity, at, {
    values: values.map((value, index) => ({ value, times: datum.Counts?.[index] ?? 1 })),
  })
}

function statusOf(alarm: StoredAlarm) {
  return {
    AlarmArn: alarm.arn,
    StateValue: alarm.state,
    StateReason: alarm.reason,
    StateReasonData: alarm.reasonData,
    AlarmConfigurationUpdatedTimestamp: new Date(alarm.configuredAt),
    StateUpdatedTimestamp: new Date(alarm.updatedAt),
    StateTransitionedTimestamp: new Date(alarm.transitionedAt),
  }
}

function describeMetricAlarm(alarm: StoredAlarm & { kind: 'metric' }): cloudwatch.MetricAlarm {
  const { Tags: _, ...definition } = alarm.definition
  return {
    ...definition,
    ActionsEnabled: definition.ActionsEnabled ?? true,
    OKActions: definition.OKActions ?? [],
    AlarmActions: definition.AlarmActions ?? [],
    InsufficientDataActions: definition.InsufficientDataActions ?? [],
    Dimensions: definition.Dimensions ?? [],
    ...statusOf(alarm),
  }
}

function describeComposite(alarm: StoredAlarm & { kind: 'composite' }): cloudwatch.CompositeAlarm {
  const { Tags: _, ...definition } = alarm.definition
  return { ...definition, ActionsEnabled: definition.ActionsEnabled ?? true, ...statusOf(alarm) }
}

/** The token is the index of the next item. */
function paginate<T>(
  items: readonly T[],
  token: string | undefined,
  size: number,
): { page: T[]; next: string | undefined } {
  const start = token === undefined ? 0 : Number(token)
  if (!Number.isInteger(start) || start < 0) throw invalidNextToken()
  const end = start + size
  return { page: items.slice(start, end), next: end < items.length ? String(end) : undefined }
}
