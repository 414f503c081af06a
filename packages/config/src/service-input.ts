/**
 * What a user writes, of what runs: services, containers, jobs. Written by `npm run docs` from the schema (schema.ts): change the
 * descriptions there. One idea, as long as there are options.
 */

/** One service on Fargate: exactly one of `source`, `jar`, `dockerfile` and `image`, and how it runs. */
export interface ServiceInput extends ContainerOptionsInput, TaskSizeInput {
  /**
   * More containers in each task, by name. Default: `{}`. On AWS: `aws_ecs_task_definition`
   * `container_definitions`, `aws_ecr_repository`.
   */
  containers?: Record<string, ContainerInput> | undefined
  /**
   * Name of the container that takes the traffic. Default: the main one. On AWS: `aws_ecs_service`
   * `load_balancer`.
   */
  traffic?: string | undefined
  /**
   * Whether the service takes no traffic. It is released by ECS’s rolling update, with circuit breaker and
   * alarms. Default: `false`. On AWS: `aws_ecs_service` `deployment_controller`.
   */
  worker?: boolean | undefined
  /**
   * Paths of its sites’ hosts that the service answers; `*` and `?` are wildcards. Default: `/api/*`.
   * Services that share a host need paths that do not overlap. At most 128 characters. A path starts with
   * "/". A path pattern is letters, digits, _ - . $ / ~ " ' @ : + & and the wildcards * and ?. At least 1. On
   * AWS: `aws_lb_listener_rule` `condition`, `aws_cloudfront_distribution` `ordered_cache_behavior`.
   */
  paths?: string[] | undefined
  /**
   * Time for which the load balancer sends a viewer to the same task, by a cookie. Absent: not at all. A
   * whole number from 1 to 604800. On AWS: `aws_lb_target_group` `stickiness`.
   */
  stickinessSeconds?: number | undefined
  /** How many tasks the service may have. */
  tasks?: ServiceTasksInput | undefined
  /** When tasks are added and removed. */
  scaling?: ServiceScalingInput | undefined
  /**
   * How the load balancer checks the health of a task. Not ECS’s own check in a container, which is
   * `healthCheck`.
   */
  health?: ServiceHealthInput | undefined
  /**
   * Time that a deregistered task has to finish its requests. At most `stopTimeoutSeconds`. A whole number
   * from 0 to 3600. Default: `30`. On AWS: `aws_lb_target_group` `deregistration_delay`.
   */
  drainSeconds?: number | undefined
  /**
   * Time from SIGTERM to SIGKILL. A whole number from 2 to 120. Default: `60`. On AWS:
   * `aws_ecs_task_definition` `stopTimeout`.
   */
  stopTimeoutSeconds?: number | undefined
  /**
   * Whether the service uses the database: it gets a user of its own, and `PGHOST` and the like. Default:
   * whether there is one. On AWS: `aws_secretsmanager_secret`, `aws_vpc_security_group_egress_rule`.
   */
  database?: boolean | undefined
  /**
   * Whether ECS Exec may open a shell in a task. Default: `false`. On AWS: `aws_ecs_service`
   * `enable_execute_command`, `aws_iam_role_policy`.
   */
  exec?: boolean | undefined
}

/** What every container may have. */
export interface ContainerOptionsInput extends ImageSourceInput, ProcessInput {
  /**
   * Port that the container listens on. It gets it as `PORT`, a jar as `SERVER_PORT` too. Default: 8080 for
   * the main container from `source` or `jar`, none for others. A whole number from 1 to 65535. On AWS:
   * `aws_lb_target_group` `port`, `aws_ecs_task_definition` `portMappings`.
   */
  port?: number | undefined
  /**
   * ECS’s own check inside of the container. Not the load balancer’s, which is `health`; neither follows from
   * the other.
   */
  healthCheck?: ContainerHealthCheckInput | undefined
  /**
   * Environment variables: a text, or `{ from: NAME }` for what the platform knows. Of the database:
   * `database.host`, `.port`, `.name`, `.username`, `.password`, `.url` and `.jdbcUrl` (both verify TLS),
   * `.certificates` (file with Amazon’s authorities). Others: `logs.directory`, `sites.<name>.host`,
   * `services.<name>.host`. Texts are no place for secrets: they are in the Terraform state. Default: `{}`.
   * On AWS: `aws_ecs_task_definition` `environment`, `secrets`.
   */
  environment?: Record<string, string | PlatformValueInput> | undefined
  /**
   * Names of secrets that the container gets as environment variables of the same name. Values: `baton secret
   * set` on AWS, `baton.secrets.json` on this machine. A variable is letters, digits and underscores, not
   * starting with a digit. Default: `[]`. On AWS: `aws_secretsmanager_secret`, `aws_ecs_task_definition`
   * `secrets`.
   */
  secrets?: string[] | undefined
  /**
   * Containers of the task that must be in this state before this one starts. The main container has the
   * service’s name. Default: `{}`. On AWS: `aws_ecs_task_definition` `dependsOn`.
   */
  dependsOn?: Record<string, 'START' | 'COMPLETE' | 'SUCCESS' | 'HEALTHY'> | undefined
}

