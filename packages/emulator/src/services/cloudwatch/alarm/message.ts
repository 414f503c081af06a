/**
 * What an alarm publishes when its state or its configuration changes: the message to SNS topics, the payload of
 * functions, and the events of EventBridge.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html. AWS documents the
 * message to SNS by example only; this is the document that subscribers know.
 */
import type { MetricDataQuery, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch'
import { dimensionsOf } from '../metric/query.ts'
import { queriesOf } from './data.ts'
import { awsDate } from './reason.ts'
import type { AlarmStatus, StoredAlarm } from './stored-alarm.ts'

/** Names of regions as people read them. */
const regionNames: Readonly<Record<string, string>> = {
  'us-east-1': 'US East (N. Virginia)',
  'us-east-2': 'US East (Ohio)',
  'us-west-1': 'US West (N. California)',
  'us-west-2': 'US West (Oregon)',
  'ca-central-1': 'Canada (Central)',
  'sa-east-1': 'South America (Sao Paulo)',
  'eu-west-1': 'EU (Ireland)',
  'eu-west-2': 'EU (London)',
  'eu-west-3': 'EU (Paris)',
  'eu-central-1': 'EU (Frankfurt)',
  'eu-north-1': 'EU (Stockholm)',
  'eu-south-1': 'EU (Milan)',
  'ap-northeast-1': 'Asia Pacific (Tokyo)',
  'ap-northeast-2': 'Asia Pacific (Seoul)',
  'ap-northeast-3': 'Asia Pacific (Osaka)',
  'ap-southeast-1': 'Asia Pacific (Singapore)',
  'ap-southeast-2': 'Asia Pacific (Sydney)',
  'ap-south-1': 'Asia Pacific (Mumbai)',
}
const regionName = (region: string) => regionNames[region] ?? region

/** A subject has to stay below 100 characters, and an alarm's name may have 255. */
export function subjectOf(alarm: StoredAlarm, region: string): string {
  const rest = `" in ${regionName(region)}`
  const start = `${alarm.state}: "${alarm.definition.AlarmName}`
  const room = 99 - rest.length
  return `${start.length > room ? `${start.slice(0, room - 3)}...` : start}${rest}`
}

/** The message to a topic; `alarm` is in its new state. */
export function messageOf(
  alarm: StoredAlarm,
  previous: AlarmStatus,
  place: { readonly accountId: string; readonly region: string },
): string {
  const { definition } = alarm
  return JSON.stringify({
    AlarmName: definition.AlarmName,
    AlarmDescription: definition.AlarmDescription ?? null,
    AWSAccountId: place.accountId,
    AlarmConfigurationUpdatedTimestamp: awsDate(alarm.configuredAt),
    NewStateValue: alarm.state,
    NewStateReason: alarm.reason,
    StateChangeTime: awsDate(alarm.updatedAt),
    Region: regionName(place.region),
    AlarmArn: alarm.arn,
    OldStateValue: previous.state,
    OKActions: definition.OKActions ?? [],
    AlarmActions: definition.AlarmActions ?? [],
    InsufficientDataActions: definition.InsufficientDataActions ?? [],
    ...(alarm.kind === 'metric'
      ? { Trigger: triggerOf(alarm.definition) }
      : { AlarmRule: alarm.definition.AlarmRule, TriggeringChildren: childrenOf(alarm) }),
  })
}

function triggerOf(alarm: PutMetricAlarmInput) {
  const statistic = alarm.Statistic?.replace(/(?<=[a-z])(?=[A-Z])/, '_').toUpperCase()
  return {
    ...(alarm.Metrics === undefined
      ? {
          MetricName: alarm.MetricName,
          Namespace: alarm.Namespace,
          StatisticType: statistic === undefined ? 'ExtendedStatistic' : 'Statistic',
          ...(statistic === undefined
            ? { ExtendedStatistic: alarm.ExtendedStatistic }
            : { Statistic: statistic }),
          Unit: alarm.Unit ?? null,
          Dimensions: pairs(alarm.Dimensions),
        }
      : {}),
    Period: alarm.Period ?? alarm.Metrics?.find(({ MetricStat }) => MetricStat)?.MetricStat?.Period,
    EvaluationPeriods: alarm.EvaluationPeriods,
    DatapointsToAlarm: alarm.DatapointsToAlarm,
    ComparisonOperator: alarm.ComparisonOperator,
    Threshold: alarm.Threshold,
    TreatMissingData: alarm.TreatMissingData ?? '',
    EvaluateLowSampleCountPercentile: alarm.EvaluateLowSampleCountPercentile ?? '',
    ...(alarm.Metrics === undefined ? {} : { Metrics: alarm.Metrics.map(queryInMessage) }),
  }
}

const pairs = (dimensions: PutMetricAlarmInput['Dimensions']) =>
  (dimensions ?? []).map(({ Name, Value }) => ({ value: Value, name: Name }))

function queryInMessage({ MetricStat, ...query }: MetricDataQuery) {
  if (MetricStat === undefined) return query
  const { Metric, ...rest } = MetricStat
  return { ...query, MetricStat: { Metric: { ...Metric, Dimensions: pairs(Metric?.Dimensions) }, ...rest } }
}

function childrenOf(alarm: StoredAlarm) {
  const { triggeringAlarms = [] } = JSON.parse(alarm.reasonData) as {
    triggeringAlarms?: { arn: string; state: { value: string; timestamp: string } }[]
  }
  return triggeringAlarms.map(({ arn, state }) => ({
    Arn: arn,
    State: { Value: state.value, Timestamp: state.timestamp },
  }))
}

/** What a function is invoked with. https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html */
export const invocationOf = (
  alarm: StoredAlarm,
  previous: StoredAlarm,
  { accountId, region }: { readonly accountId: string; readonly region: string },
): string =>
  JSON.stringify({
    source: 'aws.cloudwatch',
    alarmArn: alarm.arn,
    accountId,
    time: awsDate(alarm.updatedAt),
    region,
    alarmData: stateChangeOf(alarm, previous),
  })

/** Detail of `CloudWatch Alarm State Change`. */
export const stateChangeOf = (alarm: StoredAlarm, previous: StoredAlarm): Record<string, unknown> => ({
  alarmName: alarm.definition.AlarmName,
  configuration: configurationOf(alarm),
  previousState: stateOf(previous),
  state: stateOf(alarm),
})

/** Detail of `CloudWatch Alarm Configuration Change`. */
export const configurationChangeOf = (
  operation: 'create' | 'update' | 'delete',
  alarm: StoredAlarm,
): Record<string, unknown> => ({
  alarmName: alarm.definition.AlarmName,
  operation,
  configuration: configurationOf(alarm),
  state: stateOf(alarm),
})

const stateOf = ({ state, reason, reasonData, updatedAt }: StoredAlarm) => ({
  value: state,
  reason,
  ...(reasonData === '{}' ? {} : { reasonData }),
  timestamp: awsDate(updatedAt),
})

function configurationOf(alarm: StoredAlarm) {
  const description = alarm.definition.AlarmDescription
  return {
    ...(description === undefined ? {} : { description }),
    ...(alarm.kind === 'composite'
      ? { alarmRule: alarm.definition.AlarmRule }
      : { metrics: queriesOf(alarm.definition).map(queryInEvent) }),
  }
}

function queryInEvent({ Id, Expression, Label, MetricStat, ReturnData = true }: MetricDataQuery) {
  return {
    id: Id,
    ...(Expression === undefined ? {} : { expression: Expression }),
    ...(Label === undefined ? {} : { label: Label }),
    ...(MetricStat === undefined
      ? {}
      : {
          metricStat: {
            metric: {
              namespace: MetricStat.Metric?.Namespace,
              name: MetricStat.Metric?.MetricName,
              dimensions: dimensionsOf(MetricStat.Metric?.Dimensions),
            },
            period: MetricStat.Period,
            stat: MetricStat.Stat,
          },
        }),
    returnData: ReturnData,
  }
}
