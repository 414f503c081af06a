/**
 * What a user writes, option by option. Written by `npm run docs` from the schema (schema.ts): change the
 * descriptions there. One idea, as long as there are options.
 */

/** What `definePlatform` takes. */
export interface PlatformInput {
  /**
   * Short name of the product. All names on AWS begin with `<project>-<environment>`. Use lower-case letters,
   * digits and single hyphens, starting with a letter. On AWS: names of all resources.
   */
  project: string
  /**
   * Name of the environment. Use lower-case letters, digits and single hyphens, starting with a letter.
   * Default: `'production'`. On AWS: names of all resources.
   */
  environment?: string | undefined
  /**
   * AWS region. Write a region as AWS names it, e.g. "ap-northeast-2". Default: `'ap-northeast-2'`. On AWS:
   * provider `aws` `region`.
   */
  region?: string | undefined
  /**
   * Id of the AWS account. Terraform refuses to work in any other. Write the 12 digits of an AWS account, as
   * a text, e.g. "123456789012". On AWS: provider `aws` `allowed_account_ids`, backend `s3`
   * `allowed_account_ids`.
   */
  account?: string | undefined
  /**
   * Domain of the hosted zone. The hosts of sites are labels below it. At most 253 characters. Write a
   * domain, in lower case, e.g. "example.com". On AWS: `aws_route53_zone`, `aws_acm_certificate`.
   */
  domain: string
  /**
   * Whether to create the hosted zone of the domain, or to use the one that exists. Default: `'create'`. On
   * AWS: `aws_route53_zone`.
   */
  hostedZone?: 'create' | 'existing' | undefined
  /**
   * Whether the load balancer, full buckets and repositories refuse to be deleted. The database has its own
   * option. Default: `true`. On AWS: `aws_lb` `enable_deletion_protection`, `aws_s3_bucket` `force_destroy`,
   * `aws_ecr_repository` `force_delete`.
   */
  deletionProtection?: boolean | undefined
  /** The VPC and its subnets. */
  network?: NetworkInput | undefined
  /** Sites by name. Default: `{}`. */
  sites?: Record<string, SiteInput> | undefined
  /**
   * Images and other files on their own host name, from their own bucket. Absent: no such host. On AWS:
   * `aws_cloudfront_distribution` `resources`, `aws_s3_bucket` `resources`.
   */
  resources?: ResourcesInput | undefined
  /** Services by name. At least one. */
  services: Record<string, ServiceInput>
  /** Jobs by name. They run on a schedule. Default: `{}`. */
  jobs?: Record<string, JobInput> | undefined
  /** PostgreSQL on RDS. Absent: no database. */
  database?: DatabaseInput | undefined
  /** Logs of tasks, functions, the database and the load balancer. */
  logs?: LogsInput | undefined
  /** How releases shift traffic, and what stops them. */
  delivery?: DeliveryInput | undefined
  /** Who is notified. */
  notifications?: NotificationsInput | undefined
  /** A pipeline on GitHub that releases without stored keys. Absent: no such role. */
  pipeline?: PipelineInput | undefined
}

/** The VPC and its subnets. */
export interface NetworkInput {
  /**
   * Addresses of the VPC, as an IPv4 block. Write an IPv4 block, e.g. "10.0.0.0/16". Default:
   * `'10.0.0.0/16'`. On AWS: `aws_vpc` `cidr_block`.
   */
  cidr?: string | undefined
  /**
   * Letters of the Availability Zones. Each has a public, a private and a database subnet. A zone is one
   * letter, e.g. "a". 2 to 3 entries. Default: `['a', 'b']`. On AWS: `aws_subnet` `availability_zone`.
   */
  zones?: string[] | undefined
  /**
   * How tasks reach the internet. `gateway-per-zone`: one NAT gateway per zone. `gateway`: one for all zones,
   * cheaper, and lost with its zone. `none`: tasks get public addresses; their security group still admits
   * only the load balancer. Default: `'gateway-per-zone'`. On AWS: `aws_nat_gateway`, `aws_eip`, `aws_route`.
   */
  nat?: 'gateway-per-zone' | 'gateway' | 'none' | undefined
  /**
   * Where the load balancer is. `internet-facing`: in the public subnets; it admits CloudFront only.
   * `internal`: in the private subnets, without public addresses; CloudFront reaches it by a VPC origin. A
   * VPC origin is free, and the public addresses (3.65 USD each per month) go. CloudFront passes no
   * WebSockets or gRPC to a VPC origin, and the smoke test cannot run. Choose before the first apply: a
   * change replaces the load balancer. Default: `'internet-facing'`. On AWS: `aws_lb` `internal`,
   * `aws_cloudfront_vpc_origin`.
   */
  loadBalancer?: 'internet-facing' | 'internal' | undefined
  /**
   * Whether the VPC writes a record of every connection to the logs bucket. AWS charges per GB of records
   * (0.25 USD in us-east-1) and for the storage. Default: `false`. On AWS: `aws_flow_log`.
   */
  flowLogs?: boolean | undefined
  /**
   * Blocks of the subnets, one per zone, in the order of the zones. Without them the blocks are cut out of
   * `network.cidr`.
   */
  subnets?: NetworkSubnetsInput | undefined
}

