/** Alarms that stop a deployment: in time, and not by what every deployment does. */
import { alarmIsTooLate, alarmSeconds, metricLagSeconds, shiftSeconds } from '@baton/config'
import type { Block, Resource } from '../../model/block.ts'
import type { Rule } from '../../model/finding.ts'
import type { Terraform } from '../../model/terraform.ts'
import { pairs } from '../../model/traffic.ts'

const alarmsPage = 'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html'
const groupsPage = 'https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html'

/** Alarms by reference, or by their names. */
function alarmsOf(terraform: Terraform, group: Resource): Resource[] {
  const names = group.texts('alarm_configuration', 'alarms')
  const referred = group.references('alarm_configuration')
  return terraform
    .all('aws_cloudwatch_metric_alarm')
    .filter((alarm) => referred.includes(alarm) || names.includes(alarm.text('alarm_name') ?? ''))
}

/** Metrics of an alarm: its own, or those of its expression. */
const metricsOf = (alarm: Resource): Block[] =>
  alarm.at('metric_name') === undefined
    ? alarm.blocks('metric_query').flatMap((query) => query.blocks('metric'))
    : [alarm]

const reactionSeconds = (alarm: Resource): number =>
  alarmSeconds({
    periodSeconds: Math.max(...metricsOf(alarm).map((metric) => metric.number('period') ?? 60), 1),
    datapoints: alarm.number('datapoints_to_alarm') ?? alarm.number('evaluation_periods') ?? 1,
  })

/** Seconds between the first shift and the last; undefined where all shifts at once, or nothing says. */
function secondsOf(terraform: Terraform, group: Resource): number | undefined {
  const name = group.text('deployment_config_name') ?? ''
  const own = terraform
    .all('aws_codedeploy_deployment_config')
    .find((config) => config.text('deployment_config_name') === name)
  for (const kind of ['canary', 'linear'] as const) {
    const [timed] = own?.blocks('traffic_routing_config', `time_based_${kind}`) ?? []
    if (timed !== undefined)
      return shiftSeconds({
        kind,
        percent: timed.number('percentage') ?? 100,
        minutes: timed.number('interval') ?? 0,
      })
  }
  const [, kind, percent, minutes] =
    /^CodeDeployDefault\.ECS(Canary|Linear)(\d+)Percent(?:Every)?(\d+)Minutes?$/.exec(name) ?? []
  if (kind === undefined) return undefined
  return shiftSeconds({
    kind: kind === 'Canary' ? 'canary' : 'linear',
    percent: Number(percent),
    minutes: Number(minutes),
  })
}

export const alarmRules: readonly Rule[] = [
  {
    name: 'alarm-in-time',
    severity: 'error',
    demand: 'An alarm fires while there is still something to stop.',
    source: 'https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html',
    *check(terraform) {
      for (const { deploymentGroup } of pairs(terraform)) {
        const shift = secondsOf(terraform, deploymentGroup)
        for (const alarm of shift === undefined ? [] : alarmsOf(terraform, deploymentGroup)) {
          const needed = reactionSeconds(alarm)
          if (shift === undefined || !alarmIsTooLate(needed, shift)) continue
          yield {
            at: alarm,
            reason: `it needs ${needed} s (period × datapoints and ${metricLagSeconds} s until metrics arrive); ${deploymentGroup.address} has shifted everything after ${shift} s`,
            fix: 'Use a shorter period, fewer datapoints, or a longer interval of the shift.',
          }
        }
      }
    },
  },
  {
    name: 'alarm-on-both',
    severity: 'error',
    demand: 'An alarm that stops a deployment looks at both target groups: they alternate.',
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html',
    *check(terraform) {
      for (const { deploymentGroup, groups } of pairs(terraform)) {
        for (const alarm of alarmsOf(terraform, deploymentGroup)) {
          const watched = groups.filter((group) => alarm.references().includes(group))
          if (watched.length === 0 || watched.length === groups.length) continue
          yield {
            at: alarm,
            reason: `it looks at ${watched.map(({ address }) => address).join(', ')} only: every second deployment is not watched`,
            fix: 'Add up the metrics of both groups by metric_query, with FILL(…, 0).',
          }
        }
      }
    },
  },
  {
    name: 'alarm-by-deployment',
    severity: 'error',
    demand: 'No alarm stops a deployment for what every deployment does.',
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html',
    *check(terraform) {
      for (const { deploymentGroup } of pairs(terraform)) {
        for (const alarm of alarmsOf(terraform, deploymentGroup)) {
          const raised = metricsOf(alarm).find((metric) =>
            /^(UnHealthyHostCount|HealthyHostCount)$/.test(metric.text('metric_name') ?? ''),
          )
          if (raised === undefined) continue
          yield {
            at: alarm,
            reason: `${raised.text('metric_name')} moves whenever new tasks start: it would stop good releases`,
            fix: 'Let it notify only, and stop deployments on the 5xx ratio and on latency.',
          }
        }
      }
    },
  },
  {
    name: 'deployment-alarms',
    severity: 'warning',
    demand: 'A deployment has alarms that stop it, and rolls back when they do.',
    source: groupsPage,
    *check(terraform) {
      for (const { deploymentGroup: group } of pairs(terraform)) {
        const fix =
          'Set alarm_configuration, and auto_rollback_configuration with DEPLOYMENT_FAILURE and DEPLOYMENT_STOP_ON_ALARM.'
        const watched =
          group.flag('alarm_configuration', 'enabled') === true &&
          group.texts('alarm_configuration', 'alarms').length > 0
        if (!watched) yield { at: group, reason: 'no alarm stops a bad release', fix }
        const events =
          group.flag('auto_rollback_configuration', 'enabled') === true
            ? group.texts('auto_rollback_configuration', 'events')
            : []
        const missing = ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM'].filter(
          (event) => !events.includes(event),
        )
        if (missing.length > 0)
          yield { at: group, reason: `it does not roll back on ${missing.join(', ')}`, fix }
      }
    },
  },
  {
    name: 'silent-alarm',
    severity: 'warning',
    demand: 'An alarm notifies someone, or stops a deployment.',
    source: alarmsPage,
    *check(terraform) {
      const used = pairs(terraform).flatMap(({ deploymentGroup }) => alarmsOf(terraform, deploymentGroup))
      const composed = terraform
        .all('aws_cloudwatch_composite_alarm')
        .flatMap((alarm) => alarm.references('alarm_rule'))
      for (const alarm of terraform.all('aws_cloudwatch_metric_alarm')) {
        const notifies = alarm.texts('alarm_actions').length > 0 && alarm.flag('actions_enabled') !== false
        if (notifies || used.includes(alarm) || composed.includes(alarm)) continue
        yield {
          at: alarm,
          reason: 'it notifies no one, and stops nothing',
          fix: 'Set alarm_actions to a topic.',
        }
      }
    },
  },
]
