/** `services.<name>`: an API on Fargate behind the load balancer. */
import { z } from 'zod'
import { environmentName, folder, healthPath, percent, port } from './values.ts'

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

const healthCheck = z
  .strictObject({
    path: healthPath.default('/api/health').meta({
      description:
        'Path that answers 200 when the task can serve. Below `/api/` where `delivery.smokeTest` is on.',
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
  .prefault({})
  .meta({ description: 'How the load balancer checks the health of a task.' })

export const service = z
  .strictObject({
    source: folder.meta({
      description: 'Folder of the service’s package, relative to the configuration file.',
    }),
    entry: z
      .string()
      .default('src/main.ts')
      .meta({ description: 'Entry module, relative to `source`. It is bundled into the image.' }),
    port: port.default(8080).meta({
      description: 'Port that the container listens on. The task gets it as `PORT`.',
      becomes: '`aws_lb_target_group` `port`, `aws_ecs_task_definition` `portMappings`',
    }),
    cpu: z.int().default(512).meta({
      description: 'CPU units of a task: 1024 is one vCPU. One of Fargate’s sizes.',
      becomes: '`aws_ecs_task_definition` `cpu`',
    }),
    memoryMiB: z.int().default(1024).meta({
      description: 'Memory of a task in MiB. One of Fargate’s sizes for this `cpu`.',
      becomes: '`aws_ecs_task_definition` `memory`',
    }),
    architecture: z.enum(['ARM64', 'X86_64']).default('ARM64').meta({
      description: 'Processor architecture of the tasks.',
      becomes: '`aws_ecs_task_definition` `runtime_platform.cpu_architecture`',
    }),
    tasks,
    scaling,
    healthCheck,
    drainSeconds: z.int().min(0).max(3600).default(30).meta({
      description: 'Time that a deregistered task has to finish its requests. At most `stopTimeoutSeconds`.',
      becomes: '`aws_lb_target_group` `deregistration_delay`',
    }),
    stopTimeoutSeconds: z.int().min(2).max(120).default(60).meta({
      description: 'Time from SIGTERM to SIGKILL.',
      becomes: '`aws_ecs_task_definition` `stopTimeout`',
    }),
    environment: z.record(environmentName, z.string()).default({}).meta({
      description: 'Environment variables. Not for secrets: the values are in the Terraform state.',
      becomes: '`aws_ecs_task_definition` `environment`',
    }),
    secrets: z.array(environmentName).default([]).meta({
      description:
        'Names of secrets that the task gets as environment variables of the same name. Values: `baton secret set` on AWS, `baton.secrets.json` on this machine.',
      becomes: '`aws_secretsmanager_secret`, `aws_ecs_task_definition` `secrets`',
    }),
    exec: z.boolean().default(false).meta({
      description: 'Whether ECS Exec may open a shell in a task.',
      becomes: '`aws_ecs_service` `enable_execute_command`, `aws_iam_role_policy`',
    }),
    readOnlyRootFilesystem: z.boolean().default(false).meta({
      description:
        'Whether containers may write to their volumes only, and not to the file system of their image. Not together with `exec`.',
      becomes: '`aws_ecs_task_definition` `readonlyRootFilesystem`',
    }),
  })
  .meta({ description: 'One service: an API on Fargate behind the load balancer.' })