/** Blocks of the subnets, one per zone, in the order of the zones. Without them the blocks are cut out of `network.cidr`. */
export interface NetworkSubnetsInput {
  /**
   * Blocks for the load balancer and the NAT gateways. Write an IPv4 block, e.g. "10.0.0.0/16". On AWS:
   * `aws_subnet` `cidr_block`.
   */
  public?: string[] | undefined
  /** Blocks for the tasks. Write an IPv4 block, e.g. "10.0.0.0/16". On AWS: `aws_subnet` `cidr_block`. */
  private?: string[] | undefined
  /** Blocks for the database. Write an IPv4 block, e.g. "10.0.0.0/16". On AWS: `aws_subnet` `cidr_block`. */
  database?: string[] | undefined
}

/** One site: a single-page application on its own host name. */
export interface SiteInput {
  /**
   * Host name, as one label below `domain`. A host is one label below the domain, e.g. "app-admin". On AWS:
   * `aws_cloudfront_distribution` `aliases`, `aws_route53_record`.
   */
  host: string
  /** Folder of the site’s package, relative to the configuration file. */
  source: string
  /** How the site is built. */
  build?: SiteBuildInput | undefined
  /**
   * Name of the service that answers its `paths` (`/api/*`) of this host; a list where there are several. On
   * AWS: `aws_cloudfront_distribution` `ordered_cache_behavior`, `aws_lb_listener_rule` `condition`.
   */
  service?: string | string[] | undefined
  /**
   * Countries whose viewers are admitted, as ISO 3166-1 alpha-2 codes. Empty admits all. Use an ISO 3166-1
   * alpha-2 code, e.g. "KR". Default: `[]`. On AWS: `aws_cloudfront_distribution`
   * `restrictions.geo_restriction`.
   */
  countries?: string[] | undefined
}

/** How the site is built. */
export interface SiteBuildInput {
  /** Command that builds the site. It runs in `source`. Default: `'npm run build'`. */
  command?: string | undefined
  /**
   * Folder of the built site, relative to `source`. A build that honours `BATON_OUT_DIR` writes there
   * instead. Default: `'dist'`.
   */
  output?: string | undefined
}

/** Images and other files on their own host name, from their own bucket. Absent: no such host. */
export interface ResourcesInput {
  /**
   * Host name, as one label below `domain`. A host is one label below the domain, e.g. "app-admin". On AWS:
   * `aws_cloudfront_distribution` `aliases`, `aws_route53_record`.
   */
  host: string
  /**
   * Countries whose viewers are admitted, as ISO 3166-1 alpha-2 codes. Empty admits all. Use an ISO 3166-1
   * alpha-2 code, e.g. "KR". Default: `[]`. On AWS: `aws_cloudfront_distribution`
   * `restrictions.geo_restriction`.
   */
  countries?: string[] | undefined
}

