/**
 * The alarm of a worker: fewer tasks run than should, for minutes. No one calls a worker, so nothing counts its answers;
 * ECS's rolling update stops and rolls back while the alarm fires. Container Insights counts the tasks.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Container-Insights-metrics-ECS.html
 */
import { alarmName, type Service } from '@baton/config'
import { CloudwatchMetricAlarm } from '@cdktn/provider-aws/lib/cloudwatch-metric-alarm/index.js'
import { Construct } from 'constructs'
import type { BatonStack } from '../terraform/stack.ts'

export function workerAlarms(
  stack: BatonStack,
  { name }: Service,
  parts: { topicArn: string },
): CloudwatchMetricAlarm[] {
  const { platform } = stack
  const { alarms } = platform.delivery
  const metric = (id: string, metricName: string) => ({
    id,
    metric: {
      namespace: 'ECS/ContainerInsights',
      metricName,
      stat: 'Average',
      period: alarms.periodSeconds,
      dimensions: { ClusterName: platform.name, ServiceName: name },
    },
  })
  return [
    new CloudwatchMetricAlarm(new Construct(stack, `alarms-${name}`), `${name}_tasks`, {
      alarmName: alarmName(platform, `${name}-tasks`),
      alarmDescription: `Tasks of ${name} that should run and do not`,
      comparisonOperator: 'GreaterThanThreshold',
      threshold: 0,
      evaluationPeriods: alarms.datapoints,
      datapointsToAlarm: alarms.datapoints,
      treatMissingData: 'notBreaching',
      metricQuery: [
        {
          id: 'missing',
          label: 'Tasks that do not run',
          expression: 'FILL(desired, 0) - FILL(running, 0)',
          returnData: true,
        },
        metric('desired', 'DesiredTaskCount'),
        metric('running', 'RunningTaskCount'),
      ],
      alarmActions: [parts.topicArn],
      okActions: [parts.topicArn],
    }),
  ]
}
