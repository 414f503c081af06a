/**
 * CloudWatch: the metrics that the region's services measure, and the alarms that watch them.
 *
 * - Metrics live in memory and are bounded (metric-store.ts); alarms, their states and histories are durable.
 *   After a restart an alarm sees missing data until its metrics flow again.
 * - An alarm's period is AWS time, so at speed 60 a period of 60 s is one second of wall clock. Time stamps on
 *   the wire are the wall clock's.
 * - By design: percentiles come from a histogram that is right to 1 %; a metric has one unit.
 * - Gaps, refused by name: anomaly detection, Metrics Insights queries, trimmed statistics (TM, TC, PR), periods
 *   of 1, 5 and 20 s, FILL(…, LINEAR) and the functions of metric math that metric-math.ts does not list,
 *   action suppression of composite alarms.
 * - Quirks kept: SetAlarmState lasts until the next evaluation; missing data uses a range that is longer than
 *   the evaluation periods.
 */
import * as sdk from '@aws-sdk/client-cloudwatch'
import type { RegionContext } from '../../service.ts'
import { createAlarms, type Notify } from './alarms.ts'
import type { Metrics } from './contract.ts'
import { createMetricStore } from './metric-store.ts'
import { createOperations } from './operations.ts'
import { createResourceTypes } from './resources.ts'

export type { Notify } from './alarms.ts'

/** `notify` publishes an alarm's message to an SNS topic. */
export function createCloudwatch(context: RegionContext, dependencies: { readonly notify: Notify }): Metrics {
  const store = createMetricStore(context.clock)
  const alarms = createAlarms(context, store, dependencies.notify)
  return {
    name: 'monitoring',
    resourceTypes: createResourceTypes(alarms),
    api: {
      signingName: 'monitoring',
      protocol: 'json-1.0',
      sdk,
      operations: createOperations(store, alarms, context.clock.now),
    },
    record: ({ namespace, metric, dimensions, value, unit }) =>
      store.record(namespace, metric, dimensions, value, unit),
    alarmState: (name) => alarms.get(name)?.state,
    onAlarm: alarms.onAlarm,
    start: async () => alarms.start(),
    stop: async () => alarms.stop(),
  }
}
