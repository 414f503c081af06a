/** Alarms of the database. They notify: no rollback of a service makes a full disk empty. */
import { alarmName } from '@baton/config'
import { CloudwatchMetricAlarm } from '@cdktn/provider-aws/lib/cloudwatch-metric-alarm/index.js'
import { Construct } from 'constructs'
import { databaseOf } from '../described.ts'
import type { BatonStack } from '../terraform/stack.ts'
import type { Database } from './database.ts'

const gibibyte = 1024 ** 3

export function databaseAlarms(stack: BatonStack, database: Database, topicArn: string): void {
  const scope = new Construct(stack, 'database-alarms')
  const { platform } = stack
  const alarm = (
    id: string,
    metricName: string,
    comparisonOperator: 'GreaterThanThreshold' | 'LessThanThreshold',
    threshold: number,
    alarmDescription: string,
  ) =>
    new CloudwatchMetricAlarm(scope, `database_${id}`, {
      alarmName: alarmName(platform, `database-${id}`),
      alarmDescription,
      namespace: 'AWS/RDS',
      metricName,
      dimensions: { DBInstanceIdentifier: database.instance.identifier },
      statistic: 'Average',
      period: 300,
      evaluationPeriods: 3,
      comparisonOperator,
      threshold,
      alarmActions: [topicArn],
      okActions: [topicArn],
    })
  alarm('cpu', 'CPUUtilization', 'GreaterThanThreshold', 80, 'Processor of the database, in percent')
  const free = Math.max(2, Math.round(databaseOf(platform).storageGiB / 10)) * gibibyte
  alarm('storage', 'FreeStorageSpace', 'LessThanThreshold', free, 'Free storage of the database, in bytes')
  alarm('connections', 'DatabaseConnections', 'GreaterThanThreshold', 80, 'Connections to the database')
}
