/** Times that must fit together, or requests are cut, sent twice or sent to stopped tasks. */
import { healthChecksOverlap, longestStopSeconds, stopCutsRequests } from '@baton/config'
import { containersOf } from '../../model/containers.ts'
import type { Rule } from '../../model/finding.ts'
import { balancersOf, distributionsBefore, taskDefinitionOf } from '../../model/traffic.ts'

/** AWS's defaults where nothing is written. */
const defaults = {
  idleTimeout: 60,
  drain: 300,
  stop: 30,
  read: 30,
  keepAlive: 5,
  clientKeepAlive: 3600,
  interval: 30,
  timeout: 5,
}
const timeouts =
  'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html'
const originTimeouts =
  'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html'

export const timingRules: readonly Rule[] = [
  {
    name: 'drain-fits-stop',
    severity: 'error',
    demand: 'A task that must stop may run for as long as its requests may take.',
    source:
      'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-connection-draining.html',
    *check(terraform) {
      for (const service of terraform.all('aws_ecs_service')) {
        const definition = taskDefinitionOf(service)
        if (definition === undefined) continue
        for (const target of service.blocks('load_balancer')) {
          const [group] = target.references('target_group_arn')
          const container = containersOf(definition)?.find(
            ({ name }) => name === target.text('container_name'),
          )
          if (group === undefined || container === undefined) continue
          const drain = group.number('deregistration_delay') ?? defaults.drain
          const stop = container.stopTimeout ?? defaults.stop
          if (!stopCutsRequests({ drainSeconds: drain, stopTimeoutSeconds: stop })) continue
          yield {
            at: definition,
            reason: `${container.name} is killed ${stop} s after SIGTERM, while ${group.address} allows requests ${drain} s`,
            fix: `Set stopTimeout to ${Math.min(drain, longestStopSeconds)} or more${drain > longestStopSeconds ? `, and deregistration_delay to ${longestStopSeconds} or less` : ', or lower deregistration_delay'}.`,
          }
        }
      }
    },
  },
  {
    name: 'stop-timeout',
    severity: 'error',
    demand: `Fargate waits ${longestStopSeconds} s at most for a container to stop.`,
    source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html',
    *check(terraform) {
      for (const definition of terraform.all('aws_ecs_task_definition')) {
        if (!definition.texts('requires_compatibilities').includes('FARGATE')) continue
        for (const { name, stopTimeout = 0 } of containersOf(definition) ?? []) {
          if (stopTimeout <= longestStopSeconds) continue
          yield {
            at: definition,
            reason: `${name} asks for ${stopTimeout} s`,
            fix: `Set stopTimeout to ${longestStopSeconds} or less.`,
          }
        }
      }
    },
  },
  {
    name: 'drain-fits-requests',
    severity: 'warning',
    demand: 'Draining lasts as long as a request may take on its way in.',
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html',
    *check(terraform) {
      for (const group of terraform.all('aws_lb_target_group')) {
        const drain = group.number('deregistration_delay') ?? defaults.drain
        for (const balancer of balancersOf(terraform, group)) {
          const reads = distributionsBefore(terraform, balancer).map(
            ({ origin }) => origin.number('custom_origin_config', 'origin_read_timeout') ?? defaults.read,
          )
          const longest =
            reads.length > 0 ? Math.max(...reads) : (balancer.number('idle_timeout') ?? defaults.idleTimeout)
          if (drain >= longest) continue
          yield {
            at: group,
            reason: `a request may take ${longest} s, and is cut when its task has drained for ${drain} s`,
            fix: `Set deregistration_delay to ${longest} or more.`,
          }
        }
      }
    },
  },
  {
    name: 'grace-period',
    severity: 'warning',
    demand: 'A starting task has time before health checks count, at least until it could pass one.',
    source: 'https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html',
    *check(terraform) {
      for (const service of terraform.all('aws_ecs_service')) {
        const groups = service
          .blocks('load_balancer')
          .flatMap((target) => target.references('target_group_arn'))
        const grace = service.number('health_check_grace_period_seconds') ?? 0
        for (const group of groups) {
          const interval = group.number('health_check', 'interval') ?? defaults.interval
          if (grace >= interval) continue
          yield {
            at: service,
            reason: `${grace} s end before the first health check of ${group.address} (every ${interval} s) could pass`,
            fix: `Set health_check_grace_period_seconds to ${interval} and the time that the service takes to start.`,
          }
        }
      }
    },
  },
  {
    name: 'health-check',
    severity: 'error',
    demand: 'A health check ends before the next begins.',
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html',
    *check(terraform) {
      for (const group of terraform.all('aws_lb_target_group')) {
        const interval = group.number('health_check', 'interval') ?? defaults.interval
        const timeout = group.number('health_check', 'timeout') ?? defaults.timeout
        if (!healthChecksOverlap({ intervalSeconds: interval, timeoutSeconds: timeout })) continue
        yield {
          at: group,
          reason: `its time-out of ${timeout} s is not shorter than its interval of ${interval} s`,
          fix: 'Lower the time-out.',
        }
      }
    },
  },
  {
    name: 'origin-keep-alive',
    severity: 'error',
    demand: 'CloudFront closes an idle connection before the load balancer does.',
    source: timeouts,
    *check(terraform) {
      for (const balancer of terraform.all('aws_lb')) {
        const idle = balancer.number('idle_timeout') ?? defaults.idleTimeout
        const life = balancer.number('client_keep_alive') ?? defaults.clientKeepAlive
        for (const { distribution, origin } of distributionsBefore(terraform, balancer)) {
          const keepAlive =
            origin.number('custom_origin_config', 'origin_keepalive_timeout') ?? defaults.keepAlive
          if (keepAlive < idle && keepAlive < life) continue
          yield {
            at: distribution,
            reason: `it keeps idle connections ${keepAlive} s, ${balancer.address} closes them after ${Math.min(idle, life)} s: requests meet closed connections`,
            fix: 'Set origin_keepalive_timeout below the idle_timeout of the load balancer.',
          }
        }
      }
    },
  },
  {
    name: 'origin-read-timeout',
    severity: 'note',
    demand: 'CloudFront waits as long as the load balancer does.',
    source: originTimeouts,
    *check(terraform) {
      for (const balancer of terraform.all('aws_lb')) {
        const idle = balancer.number('idle_timeout') ?? defaults.idleTimeout
        for (const { distribution, origin } of distributionsBefore(terraform, balancer)) {
          const read = origin.number('custom_origin_config', 'origin_read_timeout') ?? defaults.read
          if (read >= idle) continue
          yield {
            at: distribution,
            reason: `it stops waiting after ${read} s and sends GET again, while ${balancer.address} still waits (${idle} s): a slow request runs up to three times`,
            fix: `Keep answers below ${read} s, or set origin_read_timeout to ${idle}.`,
          }
        }
      }
    },
  },
]
