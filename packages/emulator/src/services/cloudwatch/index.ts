/**
 * CloudWatch: the metrics that the emulator's services measure, and the alarms that watch them.
 *
 * - Metrics live in memory and are bounded (series.ts); alarms, their states and histories are durable.
 * - An alarm's period is AWS time, so at speed 60 a period of 60 s is one second of wall clock. Time stamps on
 *   the wire are the wall clock's.
 * - What differs from AWS: behaviours.ts; which operations are refused: refused-operations.ts.
 */
import * as sdk from '@aws-sdk/client-cloudwatch'
import type { EmulatorContext } from '../../service.ts'
import type { AlarmTargets } from './alarm/actions.ts'
import { createAlarms } from './alarm/alarms.ts'
import { alarmWindowSeconds } from './alarm/window.ts'
import { behaviours } from './behaviours.ts'
import type { CloudWatch } from './contract.ts'
import { createMetricStore } from './metric/store.ts'
import { createOperations } from './operations.ts'
import { refusedOperations } from './refused-operations.ts'
import { createResourceTypes } from './resources.ts'

/** `targets` are what alarms notify. */
export function createCloudWatch(context: EmulatorContext, targets: AlarmTargets): CloudWatch {
  const store = createMetricStore(context.clock)
  const alarms = createAlarms(context, store, targets)
  return {
    name: 'monitoring',
    behaviours,
    resourceTypes: createResourceTypes(alarms),
    api: {
      signingName: 'monitoring',
      protocol: 'json-1.0',
      sdk,
      operations: createOperations(store, alarms, context.clock),
      refused: refusedOperations,
    },
    record: ({ namespace, metric, dimensions, value, unit }) =>
      store.record(namespace, metric, dimensions, value, unit),
    alarmState: (name) => alarms.get(name)?.state,
    alarmWindowSeconds: (name) => alarmWindowSeconds(alarms, name),
    onAlarm: alarms.onAlarm,
    start: async () => alarms.start(),
    stop: async () => alarms.stop(),
  }
}