/** One service on Fargate: exactly one of `source`, `jar`, `dockerfile` and `image`, and how it runs. */
export interface ServiceInput {
  /**
   * Folder of a package in TypeScript or JavaScript, relative to the configuration file. It is bundled and
   * runs on Node.js.
   */
  source?: string | undefined
  /** Entry module, relative to `source`. Default: `src/main.ts`. */
  entry?: string | undefined
  /** An executable jar, such as Spring Boot’s: its path, or path and options. */
  jar?: string | ServiceJarInput | undefined
  /** A Dockerfile, built by Docker, Podman or Buildah: its path, or path and options. */
  dockerfile?: string | ServiceDockerfileInput | undefined
  /** An image in any registry, such as `public.ecr.aws/nginx/nginx:1.29`. It is copied by digest. */
  image?: string | undefined
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
  healthCheck?: ServiceHealthCheckInput | undefined
  /**
   * Environment variables: a text, or `{ from: NAME }` for what the platform knows. Of the database:
   * `database.host`, `.port`, `.name`, `.username`, `.password`, `.url` and `.jdbcUrl` (both verify TLS),
   * `.certificates` (file with Amazon’s authorities). Others: `logs.directory`, `sites.<name>.host`,
   * `services.<name>.host`. Texts are no place for secrets: they are in the Terraform state. Default: `{}`.
   * On AWS: `aws_ecs_task_definition` `environment`, `secrets`.
   */
  environment?: Record<string, string | ServiceEnvironmentInput> | undefined
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
  /**
   * More containers in each task, by name. Default: `{}`. On AWS: `aws_ecs_task_definition`
   * `container_definitions`, `aws_ecr_repository`.
   */
  containers?: Record<string, ServiceContainerInput> | undefined
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

/**  */
export interface ServiceJarInput {
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
  build?: ServiceJarBuildInput | undefined
}

/** How the jar is built before a release. Absent: it is there already. */
export interface ServiceJarBuildInput {
  /** Command that builds the jar. */
  command: string
  /** Folder that the command runs in, relative to the configuration file. Default: `'.'`. */
  folder?: string | undefined
}

/**  */
export interface ServiceDockerfileInput {
  /** The Dockerfile, relative to the configuration file. */
  path: string
  /** Folder that the build reads, relative to the configuration file. Default: that of the Dockerfile. */
  context?: string | undefined
  /** Stage to build. Absent: the last. */
  target?: string | undefined
  /** Build arguments. Not for secrets: they are in the history of the image. Default: `{}`. */
  args?: Record<string, string> | undefined
}

/** ECS’s own check inside of the container. Not the load balancer’s, which is `health`; neither follows from the other. */
export interface ServiceHealthCheckInput {
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
export interface ServiceEnvironmentInput {
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

/** One container beside the main one, such as nginx. They share the task’s localhost. */
export interface ServiceContainerInput {
  /**
   * Folder of a package in TypeScript or JavaScript, relative to the configuration file. It is bundled and
   * runs on Node.js.
   */
  source?: string | undefined
  /** Entry module, relative to `source`. Default: `src/main.ts`. */
  entry?: string | undefined
  /** An executable jar, such as Spring Boot’s: its path, or path and options. */
  jar?: string | ServiceContainerJarInput | undefined
  /** A Dockerfile, built by Docker, Podman or Buildah: its path, or path and options. */
  dockerfile?: string | ServiceContainerDockerfileInput | undefined
  /** An image in any registry, such as `public.ecr.aws/nginx/nginx:1.29`. It is copied by digest. */
  image?: string | undefined
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
  healthCheck?: ServiceContainerHealthCheckInput | undefined
  /**
   * Environment variables: a text, or `{ from: NAME }` for what the platform knows. Of the database:
   * `database.host`, `.port`, `.name`, `.username`, `.password`, `.url` and `.jdbcUrl` (both verify TLS),
   * `.certificates` (file with Amazon’s authorities). Others: `logs.directory`, `sites.<name>.host`,
   * `services.<name>.host`. Texts are no place for secrets: they are in the Terraform state. Default: `{}`.
   * On AWS: `aws_ecs_task_definition` `environment`, `secrets`.
   */
  environment?: Record<string, string | ServiceContainerEnvironmentInput> | undefined
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

/**  */
export interface ServiceContainerJarInput {
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
  build?: ServiceContainerJarBuildInput | undefined
}

/** How the jar is built before a release. Absent: it is there already. */
export interface ServiceContainerJarBuildInput {
  /** Command that builds the jar. */
  command: string
  /** Folder that the command runs in, relative to the configuration file. Default: `'.'`. */
  folder?: string | undefined
}

/**  */
export interface ServiceContainerDockerfileInput {
  /** The Dockerfile, relative to the configuration file. */
  path: string
  /** Folder that the build reads, relative to the configuration file. Default: that of the Dockerfile. */
  context?: string | undefined
  /** Stage to build. Absent: the last. */
  target?: string | undefined
  /** Build arguments. Not for secrets: they are in the history of the image. Default: `{}`. */
  args?: Record<string, string> | undefined
}

/** ECS’s own check inside of the container. Not the load balancer’s, which is `health`; neither follows from the other. */
export interface ServiceContainerHealthCheckInput {
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
export interface ServiceContainerEnvironmentInput {
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
export interface JobInput {
  /**
   * Name of the service whose released image, environment, secrets and database user the job has. In place of
   * an image of its own.
   */
  service?: string | undefined
  /**
   * Folder of a package in TypeScript or JavaScript, relative to the configuration file. It is bundled and
   * runs on Node.js.
   */
  source?: string | undefined
  /** Entry module, relative to `source`. Default: `src/main.ts`. */
  entry?: string | undefined
  /** An executable jar, such as Spring Boot’s: its path, or path and options. */
  jar?: string | JobJarInput | undefined
  /** A Dockerfile, built by Docker, Podman or Buildah: its path, or path and options. */
  dockerfile?: string | JobDockerfileInput | undefined
  /** An image in any registry, such as `public.ecr.aws/nginx/nginx:1.29`. It is copied by digest. */
  image?: string | undefined
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
  /**
   * Environment variables: a text, or `{ from: NAME }` for what the platform knows. Of the database:
   * `database.host`, `.port`, `.name`, `.username`, `.password`, `.url` and `.jdbcUrl` (both verify TLS),
   * `.certificates` (file with Amazon’s authorities). Others: `logs.directory`, `sites.<name>.host`,
   * `services.<name>.host`. Texts are no place for secrets: they are in the Terraform state. Default: `{}`.
   * On AWS: `aws_ecs_task_definition` `environment`, `secrets`.
   */
  environment?: Record<string, string | JobEnvironmentInput> | undefined
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
  /**
   * Time from SIGTERM to SIGKILL. A whole number from 2 to 120. Default: `60`. On AWS:
   * `aws_ecs_task_definition` `stopTimeout`.
   */
  stopTimeoutSeconds?: number | undefined
  /** Whether the job uses the database. Default: whether there is one. */
  database?: boolean | undefined
}

/**  */
export interface JobJarInput {
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
  build?: JobJarBuildInput | undefined
}

/** How the jar is built before a release. Absent: it is there already. */
export interface JobJarBuildInput {
  /** Command that builds the jar. */
  command: string
  /** Folder that the command runs in, relative to the configuration file. Default: `'.'`. */
  folder?: string | undefined
}

/**  */
export interface JobDockerfileInput {
  /** The Dockerfile, relative to the configuration file. */
  path: string
  /** Folder that the build reads, relative to the configuration file. Default: that of the Dockerfile. */
  context?: string | undefined
  /** Stage to build. Absent: the last. */
  target?: string | undefined
  /** Build arguments. Not for secrets: they are in the history of the image. Default: `{}`. */
  args?: Record<string, string> | undefined
}

/** A value that the platform knows. */
export interface JobEnvironmentInput {
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

/** PostgreSQL on RDS. Absent: no database. */
export interface DatabaseInput {
  /**
   * Version of PostgreSQL. Write a version of PostgreSQL, e.g. "17". Default: `'17'`. On AWS:
   * `aws_db_instance` `engine_version`, `aws_db_parameter_group` `family`.
   */
  engineVersion?: string | undefined
  /**
   * Instance class. Write an instance class as RDS names it, e.g. "db.t4g.small". Default: `'db.t4g.small'`.
   * On AWS: `aws_db_instance` `instance_class`.
   */
  instanceClass?: string | undefined
  /**
   * Name of the database in the server. At most 63 characters. Use lower-case letters, digits and
   * underscores, starting with a letter. On AWS: `aws_db_instance` `db_name`.
   */
  name: string
  /**
   * Whether a standby in another zone takes over when the instance fails. Default: `true`. On AWS:
   * `aws_db_instance` `multi_az`.
   */
  multiAz?: boolean | undefined
  /**
   * Storage at the start. A whole number from 20 to 65536. Default: `20`. On AWS: `aws_db_instance`
   * `allocated_storage`.
   */
  storageGiB?: number | undefined
  /**
   * Size up to which RDS grows the storage by itself. A whole number up to 65536. Default: `100`. On AWS:
   * `aws_db_instance` `max_allocated_storage`.
   */
  maxStorageGiB?: number | undefined
  /**
   * Days that automated backups are kept. A whole number from 1 to 35. Default: `7`. On AWS:
   * `aws_db_instance` `backup_retention_period`.
   */
  backupDays?: number | undefined
  /**
   * Whether RDS refuses to delete the instance. Default: `true`. On AWS: `aws_db_instance`
   * `deletion_protection`.
   */
  deletionProtection?: boolean | undefined
  /**
   * What brings the schema up to date, as a one-off task before a release: the folder of a package, an image
   * with options, or `none` where the services do it themselves when they start. On AWS:
   * `aws_ecs_task_definition` `migration`.
   */
  migrations: string | DatabaseMigrationsInput
}

/**  */
export interface DatabaseMigrationsInput {
  /**
   * Folder of a package in TypeScript or JavaScript, relative to the configuration file. It is bundled and
   * runs on Node.js.
   */
  source?: string | undefined
  /** Entry module, relative to `source`. Default: `src/main.ts`. */
  entry?: string | undefined
  /** An executable jar, such as Spring Boot’s: its path, or path and options. */
  jar?: string | DatabaseMigrationsJarInput | undefined
  /** A Dockerfile, built by Docker, Podman or Buildah: its path, or path and options. */
  dockerfile?: string | DatabaseMigrationsDockerfileInput | undefined
  /** An image in any registry, such as `public.ecr.aws/nginx/nginx:1.29`. It is copied by digest. */
  image?: string | undefined
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
  /**
   * Environment variables: a text, or `{ from: NAME }` for what the platform knows. Of the database:
   * `database.host`, `.port`, `.name`, `.username`, `.password`, `.url` and `.jdbcUrl` (both verify TLS),
   * `.certificates` (file with Amazon’s authorities). Others: `logs.directory`, `sites.<name>.host`,
   * `services.<name>.host`. Texts are no place for secrets: they are in the Terraform state. Default: `{}`.
   * On AWS: `aws_ecs_task_definition` `environment`, `secrets`.
   */
  environment?: Record<string, string | DatabaseMigrationsEnvironmentInput> | undefined
}

/**  */
export interface DatabaseMigrationsJarInput {
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
  build?: DatabaseMigrationsJarBuildInput | undefined
}

/** How the jar is built before a release. Absent: it is there already. */
export interface DatabaseMigrationsJarBuildInput {
  /** Command that builds the jar. */
  command: string
  /** Folder that the command runs in, relative to the configuration file. Default: `'.'`. */
  folder?: string | undefined
}

/**  */
export interface DatabaseMigrationsDockerfileInput {
  /** The Dockerfile, relative to the configuration file. */
  path: string
  /** Folder that the build reads, relative to the configuration file. Default: that of the Dockerfile. */
  context?: string | undefined
  /** Stage to build. Absent: the last. */
  target?: string | undefined
  /** Build arguments. Not for secrets: they are in the history of the image. Default: `{}`. */
  args?: Record<string, string> | undefined
}

/** A value that the platform knows. */
export interface DatabaseMigrationsEnvironmentInput {
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

/** Logs of tasks, functions, the database and the load balancer. */
export interface LogsInput {
  /**
   * Days that logs are kept, the access logs of the load balancer included. A whole number. CloudWatch keeps
   * logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
   * 3288, 3653 days. Default: `30`. On AWS: `aws_cloudwatch_log_group` `retention_in_days`,
   * `aws_s3_bucket_lifecycle_configuration` `logs`.
   */
  retentionDays?: number | undefined
}

/** How releases shift traffic, and what stops them. */
export interface DeliveryInput {
  /**
   * Deployment controller of the services. Default: `'codedeploy'`. On AWS: `aws_ecs_service`
   * `deployment_controller`, `aws_codedeploy_app`.
   */
  controller?: 'codedeploy' | undefined
  /**
   * How traffic moves to the new version. Write `allAtOnce()`, `canary({ … })` or `linear({ … })`. Default:
   * `{ kind: 'canary', percent: 10, minutes: 5 }`. On AWS: `aws_codedeploy_deployment_group`
   * `deployment_config_name`, `aws_codedeploy_deployment_config`.
   */
  shift?: DeliveryShiftAllAtOnceInput | DeliveryShiftCanaryInput | DeliveryShiftLinearInput | undefined
  /**
   * Port of the test listener, where CodeDeploy shows new tasks before they take traffic. A whole number from
   * 1 to 65535. Default: `8443`. On AWS: `aws_lb_listener` `test` `port`.
   */
  testPort?: number | undefined
  /**
   * Blocks of addresses that may call the test listener, besides the smoke test. The security group has room
   * for four beside CloudFront’s addresses. Write an IPv4 block, e.g. "10.0.0.0/16". Default: `[]`. On AWS:
   * `aws_vpc_security_group_ingress_rule` `test_1` ….
   */
  testAccess?: string[] | undefined
  /**
   * Time that the old tasks stay after the shift, so that a rollback finds them. A whole number from 0 to
   * 2880. Default: `1`. On AWS: `aws_codedeploy_deployment_group` `termination_wait_time_in_minutes`.
   */
  terminationWaitMinutes?: number | undefined
  /**
   * Time without healthy new tasks after which Baton stops the deployment. Baton does this itself: nothing on
   * AWS has this option. A whole number from 1 to 60. Default: `10`.
   */
  giveUpAfterMinutes?: number | undefined
  /**
   * Whether CodeDeploy waits for a person to continue before it shifts traffic. Default: `false`. On AWS:
   * `aws_codedeploy_deployment_group` `deployment_ready_option`.
   */
  approval?: boolean | undefined
  /**
   * Whether a Lambda function asks the health path of new tasks before they take traffic. Default: `false`.
   * On AWS: `aws_lambda_function` `<service>_smoke_test`.
   */
  smokeTest?: boolean | undefined
  /**
   * Generation of the secret header between CloudFront and the load balancer. Raise it to rotate the header.
   * A whole number from 1. Default: `1`. On AWS: `aws_ssm_parameter` `origin_header_<n>`.
   */
  originHeaderGeneration?: number | undefined
  /** Alarms that stop a deployment and roll it back. They must fire before the canary ends. */
  alarms?: DeliveryAlarmsInput | undefined
}

/** All of the traffic at once. */
export interface DeliveryShiftAllAtOnceInput {
  /** All of the traffic at once. */
  kind: 'allAtOnce'
}

/** First a share of the traffic, and after some minutes the rest. */
export interface DeliveryShiftCanaryInput {
  /** First a share, then the rest. */
  kind: 'canary'
  /** Share of the traffic that a step shifts, of a canary or a linear shift. A whole number from 1 to 99. */
  percent: number
  /** Time until the next step, of a canary or a linear shift. A whole number from 1. */
  minutes: number
}

/** The same share again every few minutes. */
export interface DeliveryShiftLinearInput {
  /** The same share in each step. */
  kind: 'linear'
  /** Share of the traffic that a step shifts, of a canary or a linear shift. A whole number from 1 to 99. */
  percent: number
  /** Time until the next step, of a canary or a linear shift. A whole number from 1. */
  minutes: number
}

/** Alarms that stop a deployment and roll it back. They must fire before the canary ends. */
export interface DeliveryAlarmsInput {
  /**
   * Percentage of 5xx answers above which a deployment stops. Less than the share of the canary. A number
   * above 0 below 100. Default: `5`. On AWS: `aws_cloudwatch_metric_alarm` `threshold`.
   */
  errorPercent?: number | undefined
  /**
   * 99th percentile of the response time above which a deployment stops. A number above 0. Default: `2`. On
   * AWS: `aws_cloudwatch_metric_alarm` `threshold`.
   */
  latencyP99Seconds?: number | undefined
  /**
   * Length of one data point. A whole number from 60. The metrics of a load balancer come once a minute: use
   * a multiple of 60. Default: `60`. On AWS: `aws_cloudwatch_metric_alarm` `period`.
   */
  periodSeconds?: number | undefined
  /**
   * Data points in a row that breach before the alarm fires. A whole number from 1 to 60. Default: `2`. On
   * AWS: `aws_cloudwatch_metric_alarm` `evaluation_periods`, `datapoints_to_alarm`.
   */
  datapoints?: number | undefined
}

/** Who is notified. */
export interface NotificationsInput {
  /**
   * Addresses that get alarms and the results of deployments. Each confirms its subscription once. Write an
   * e-mail address. Default: `[]`. On AWS: `aws_sns_topic_subscription`.
   */
  emails?: string[] | undefined
}

/** A pipeline on GitHub that releases without stored keys. Absent: no such role. */
export interface PipelineInput {
  /**
   * Repository on GitHub whose workflows may release, as `owner/name`. Write owner and name, e.g.
   * "acme/shop". On AWS: `aws_iam_role` `pipeline`.
   */
  repository: string
  /** Branch whose workflows may release. Default: `'main'`. On AWS: `aws_iam_role` `pipeline`. */
  branch?: string | undefined
  /**
   * Whether to create GitHub’s identity provider. An account holds one: `existing` uses it. Default:
   * `'create'`. On AWS: `aws_iam_openid_connect_provider`.
   */
  oidcProvider?: 'create' | 'existing' | undefined
}
