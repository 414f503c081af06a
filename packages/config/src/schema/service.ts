/** `services.<name>`: containers on Fargate, behind the load balancer or, as a worker, without one. */
import { z } from 'zod'
import { container, containerObject, containerOptions } from './container.ts'
import { healthPath, name, pathPattern, percent } from './values.ts'

const tasks = z
  .strictObject({
    min: z.int().min(1).default(1).meta({
      description: 'Fewest tasks.',
      becomes: '`aws_appautoscaling_target` `min_capacity`',
    }),
    max: z.int().min(1).default(4).meta({
      description: 'Most tasks. At least `min`.',
      becomes: '`aws_appautoscaling_target` `max_capacity`',
    }),
  })
  .prefault({})
  .meta({ description: 'How many tasks the service may have.' })

const scaling = z
  .strictObject({
    memoryPercent: percent.default(80).meta({
      description: 'Average memory utilization that target tracking keeps.',
      becomes: '`aws_appautoscaling_policy` `target_tracking_scaling_policy_configuration.target_value`',
    }),
    cpuPercent: percent.default(70).meta({
      description: 'Average CPU utilization that target tracking keeps.',
      becomes: '`aws_appautoscaling_policy` `target_tracking_scaling_policy_configuration.target_value`',
    }),
    cooldownSeconds: z.int().min(0).default(180).meta({
      description: 'Least time between two scaling activities, in either direction.',
      becomes: '`aws_appautoscaling_policy` `scale_in_cooldown`, `scale_out_cooldown`',
    }),
  })
  .prefault({})
  .meta({ description: 'When tasks are added and removed.' })

/** The target group's health check. */
export const health = z
  .strictObject({
    path: healthPath.default('/api/health').meta({
      description:
        'Path that answers 200 when the task can serve. One of `paths` where `delivery.smokeTest` is on.',
      becomes: '`aws_lb_target_group` `health_check.path`',
    }),
    intervalSeconds: z.int().min(5).max(300).default(10).meta({
      description: 'Time between two health checks of a target.',
      becomes: '`aws_lb_target_group` `health_check.interval`',
    }),
    timeoutSeconds: z.int().min(2).max(120).default(5).meta({
      description: 'Time for an answer. Shorter than `intervalSeconds`.',
      becomes: '`aws_lb_target_group` `health_check.timeout`',
    }),
    healthyThreshold: z.int().min(2).max(10).default(2).meta({
      description: 'Successes in a row after which a target is healthy.',
      becomes: '`aws_lb_target_group` `health_check.healthy_threshold`',
    }),
    unhealthyThreshold: z.int().min(2).max(10).default(3).meta({
      description: 'Failures in a row after which a target is unhealthy.',
      becomes: '`aws_lb_target_group` `health_check.unhealthy_threshold`',
    }),
    gracePeriodSeconds: z.int().min(0).default(60).meta({
      description: 'Time after the start of a task in which failed health checks do not stop it.',
      becomes: '`aws_ecs_service` `health_check_grace_period_seconds`',
    }),
  })
  .meta({
    description:
      'How the load balancer checks the health of a task. Not ECS’s own check in a container, which is `healthCheck`.',
  })

/** What Fargate gives a task. */
export const taskSize = {
  cpu: z.int().default(512).meta({
    description: 'CPU units of a task: 1024 is one vCPU. One of Fargate’s sizes.',
    becomes: '`aws_ecs_task_definition` `cpu`',
  }),
  memoryMiB: z.int().default(1024).meta({
    description: 'Memory of a task in MiB. One of Fargate’s sizes for this `cpu`.',
    becomes: '`aws_ecs_task_definition` `memory`',
  }),
  ephemeralStorageGiB: z.int().min(21).max(200).optional().meta({
    description: 'Disk of a task, images included. Absent: Fargate’s 20 GiB.',
    becomes: '`aws_ecs_task_definition` `ephemeral_storage`',
  }),
  architecture: z.enum(['ARM64', 'X86_64']).default('ARM64').meta({
    description: 'Processor architecture of the tasks.',
    becomes: '`aws_ecs_task_definition` `runtime_platform.cpu_architecture`',
  }),
}

export const taskSizeObject = z.strictObject(taskSize).meta({
  description: 'What Fargate gives a task.',
  typeName: 'TaskSizeInput',
})

export const service = z
  .strictObject({
    ...containerOptions,
    containers: z.record(name, container).default({}).meta({
      description: 'More containers in each task, by name.',
      becomes: '`aws_ecs_task_definition` `container_definitions`, `aws_ecr_repository`',
    }),
    traffic: z.string().optional().meta({
      description: 'Name of the container that takes the traffic. Default: the main one.',
      becomes: '`aws_ecs_service` `load_balancer`',
    }),
    worker: z.boolean().default(false).meta({
      description:
        'Whether the service takes no traffic. It is released by ECS’s rolling update, with circuit breaker and alarms.',
      becomes: '`aws_ecs_service` `deployment_controller`',
    }),
    paths: z.array(pathPattern).min(1).optional().meta({
      description:
        'Paths of its sites’ hosts that the service answers; `*` and `?` are wildcards. Default: `/api/*`. Services that share a host need paths that do not overlap.',
      becomes: '`aws_lb_listener_rule` `condition`, `aws_cloudfront_distribution` `ordered_cache_behavior`',
    }),
    stickinessSeconds: z.int().min(1).max(604_800).optional().meta({
      description:
        'Time for which the load balancer sends a viewer to the same task, by a cookie. Absent: not at all.',
      becomes: '`aws_lb_target_group` `stickiness`',
    }),
    ...taskSize,
    tasks,
    scaling,
    health: health.optional(),
    drainSeconds: z.int().min(0).max(3600).default(30).meta({
      description: 'Time that a deregistered task has to finish its requests. At most `stopTimeoutSeconds`.',
      becomes: '`aws_lb_target_group` `deregistration_delay`',
    }),
    stopTimeoutSeconds: z.int().min(2).max(120).default(60).meta({
      description: 'Time from SIGTERM to SIGKILL.',
      becomes: '`aws_ecs_task_definition` `stopTimeout`',
    }),
    database: z.boolean().optional().meta({
      description:
        'Whether the service uses the database: it gets a user of its own, and `PGHOST` and the like. Default: whether there is one.',
      becomes: '`aws_secretsmanager_secret`, `aws_vpc_security_group_egress_rule`',
    }),
    exec: z.boolean().default(false).meta({
      description: 'Whether ECS Exec may open a shell in a task.',
      becomes: '`aws_ecs_service` `enable_execute_command`, `aws_iam_role_policy`',
    }),
  })
  .meta({
    description:
      'One service on Fargate: exactly one of `source`, `jar`, `dockerfile` and `image`, and how it runs.',
    parts: [containerObject, taskSizeObject],
  })