/** Where an image comes from: exactly one of `source`, `jar`, `dockerfile` and `image`. */
export interface ImageSourceInput {
  /**
   * Folder of a package in TypeScript or JavaScript, relative to the configuration file. It is bundled and
   * runs on Node.js.
   */
  source?: string | undefined
  /** Entry module, relative to `source`. Default: `src/main.ts`. */
  entry?: string | undefined
  /** An executable jar, such as Spring Boot’s: its path, or path and options. */
  jar?: string | JarInput | undefined
  /** A Dockerfile, built by Docker, Podman or Buildah: its path, or path and options. */
  dockerfile?: string | DockerfileInput | undefined
  /** An image in any registry, such as `public.ecr.aws/nginx/nginx:1.29`. It is copied by digest. */
  image?: string | undefined
}

/** An executable jar. */
export interface JarInput {
  /** The executable jar, relative to the configuration file. */
  path: string
  /**
   * Version of Java that runs the jar: 17, 21 or 25. A whole number. Use a release with long-term support:
   * 17, 21, 25. Default: `21`.
   */
  javaVersion?: number | undefined
  /** Options of the JVM, before `-jar`. Default: `['-XX:MaxRAMPercentage=75']`. */
  jvmOptions?: string[] | undefined
  /** How the jar is built before a release. Absent: it is there already. */
  build?: JarBuildInput | undefined
}

/** How the jar is built before a release. Absent: it is there already. */
export interface JarBuildInput {
  /** Command that builds the jar. */
  command: string
  /** Folder that the command runs in, relative to the configuration file. Default: `'.'`. */
  folder?: string | undefined
}

/** A Dockerfile. */
export interface DockerfileInput {
  /** The Dockerfile, relative to the configuration file. */
  path: string
  /** Folder that the build reads, relative to the configuration file. Default: that of the Dockerfile. */
  context?: string | undefined
  /** Stage to build. Absent: the last. */
  target?: string | undefined
  /** Build arguments. Not for secrets: they are in the history of the image. Default: `{}`. */
  args?: Record<string, string> | undefined
}

/** How the process of a container is started. */
export interface ProcessInput {
  /** In place of the image’s command. At least 1. On AWS: `aws_ecs_task_definition` `command`. */
  command?: string[] | undefined
  /** In place of the image’s entry point. At least 1. On AWS: `aws_ecs_task_definition` `entryPoint`. */
  entryPoint?: string[] | undefined
  /** User, or user and group, in place of the image’s. On AWS: `aws_ecs_task_definition` `user`. */
  user?: string | undefined
  /**
   * Working directory, in place of the image’s. Write an absolute path. On AWS: `aws_ecs_task_definition`
   * `workingDirectory`.
   */
  workingDirectory?: string | undefined
  /**
   * Whether the container may write to its volumes only, and not to the file system of its image. Not
   * together with `exec`. Default: `false`. On AWS: `aws_ecs_task_definition` `readonlyRootFilesystem`.
   */
  readonlyRootFilesystem?: boolean | undefined
}

