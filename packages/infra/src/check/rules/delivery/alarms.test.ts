import { delivery, deliveryWith, metrics } from '../../delivery.test-kit.ts'
import { testRules } from '../../rules.test-kit.ts'
import { alarmRules } from './alarms.ts'

const alarm = 'aws_cloudwatch_metric_alarm.errors'
const group = 'aws_codedeploy_deployment_group.admin'
const errors = metrics('HTTPCode_Target_5XX_Count', 'green')
const shift = (name: string) => ({
  ...deliveryWith(alarm, { datapoints_to_alarm: 8 }),
  [group]: { ...delivery[group], deployment_config_name: name },
})

testRules(alarmRules, {
  'alarm-in-time': {
    // 4 × 60 s and a minute of lag are the five minutes of the canary.
    trips: deliveryWith(alarm, { datapoints_to_alarm: 4, evaluation_periods: 4 }),
    says: /needs 300 s .* after 300 s/,
    alsoTrips: [
      shift('CodeDeployDefault.ECSCanary10Percent5Minutes'),
      shift('CodeDeployDefault.ECSLinear10PercentEvery1Minutes'),
    ],
    passes: {
      ...deliveryWith(alarm, { datapoints_to_alarm: 3, evaluation_periods: 5 }),
      ...shift('CodeDeployDefault.ECSLinear10PercentEvery3Minutes'),
    },
  },
  'alarm-on-both': {
    trips: deliveryWith(alarm, { ...errors }),
    says: /aws_lb_target_group\.green only/,
    passes: delivery,
  },
  'alarm-by-deployment': {
    trips: deliveryWith(alarm, metrics('UnHealthyHostCount', 'blue', 'green')),
    passes: delivery,
  },
  'deployment-alarms': {
    trips: deliveryWith(group, { alarm_configuration: { enabled: false, alarms: ['errors'] } }),
    alsoTrips: [
      deliveryWith(group, { auto_rollback_configuration: { enabled: true, events: ['DEPLOYMENT_FAILURE'] } }),
    ],
    passes: delivery,
  },
  'silent-alarm': {
    trips: { 'aws_cloudwatch_metric_alarm.cpu': { metric_name: 'CPUUtilization' } },
    alsoTrips: [{ 'aws_cloudwatch_metric_alarm.cpu': { alarm_actions: ['arn'], actions_enabled: false } }],
    passes: {
      ...delivery,
      'aws_cloudwatch_metric_alarm.cpu': { alarm_actions: ['arn:aws:sns:x:1:notices'] },
    },
  },
})
