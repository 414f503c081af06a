/** Services that ECS itself releases: a revision that does not start, or that an alarm is against, must not stay. */
import type { Rule } from '../../model/finding.ts'

/** ECS is the controller where the service names none. */
const isRolling = (controller: string | undefined) => controller === undefined || controller === 'ECS'

export const rollingRules: readonly Rule[] = [
  {
    name: 'rolling-rollback',
    severity: 'warning',
    demand: 'A rolling update that does not work is stopped and rolled back.',
    source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html',
    *check(terraform) {
      for (const service of terraform.all('aws_ecs_service')) {
        if (!isRolling(service.text('deployment_controller', 'type'))) continue
        const enabled = service.flag('deployment_circuit_breaker', 'enable') === true
        if (enabled && service.flag('deployment_circuit_breaker', 'rollback') === true) continue
        yield {
          at: service,
          reason: enabled
            ? 'a deployment that fails stays half done: it is stopped and not rolled back'
            : 'a revision whose tasks do not start is started again and again, without an end',
          fix: 'Write deployment_circuit_breaker { enable = true, rollback = true }.',
        }
      }
    },
  },
  {
    name: 'rolling-alarms',
    severity: 'warning',
    demand: 'Alarms stop a rolling update whose tasks start and do not work.',
    source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html',
    *check(terraform) {
      for (const service of terraform.all('aws_ecs_service')) {
        if (!isRolling(service.text('deployment_controller', 'type'))) continue
        const named = service.at('alarms', 'alarm_names') !== undefined
        if (named && service.flag('alarms', 'enable') === true && service.flag('alarms', 'rollback') === true)
          continue
        yield {
          at: service,
          reason: 'nothing watches the new tasks but their start',
          fix: 'Write alarms { enable = true, rollback = true, alarm_names = […] }.',
        }
      }
    },
  },
]
