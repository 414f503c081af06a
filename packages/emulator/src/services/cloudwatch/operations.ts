/** CloudWatch's API: metrics in and out, and alarms (alarm-operations.ts). */
import type * as cloudwatch from '@aws-sdk/client-cloudwatch'
import type { Clock } from '../../clock.ts'
import type { Operations } from '../../protocol/operations.ts'
import { pageOf } from '../../protocol/paging.ts'
import type { Alarms } from './alarm/alarms.ts'
import { createAlarmOperations } from './alarm/operations.ts'
import { putMetricData } from './metric/data.ts'
import { getMetricData, getMetricStatistics } from './metric/queries.ts'
import { perMinute, type Series } from './metric/series.ts'
import type { MetricStore } from './metric/store.ts'
import { invalidNextToken, invalidParameterValue } from './model/errors.ts'

const perHour = 60 * perMinute

export function createOperations(metrics: MetricStore, alarms: Alarms, clock: Clock) {
  return {
    ...createAlarmOperations(alarms),
    PutMetricData: (input) => {
      putMetricData(metrics, input, clock)
      return {}
    },
    GetMetricData: (input) => getMetricData(metrics, input, clock.now()),
    GetMetricStatistics: (input) => getMetricStatistics(metrics, input, clock.now()),
    ListMetrics: (input) => {
      const { Namespace, MetricName, Dimensions = [], RecentlyActive } = input
      if (RecentlyActive !== undefined && RecentlyActive !== 'PT3H') {
        throw invalidParameterValue('The only valid value of RecentlyActive is PT3H.')
      }
      const hours = RecentlyActive === undefined ? 14 * 24 : 3
      const since = metrics.bucketAt(clock.now()) - hours * perHour
      const has = ({ dimensions }: Series) =>
        Dimensions.every(
          ({ Name = '', Value }) =>
            dimensions[Name] !== undefined && (Value === undefined || dimensions[Name] === Value),
        )
      const found = [...metrics.all()].filter(
        (series) =>
          (Namespace === undefined || series.namespace === Namespace) &&
          (MetricName === undefined || series.metric === MetricName) &&
          series.newest >= since &&
          has(series),
      )
      // Units of one metric are one metric here.
      const unique = [...new Map(found.map((series) => [identityOf(series), series])).values()]
      const { items, next } = pageOf(unique, input.NextToken, 500, invalidNextToken)
      return {
        Metrics: items.map((series) => ({
          Namespace: series.namespace,
          MetricName: series.metric,
          Dimensions: Object.entries(series.dimensions).map(([Name, Value]) => ({ Name, Value })),
        })),
        NextToken: next,
      }
    },
  } satisfies Operations<typeof cloudwatch>
}

const identityOf = ({ namespace, metric, dimensions }: Series) =>
  JSON.stringify([namespace, metric, Object.entries(dimensions).sort()])