/** ECS’s own check inside of the container. Not the load balancer’s, which is `health`; neither follows from the other. */
export interface ContainerHealthCheckInput {
  /**
   * Command that ends with 0 where the container is healthy. It starts with `CMD` or `CMD-SHELL`; its program
   * must be in the image. At least 2. Write how to run it and what, e.g. ["CMD", "wget", "-q", "-O", "-",
   * "http://localhost:8080/"]. Begin with "CMD" (a program and its arguments) or "CMD-SHELL" (one line for
   * the shell). On AWS: `aws_ecs_task_definition` `healthCheck.command`.
   */
  command: string[]
  /**
   * Time between two checks. A whole number from 5 to 300. Default: `30`. On AWS: `aws_ecs_task_definition`
   * `healthCheck.interval`.
   */
  intervalSeconds?: number | undefined
  /**
   * Time for the command. A whole number from 2 to 60. Default: `5`. On AWS: `aws_ecs_task_definition`
   * `healthCheck.timeout`.
   */
  timeoutSeconds?: number | undefined
  /**
   * Failures in a row after which the container is unhealthy. A whole number from 1 to 10. Default: `3`. On
   * AWS: `aws_ecs_task_definition` `healthCheck.retries`.
   */
  retries?: number | undefined
  /**
   * Time after the start in which failures do not count. A whole number from 0 to 300. Default: `0`. On AWS:
   * `aws_ecs_task_definition` `healthCheck.startPeriod`.
   */
  startPeriodSeconds?: number | undefined
}

/** A value that the platform knows. */
export interface PlatformValueInput {
  /** Name of what the platform knows. */
  from:
    | 'database.host'
    | 'database.port'
    | 'database.name'
    | 'database.username'
    | 'database.password'
    | 'database.url'
    | 'database.jdbcUrl'
    | 'database.certificates'
    | 'logs.directory'
    | `sites.${string}.host`
    | `services.${string}.host`
}

/** What Fargate gives a task. */
export interface TaskSizeInput {
  /**
   * CPU units of a task: 1024 is one vCPU. One of Fargate’s sizes. A whole number. Default: `512`. On AWS:
   * `aws_ecs_task_definition` `cpu`.
   */
  cpu?: number | undefined
  /**
   * Memory of a task in MiB. One of Fargate’s sizes for this `cpu`. A whole number. Default: `1024`. On AWS:
   * `aws_ecs_task_definition` `memory`.
   */
  memoryMiB?: number | undefined
  /**
   * Disk of a task, images included. Absent: Fargate’s 20 GiB. A whole number from 21 to 200. On AWS:
   * `aws_ecs_task_definition` `ephemeral_storage`.
   */
  ephemeralStorageGiB?: number | undefined
  /**
   * Processor architecture of the tasks. Default: `'ARM64'`. On AWS: `aws_ecs_task_definition`
   * `runtime_platform.cpu_architecture`.
   */
  architecture?: 'ARM64' | 'X86_64' | undefined
}

/** One container beside the main one, such as nginx. They share the task’s localhost. */
export interface ContainerInput extends ContainerOptionsInput {
  /**
   * Whether the task stops when this container ends. Default: `true`. On AWS: `aws_ecs_task_definition`
   * `essential`.
   */
  essential?: boolean | undefined
  /**
   * CPU units of the task that are this container’s share. Absent: what others leave. A whole number from 1.
   * On AWS: `aws_ecs_task_definition` `cpu`.
   */
  cpu?: number | undefined
  /**
   * Memory that ends the container when it uses more. Absent: that of the task. A whole number from 6. On
   * AWS: `aws_ecs_task_definition` `memory`.
   */
  memoryMiB?: number | undefined
}

/** How many tasks the service may have. */
export interface ServiceTasksInput {
  /** Fewest tasks. A whole number from 1. Default: `1`. On AWS: `aws_appautoscaling_target` `min_capacity`. */
  min?: number | undefined
  /**
   * Most tasks. At least `min`. A whole number from 1. Default: `4`. On AWS: `aws_appautoscaling_target`
   * `max_capacity`.
   */
  max?: number | undefined
}

/** When tasks are added and removed. */
export interface ServiceScalingInput {
  /**
   * Average memory utilization that target tracking keeps. A whole number from 1 to 99. Default: `80`. On
   * AWS: `aws_appautoscaling_policy` `target_tracking_scaling_policy_configuration.target_value`.
   */
  memoryPercent?: number | undefined
  /**
   * Average CPU utilization that target tracking keeps. A whole number from 1 to 99. Default: `70`. On AWS:
   * `aws_appautoscaling_policy` `target_tracking_scaling_policy_configuration.target_value`.
   */
  cpuPercent?: number | undefined
  /**
   * Least time between two scaling activities, in either direction. A whole number from 0. Default: `180`. On
   * AWS: `aws_appautoscaling_policy` `scale_in_cooldown`, `scale_out_cooldown`.
   */
  cooldownSeconds?: number | undefined
}

