/** Terraform's CloudWatch resources. Alarms go through the same checks as the API's. */
import type { MetricDataQuery, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch'
import {
  type ApplyContext,
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
  recordType,
  type Value,
} from '../../terraform/type/resource-type.ts'
import { blocks, isBlock, number, stringList, stringMap, text } from '../../terraform/type/values.ts'
import type { Alarms } from './alarm/alarms.ts'
import { type AlarmDefinition, nameOf } from './alarm/stored-alarm.ts'
import { checkCompositeAlarm, checkMetricAlarm } from './alarm/validation.ts'

const actions = {
  actions_enabled: implemented({ default: true }),
  alarm_actions: implemented({ set: true }),
  ok_actions: implemented({ set: true }),
  insufficient_data_actions: implemented({ set: true }),
  alarm_description: implemented(),
  tags: implemented(),
  tags_all: computed(),
  arn: computed(),
  id: computed(),
}

export function createResourceTypes(alarms: Alarms): ResourceType[] {
  const put = (alarm: AlarmDefinition, planned: Attributes) => {
    const tags = stringMap(planned.tags_all ?? planned.tags)
    const stored = alarms.put(alarm, tags)
    alarms.setTags(nameOf(stored), tags)
    return stored
  }
  const upsertMetric = (planned: Attributes): Attributes => {
    const alarm = put({ kind: 'metric', definition: checkMetricAlarm(metricAlarm(planned)) }, planned)
    return {
      ...planned,
      id: nameOf(alarm),
      arn: alarm.arn,
      datapoints_to_alarm: planned.datapoints_to_alarm ?? 0,
    }
  }
  const upsertComposite = (planned: Attributes): Attributes => {
    const definition = {
      AlarmName: String(planned.alarm_name),
      AlarmRule: String(planned.alarm_rule),
      ...actionInput(planned),
    }
    const alarm = put({ kind: 'composite', definition: checkCompositeAlarm(definition, alarms.get) }, planned)
    return { ...planned, id: nameOf(alarm), arn: alarm.arn }
  }
  const read = (prior: Attributes) => (alarms.get(String(prior.alarm_name)) === undefined ? undefined : prior)
  const remove = (prior: Attributes) => void alarms.delete(String(prior.alarm_name))

  return [
    {
      type: 'aws_cloudwatch_metric_alarm',
      attributes: {
        alarm_name: implemented({ forceNew: true }),
        comparison_operator: implemented(),
        evaluation_periods: implemented(),
        datapoints_to_alarm: implemented({ computed: true }),
        threshold: implemented(),
        metric_name: implemented(),
        namespace: implemented(),
        period: implemented(),
        statistic: implemented(),
        extended_statistic: implemented(),
        dimensions: implemented(),
        unit: implemented(),
        treat_missing_data: implemented({ default: 'missing' }),
        evaluate_low_sample_count_percentiles: implemented({ computed: true }),
        metric_query: block(
          {
            id: implemented(),
            expression: implemented(),
            label: implemented(),
            period: implemented(),
            return_data: implemented({ default: false }),
            account_id: ignored('the emulator has one account'),
            metric: block(
              {
                metric_name: implemented(),
                namespace: implemented(),
                period: implemented(),
                stat: implemented(),
                dimensions: implemented(),
                unit: implemented(),
              },
              { maxItems: 1 },
            ),
          },
          { set: true },
        ),
        ...actions,
      },
      create: upsertMetric,
      update: (planned, prior) => upsertMetric({ ...prior, ...planned }),
      read,
      delete: remove,
    },
    {
      type: 'aws_cloudwatch_composite_alarm',
      attributes: { alarm_name: implemented({ forceNew: true }), alarm_rule: implemented(), ...actions },
      create: upsertComposite,
      update: (planned, prior) => upsertComposite({ ...prior, ...planned }),
      read,
      delete: remove,
    },
    dashboard,
  ]
}

const dashboard = recordType({
  type: 'aws_cloudwatch_dashboard',
  attributes: {
    dashboard_name: implemented({ forceNew: true }),
    dashboard_body: implemented(),
    dashboard_arn: computed(),
    id: computed(),
  },
  compute: (planned: Attributes, context: ApplyContext) => ({
    id: String(planned.dashboard_name),
    dashboard_arn: `arn:aws:cloudwatch::${context.accountId}:dashboard/${planned.dashboard_name}`,
  }),
})

/** Terraform's attributes as PutMetricAlarm's input. */
function metricAlarm(planned: Attributes): PutMetricAlarmInput {
  const queries = blocks(planned.metric_query)
  return {
    AlarmName: String(planned.alarm_name),
    ComparisonOperator: String(planned.comparison_operator) as PutMetricAlarmInput['ComparisonOperator'],
    EvaluationPeriods: Number(planned.evaluation_periods),
    Threshold: number(planned.threshold),
    TreatMissingData: text(planned.treat_missing_data) ?? 'missing',
    ...actionInput(planned),
    ...defined({
      // Zero is what the provider keeps for "not set".
      DatapointsToAlarm: number(planned.datapoints_to_alarm) || undefined,
      MetricName: text(planned.metric_name),
      Namespace: text(planned.namespace),
      Period: number(planned.period) || undefined,
      Statistic: text(planned.statistic) as PutMetricAlarmInput['Statistic'],
      ExtendedStatistic: text(planned.extended_statistic),
      EvaluateLowSampleCountPercentile: text(planned.evaluate_low_sample_count_percentiles),
      Unit: text(planned.unit) as PutMetricAlarmInput['Unit'],
      Dimensions: planned.dimensions ? dimensions(planned.dimensions) : undefined,
      Metrics: queries.length > 0 ? queries.map(metricQuery) : undefined,
    }),
  }
}

function metricQuery(query: Attributes): MetricDataQuery {
  const metric = blocks(query.metric)[0]
  return {
    Id: String(query.id),
    ReturnData: query.return_data === true,
    ...defined({
      Expression: text(query.expression),
      Label: text(query.label),
      Period: number(query.period) || undefined,
      MetricStat:
        metric === undefined
          ? undefined
          : {
              Metric: {
                MetricName: String(metric.metric_name),
                Namespace: text(metric.namespace),
                Dimensions: dimensions(metric.dimensions ?? {}),
              },
              Period: number(metric.period),
              Stat: String(metric.stat),
              ...defined({ Unit: text(metric.unit) as PutMetricAlarmInput['Unit'] }),
            },
    }),
  }
}

function actionInput(planned: Attributes) {
  return {
    ActionsEnabled: planned.actions_enabled !== false,
    AlarmActions: stringList(planned.alarm_actions),
    OKActions: stringList(planned.ok_actions),
    InsufficientDataActions: stringList(planned.insufficient_data_actions),
    ...defined({ AlarmDescription: text(planned.alarm_description) }),
  }
}

const dimensions = (value: Value) =>
  isBlock(value) ? Object.entries(value).map(([Name, Value]) => ({ Name, Value: String(Value) })) : []

/** Leaves out what is undefined, so that an absent member stays absent. */
function defined<T extends object>(members: T): { [K in keyof T]: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as never
}
