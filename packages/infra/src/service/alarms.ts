/**
 * Alarms of two kinds. Deployment alarms stop a deployment and roll it back: the share of failed requests and the
 * slowest percent of answers, each over both target groups of the service, since the groups swap roles. The
 * others only notify: unhealthy hosts rise during every deployment, and the database is not the deployment's.
 */
import { alarmName, type Service } from '@baton/config'
import {
  CloudwatchMetricAlarm,
  type CloudwatchMetricAlarmMetricQuery,
} from '@cdktn/provider-aws/lib/cloudwatch-metric-alarm/index.js'
import type { LbTargetGroup } from '@cdktn/provider-aws/lib/lb-target-group/index.js'
import { Construct } from 'constructs'
import type { LoadBalancer } from '../network/load-balancer.ts'
import type { BatonStack } from '../terraform/stack.ts'
import type { ServiceTraffic } from './service-traffic.ts'

export interface ServiceAlarms {
  /** Names of the alarms that stop a deployment. */
  readonly deployment: readonly CloudwatchMetricAlarm[]
}

export function serviceAlarms(
  stack: BatonStack,
  service: Service,
  parts: { loadBalancer: LoadBalancer; traffic: ServiceTraffic; topicArn: string },
): ServiceAlarms {
  const scope = new Construct(stack, `alarms-${service.name}`)
  const { platform } = stack
  const { alarms } = platform.delivery
  const groups = { blue: parts.traffic.blue, green: parts.traffic.green }
  const metric = (id: string, group: LbTargetGroup, metricName: string, stat: string) => ({
    id,
    metric: {
      namespace: 'AWS/ApplicationELB',
      metricName,
      stat,
      period: alarms.periodSeconds,
      dimensions: { LoadBalancer: parts.loadBalancer.balancer.arnSuffix, TargetGroup: group.arnSuffix },
    },
  })
  const alarm = (
    id: string,
    description: string,
    threshold: number,
    metricQuery: CloudwatchMetricAlarmMetricQuery[],
  ) =>
    new CloudwatchMetricAlarm(scope, `${service.name}_${id}`, {
      alarmName: alarmName(platform, `${service.name}-${id}`),
      alarmDescription: description,
      comparisonOperator: 'GreaterThanThreshold',
      threshold,
      evaluationPeriods: alarms.datapoints,
      datapointsToAlarm: alarms.datapoints,
      // No traffic is no failure.
      treatMissingData: 'notBreaching',
      metricQuery,
      alarmActions: [parts.topicArn],
      okActions: [parts.topicArn],
    })
  const errors = alarm('errors', `Failed requests of ${service.name}, in percent`, alarms.errorPercent, [
    {
      id: 'ratio',
      label: 'Failed requests, %',
      expression: 'IF(requests > 0, 100 * errors / requests, 0)',
      returnData: true,
    },
    { id: 'errors', expression: 'FILL(blue_errors, 0) + FILL(green_errors, 0)' },
    { id: 'requests', expression: 'FILL(blue_requests, 0) + FILL(green_requests, 0)' },
    metric('blue_errors', groups.blue, 'HTTPCode_Target_5XX_Count', 'Sum'),
    metric('green_errors', groups.green, 'HTTPCode_Target_5XX_Count', 'Sum'),
    metric('blue_requests', groups.blue, 'RequestCount', 'Sum'),
    metric('green_requests', groups.green, 'RequestCount', 'Sum'),
  ])
  const latency = alarm(
    'latency',
    `Slowest percent of answers of ${service.name}, in seconds`,
    alarms.latencyP99Seconds,
    [
      {
        id: 'slowest',
        label: 'p99, s',
        expression: 'MAX([FILL(blue_p99, 0), FILL(green_p99, 0)])',
        returnData: true,
      },
      metric('blue_p99', groups.blue, 'TargetResponseTime', 'p99'),
      metric('green_p99', groups.green, 'TargetResponseTime', 'p99'),
    ],
  )
  alarm('unhealthy', `Unhealthy tasks of ${service.name}`, 0, [
    {
      id: 'unhealthy',
      label: 'Unhealthy tasks',
      expression: 'FILL(blue_unhealthy, 0) + FILL(green_unhealthy, 0)',
      returnData: true,
    },
    metric('blue_unhealthy', groups.blue, 'UnHealthyHostCount', 'Maximum'),
    metric('green_unhealthy', groups.green, 'UnHealthyHostCount', 'Maximum'),
  ])
  return { deployment: [errors, latency] }
}