/** How the load balancer checks the health of a task. Not ECS’s own check in a container, which is `healthCheck`. */
export interface ServiceHealthInput {
  /**
   * Path that answers 200 when the task can serve. One of `paths` where `delivery.smokeTest` is on. At most
   * 1024 characters. A path starts with "/". Write the path as it is in a URL: other characters
   * percent-encoded, e.g. "%20" for a space. Default: `'/api/health'`. On AWS: `aws_lb_target_group`
   * `health_check.path`.
   */
  path?: string | undefined
  /**
   * Time between two health checks of a target. A whole number from 5 to 300. Default: `10`. On AWS:
   * `aws_lb_target_group` `health_check.interval`.
   */
  intervalSeconds?: number | undefined
  /**
   * Time for an answer. Shorter than `intervalSeconds`. A whole number from 2 to 120. Default: `5`. On AWS:
   * `aws_lb_target_group` `health_check.timeout`.
   */
  timeoutSeconds?: number | undefined
  /**
   * Successes in a row after which a target is healthy. A whole number from 2 to 10. Default: `2`. On AWS:
   * `aws_lb_target_group` `health_check.healthy_threshold`.
   */
  healthyThreshold?: number | undefined
  /**
   * Failures in a row after which a target is unhealthy. A whole number from 2 to 10. Default: `3`. On AWS:
   * `aws_lb_target_group` `health_check.unhealthy_threshold`.
   */
  unhealthyThreshold?: number | undefined
  /**
   * Time after the start of a task in which failed health checks do not stop it. A whole number from 0.
   * Default: `60`. On AWS: `aws_ecs_service` `health_check_grace_period_seconds`.
   */
  gracePeriodSeconds?: number | undefined
}

/** One job: a task that runs on a schedule and ends. */
export interface JobInput extends ImageSourceInput, ProcessInput, TaskSizeInput {
  /**
   * Name of the service whose released image, environment, secrets and database user the job has. In place of
   * an image of its own.
   */
  service?: string | undefined
  /**
   * Environment variables: a text, or `{ from: NAME }` for what the platform knows. Of the database:
   * `database.host`, `.port`, `.name`, `.username`, `.password`, `.url` and `.jdbcUrl` (both verify TLS),
   * `.certificates` (file with Amazon’s authorities). Others: `logs.directory`, `sites.<name>.host`,
   * `services.<name>.host`. Texts are no place for secrets: they are in the Terraform state. Default: `{}`.
   * On AWS: `aws_ecs_task_definition` `environment`, `secrets`.
   */
  environment?: Record<string, string | PlatformValueInput> | undefined
  /**
   * Names of secrets that the container gets as environment variables of the same name. Values: `baton secret
   * set` on AWS, `baton.secrets.json` on this machine. A variable is letters, digits and underscores, not
   * starting with a digit. Default: `[]`. On AWS: `aws_secretsmanager_secret`, `aws_ecs_task_definition`
   * `secrets`.
   */
  secrets?: string[] | undefined
  /**
   * When it runs, as EventBridge Scheduler writes it: `rate(1 hour)`, `cron(0 3 * * ? *)` or
   * `at(2027-01-31T03:00:00)`.
   */
  schedule: string
  /** Time zone of the schedule, such as `Asia/Seoul`. Default: `'UTC'`. */
  timeZone?: string | undefined
  /** Time after which a run is stopped. A whole number from 1 to 1440. Default: `60`. */
  timeoutMinutes?: number | undefined
  /**
   * Whether a run may start while the one before still runs. If not, the new one is left out. Default:
   * `false`.
   */
  overlap?: boolean | undefined
  /**
   * Time from SIGTERM to SIGKILL. A whole number from 2 to 120. Default: `60`. On AWS:
   * `aws_ecs_task_definition` `stopTimeout`.
   */
  stopTimeoutSeconds?: number | undefined
  /** Whether the job uses the database. Default: whether there is one. */
  database?: boolean | undefined
}
