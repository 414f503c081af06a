/**
 * What a user may write in `baton.config.ts`: the shape, the defaults, the descriptions, and what can be said about
 * one value on its own. What concerns several values (hosts, addresses, names, times that must fit) is in `checks/`.
 * Objects are strict: an unknown key is a mistake and never ignored.
 *
 * The defaults are the figures of the platform that Baton was built for: two zones, four tasks at most, memory
 * at 80 %, a grace period of a minute. A small team changes few of them.
 */
import { z } from 'zod'
import { database } from './schema/database.ts'
import { delivery } from './schema/delivery.ts'
import { encryption } from './schema/encryption.ts'
import { job } from './schema/job.ts'
import { network } from './schema/network.ts'
import { service } from './schema/service.ts'
import { resources, site } from './schema/site.ts'
import { domain, name, region } from './schema/values.ts'

/** CloudWatch takes these and no others: API_PutRetentionPolicy. */
const retentionDays = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]

const logs = z
  .strictObject({
    retentionDays: z
      .int()
      .refine((days) => retentionDays.includes(days), {
        error: `CloudWatch keeps logs for ${retentionDays.join(', ')} days.`,
      })
      .default(30)
      .meta({
        description: 'Days that logs are kept, the access logs of the load balancer included.',
        becomes:
          '`aws_cloudwatch_log_group` `retention_in_days`, `aws_s3_bucket_lifecycle_configuration` `logs`',
      }),
    distributions: z.boolean().default(false).meta({
      description:
        'Whether CloudFront writes an access log of every distribution to the logs bucket (standard logging v2). The delivery is free; S3 charges for the storage and the requests. The log holds addresses, paths and query strings of viewers.',
      becomes:
        '`aws_cloudwatch_log_delivery_source`, `aws_cloudwatch_log_delivery_destination`, `aws_cloudwatch_log_delivery`',
    }),
  })
  .prefault({})
  .meta({ description: 'Logs of tasks, functions, the database, the load balancer and the distributions.' })

const notifications = z
  .strictObject({
    emails: z.array(z.email('Write an e-mail address.')).default([]).meta({
      description:
        'Addresses that get alarms and the results of deployments. Each confirms its subscription once.',
      becomes: '`aws_sns_topic_subscription`',
    }),
  })
  .prefault({})
  .meta({ description: 'Who is notified.' })

const pipeline = z
  .strictObject({
    repository: z
      .string()
      .regex(/^[\w.-]+\/[\w.-]+$/, 'Write owner and name, e.g. "acme/shop".')
      .meta({
        description: 'Repository on GitHub whose workflows may release, as `owner/name`.',
        becomes: '`aws_iam_role` `pipeline`',
      }),
    branch: z.string().min(1).default('main').meta({
      description: 'Branch whose workflows may release.',
      becomes: '`aws_iam_role` `pipeline`',
    }),
    oidcProvider: z.enum(['create', 'existing']).default('create').meta({
      description: 'Whether to create GitHub’s identity provider. An account holds one: `existing` uses it.',
      becomes: '`aws_iam_openid_connect_provider`',
    }),
  })
  .meta({ description: 'A pipeline on GitHub that releases without stored keys. Absent: no such role.' })

export const platformSchema = z.strictObject({
  project: name.meta({
    description: 'Short name of the product. All names on AWS begin with `<project>-<environment>`.',
    becomes: 'names of all resources',
  }),
  environment: name
    .default('production')
    .meta({ description: 'Name of the environment.', becomes: 'names of all resources' }),
  region: region
    .default('ap-northeast-2')
    .meta({ description: 'AWS region.', becomes: 'provider `aws` `region`' }),
  account: z
    .string()
    .regex(/^\d{12}$/, 'Write the 12 digits of an AWS account, as a text, e.g. "123456789012".')
    .optional()
    .meta({
      description: 'Id of the AWS account. Terraform refuses to work in any other.',
      becomes: 'provider `aws` `allowed_account_ids`, backend `s3` `allowed_account_ids`',
    }),
  domain: domain.meta({
    description: 'Domain of the hosted zone. The hosts of sites are labels below it.',
    becomes: '`aws_route53_zone`, `aws_acm_certificate`',
  }),
  hostedZone: z.enum(['create', 'existing']).default('create').meta({
    description: 'Whether to create the hosted zone of the domain, or to use the one that exists.',
    becomes: '`aws_route53_zone`',
  }),
  deletionProtection: z.boolean().default(true).meta({
    description:
      'Whether the load balancer, full buckets and repositories refuse to be deleted. The database has its own option.',
    becomes:
      '`aws_lb` `enable_deletion_protection`, `aws_s3_bucket` `force_destroy`, `aws_ecr_repository` `force_delete`',
  }),
  encryption: encryption.prefault({}),
  network: network.prefault({}),
  sites: z.record(name, site).default({}).meta({ description: 'Sites by name.' }),
  resources: resources.optional(),
  services: z
    .record(name, service)
    .refine((services) => Object.keys(services).length > 0, { error: 'Describe at least one service.' })
    .meta({ description: 'Services by name. At least one.' }),
  jobs: z.record(name, job).default({}).meta({ description: 'Jobs by name. They run on a schedule.' }),
  database: database.optional(),
  logs,
  delivery: delivery.prefault({}),
  notifications,
  pipeline: pipeline.optional(),
})

/** What a user writes, as zod infers it. `platform-input.ts` is the same type with the descriptions in it. */
export type InferredInput = z.input<typeof platformSchema>
/** The same with every default filled in. */
export type CheckedInput = z.output<typeof platformSchema>
