/**
 * What a user writes, option by option. Written by `npm run docs` from the schema (schema.ts): change the
 * descriptions there. One idea, as long as there are options.
 */

import type {
  ImageSourceInput,
  JobInput,
  PlatformValueInput,
  ProcessInput,
  ServiceInput,
} from './service-input.ts'

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
  /** Whose key encrypts what is kept. */
  encryption?: EncryptionInput | undefined
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
  /** Logs of tasks, functions, the database, the load balancer and the distributions. */
  logs?: LogsInput | undefined
  /** How releases shift traffic, and what stops them. */
  delivery?: DeliveryInput | undefined
  /** Who is notified. */
  notifications?: NotificationsInput | undefined
  /** A pipeline on GitHub that releases without stored keys. Absent: no such role. */
  pipeline?: PipelineInput | undefined
}

/** Whose key encrypts what is kept. */
export interface EncryptionInput {
  /**
   * Whether the platform has a KMS key of its own, rotated every year, and encrypts with it: database, log
   * files, log groups, images, secrets, the origin header, notices, and the buckets of sites and resources.
   * Without it AWS encrypts all but the notices with its own keys. The buckets `logs` and `state` stay with
   * SSE-S3. AWS charges 1 USD per key and month, 1 USD more after each of the first two rotations, and 0.03
   * USD per 10,000 requests. Choose before the first apply: a change replaces database, file system and
   * repositories. Default: `false`. On AWS: `aws_kms_key`, `aws_kms_alias`, `kms_key_id` of what it encrypts.
   */
  customerManagedKey?: boolean | undefined
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

/** The migrations’ image, and how it runs. */
export interface DatabaseMigrationsInput extends ImageSourceInput, ProcessInput {
  /**
   * Environment variables: a text, or `{ from: NAME }` for what the platform knows. Of the database:
   * `database.host`, `.port`, `.name`, `.username`, `.password`, `.url` and `.jdbcUrl` (both verify TLS),
   * `.certificates` (file with Amazon’s authorities). Others: `logs.directory`, `sites.<name>.host`,
   * `services.<name>.host`. Texts are no place for secrets: they are in the Terraform state. Default: `{}`.
   * On AWS: `aws_ecs_task_definition` `environment`, `secrets`.
   */
  environment?: Record<string, string | PlatformValueInput> | undefined
}

/** Logs of tasks, functions, the database, the load balancer and the distributions. */
export interface LogsInput {
  /**
   * Days that logs are kept, the access logs of the load balancer included. A whole number. CloudWatch keeps
   * logs for 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922,
   * 3288, 3653 days. Default: `30`. On AWS: `aws_cloudwatch_log_group` `retention_in_days`,
   * `aws_s3_bucket_lifecycle_configuration` `logs`.
   */
  retentionDays?: number | undefined
  /**
   * Whether CloudFront writes an access log of every distribution to the logs bucket (standard logging v2).
   * The delivery is free; S3 charges for the storage and the requests. The log holds addresses, paths and
   * query strings of viewers. Default: `false`. On AWS: `aws_cloudwatch_log_delivery_source`,
   * `aws_cloudwatch_log_delivery_destination`, `aws_cloudwatch_log_delivery`.
   */
  distributions?: boolean | undefined
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
