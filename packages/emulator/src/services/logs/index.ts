/**
 * CloudWatch Logs: groups, streams and events. Events are kept on disk, bounded (event-table.ts).
 *
 * What AWS documents and the emulator does otherwise or not yet: behaviours.ts.
 */
import * as sdk from '@aws-sdk/client-cloudwatch-logs'
import type { EmulatorContext } from '../../service.ts'
import { behaviours } from './behaviours.ts'
import type { CloudWatchLogs } from './contract.ts'
import { createDeliveries } from './deliveries.ts'
import { createDeliveryTypes } from './delivery-types.ts'
import { createOperations } from './operations.ts'
import { createDataSourceTypes, createResourceTypes } from './resources.ts'
import { createState } from './state.ts'

/** How often expired events are looked for; an hour of AWS's time. */
const EXPIRE_EVERY_MS = 3_600_000

export function createLogs(context: EmulatorContext): CloudWatchLogs {
  const logs = createState(context)
  const { now } = context.clock
  const deliveries = createDeliveries(context.store)
  let endExpiring = () => {}
  return {
    name: 'logs',
    behaviours,
    resourceTypes: [...createResourceTypes(logs, now), ...createDeliveryTypes(context, deliveries)],
    dataSourceTypes: createDataSourceTypes(logs),
    api: {
      signingName: 'logs',
      protocol: 'json-1.1',
      sdk,
      operations: createOperations(logs, now),
      // A batch of 1 MiB of messages, which JSON may write longer.
      bodyBytesMax: 8 * 1024 * 1024,
    },
    deliveriesOf: (resourceArn, logType) =>
      deliveries.of(resourceArn, logType).map(({ delivery, destination }) => {
        const { id, suffixPath, hiveCompatible, fields, delimiter } = delivery
        const [bucket = '', ...prefix] = destination.resourceArn.replace('arn:aws:s3:::', '').split('/')
        const format = destination.outputFormat
        return { id, bucket, prefix: prefix.join('/'), suffixPath, hiveCompatible, format, fields, delimiter }
      }),
    put(group, stream, events) {
      if (logs.group(group) === undefined) return false
      logs.append(group, stream, events)
      return true
    },
    async start() {
      logs.events.check()
      endExpiring = context.clock.everyAws(EXPIRE_EVERY_MS, logs.expire)
    },
    async stop() {
      endExpiring()
      logs.close()
    },
  }
}
