/** AWS's quotas: those that an apply would meet, and those that a growing platform would. */
import { conditionValues } from '@baton/config'
import type { Resource } from '../../model/block.ts'
import type { Found, Rule } from '../../model/finding.ts'
import { isCloudfront, securityRules } from '../../model/security-rules.ts'
import type { Terraform } from '../../model/terraform.ts'
import { rulesOf, targetsOf } from '../../model/traffic.ts'

const alb = 'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html'
const cloudfront = 'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html'

interface Quota {
  readonly name: string
  /** What is counted, e.g. `rules`. */
  readonly what: string
  readonly limit: number
  /** Whether AWS raises it on request: then it is a warning. */
  readonly adjustable: boolean
  readonly source: string
  count(terraform: Terraform): Iterable<Counted>
}

interface Counted {
  readonly at: Resource
  readonly count: number
  /** Where the count is an estimate: what it is at least. */
  readonly least?: number
}

/** Quotas that count something of each resource of a type. */
const per =
  (type: string, count: (at: Resource, terraform: Terraform) => number): Quota['count'] =>
  (terraform) =>
    terraform.all(type).map((at) => ({ at, count: count(at, terraform) }))

const bytes = (text: string | undefined) => Buffer.byteLength(text ?? '')
/** References are values that only an apply knows: the number of an account, an ARN, an id or name. */
const lengths: readonly [RegExp, number][] = [
  [/account_id\}$/, 12],
  [/arn\}$/, 100],
  [/./, 40],
]
const reference = /\$\{[^{}]*\}/g

/** Quotas on the length of texts with references in them: an estimate, and what is certain. */
const lengthOf =
  (type: string, texts: (at: Resource, terraform: Terraform) => string[]): Quota['count'] =>
  (terraform) =>
    terraform.all(type).map((at) => {
      const text = texts(at, terraform).join('')
      const lengthOfReference = (written: string) =>
        lengths.find(([pattern]) => pattern.test(written))?.[1] ?? 0
      const filled = text.replace(reference, (written) => 'x'.repeat(lengthOfReference(written)))
      return { at, count: bytes(filled), least: bytes(text.replace(reference, '')) }
    })

const listenersOf = (terraform: Terraform, balancer: Resource) =>
  terraform.pointingAt(balancer, 'aws_lb_listener', 'load_balancer_arn')
const valuesOf = (rule: Resource): number =>
  rule
    .blocks('condition')
    .flatMap((condition) =>
      ['host_header', 'path_pattern', 'http_header', 'http_request_method', 'source_ip']
        .map((name) => condition.texts(name, 'values').length)
        .concat(condition.blocks('query_string').length),
    )
    .reduce((sum, count) => sum + count, 0)

const quotas: readonly Quota[] = [
  {
    name: 'rules-per-load-balancer',
    what: 'rules, the default ones left out',
    limit: 100,
    adjustable: true,
    source: alb,
    count: per('aws_lb', (at, terraform) =>
      listenersOf(terraform, at).reduce((sum, listener) => sum + rulesOf(terraform, listener).length, 0),
    ),
  },
  {
    name: 'target-groups-per-load-balancer',
    what: 'target groups',
    limit: 100,
    adjustable: false,
    source: alb,
    count: per('aws_lb', (at, terraform) => {
      const listeners = listenersOf(terraform, at)
      const groups = listeners.flatMap((listener) => [
        ...targetsOf(listener, 'default_action'),
        ...rulesOf(terraform, listener).flatMap((rule) => targetsOf(rule)),
      ])
      return new Set(groups).size
    }),
  },
  {
    name: 'listeners-per-load-balancer',
    what: 'listeners',
    limit: 50,
    adjustable: true,
    source: alb,
    count: per('aws_lb', (at, terraform) => listenersOf(terraform, at).length),
  },
  {
    name: 'condition-values',
    what: 'values in its conditions',
    limit: conditionValues,
    adjustable: false,
    source: alb,
    count: per('aws_lb_listener_rule', valuesOf),
  },
  {
    name: 'target-groups-per-action',
    what: 'target groups in its action',
    limit: 5,
    adjustable: false,
    source: alb,
    count: per('aws_lb_listener_rule', (at) => targetsOf(at).length),
  },
  {
    name: 'certificates-per-load-balancer',
    what: 'certificates, the default ones left out',
    limit: 25,
    adjustable: true,
    source: alb,
    count: per('aws_lb', (at, terraform) =>
      listenersOf(terraform, at).reduce(
        (sum, each) => sum + terraform.pointingAt(each, 'aws_lb_listener_certificate', 'listener_arn').length,
        0,
      ),
    ),
  },
  {
    name: 'aliases',
    what: 'aliases',
    limit: 100,
    adjustable: true,
    source: cloudfront,
    count: per('aws_cloudfront_distribution', (at) => at.texts('aliases').length),
  },
  {
    name: 'cache-behaviors',
    what: 'cache behaviours',
    limit: 75,
    adjustable: true,
    source: cloudfront,
    count: per('aws_cloudfront_distribution', (at) => at.blocks('ordered_cache_behavior').length + 1),
  },
  {
    name: 'distributions-per-function',
    what: 'distributions',
    limit: 100,
    adjustable: true,
    source: 'https://docs.aws.amazon.com/general/latest/gr/cf_region.html',
    count: per(
      'aws_cloudfront_function',
      (at, terraform) => terraform.pointingAt(at, 'aws_cloudfront_distribution').length,
    ),
  },
  {
    name: 'distributions-per-origin-access-control',
    what: 'distributions',
    limit: 100,
    adjustable: true,
    source: cloudfront,
    count: per(
      'aws_cloudfront_origin_access_control',
      (at, terraform) => terraform.pointingAt(at, 'aws_cloudfront_distribution').length,
    ),
  },
  {
    name: 'function-size',
    what: 'bytes of code',
    limit: 10_240,
    adjustable: false,
    source: cloudfront,
    count: per('aws_cloudfront_function', (at) => bytes(at.text('code'))),
  },
  {
    name: 'key-value-stores-per-function',
    what: 'key-value stores',
    limit: 1,
    adjustable: false,
    source: cloudfront,
    count: per('aws_cloudfront_function', (at) => at.texts('key_value_store_associations').length),
  },
  {
    name: 'key-value-store-key',
    what: 'bytes of key',
    limit: 512,
    adjustable: false,
    source: cloudfront,
    count: per('aws_cloudfrontkeyvaluestore_key', (at) => bytes(at.text('key'))),
  },
  {
    name: 'key-value-store-value',
    what: 'bytes of value',
    limit: 1024,
    adjustable: false,
    source: cloudfront,
    count: per('aws_cloudfrontkeyvaluestore_key', (at) => bytes(at.text('value'))),
  },
  {
    name: 'parameter-size',
    what: 'bytes of value, by estimate',
    limit: 4096,
    adjustable: false,
    source:
      'https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html',
    count: lengthOf('aws_ssm_parameter', (at) => (at.text('tier') === 'Advanced' ? [] : at.texts('value'))),
  },
  {
    name: 'deployment-alarms-count',
    what: 'alarms',
    limit: 10,
    // The pages disagree: 10 or 50.
    adjustable: true,
    source: 'https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html',
    count: per('aws_codedeploy_deployment_group', (at) => at.texts('alarm_configuration', 'alarms').length),
  },
  {
    name: 'termination-wait',
    what: 'minutes until the old tasks end',
    limit: 2880,
    adjustable: false,
    source: 'https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html',
    count: per(
      'aws_codedeploy_deployment_group',
      (at) =>
        at.number(
          'blue_green_deployment_config',
          'terminate_blue_instances_on_deployment_success',
          'termination_wait_time_in_minutes',
        ) ?? 0,
    ),
  },
  {
    name: 'role-policy-size',
    what: 'characters of inline policies, by estimate',
    limit: 10_240,
    adjustable: false,
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html',
    count: lengthOf('aws_iam_role', (at, terraform) =>
      terraform.pointingAt(at, 'aws_iam_role_policy', 'role').flatMap((policy) => policy.texts('policy')),
    ),
  },
  {
    name: 'trust-policy-size',
    what: 'characters of trust policy, by estimate',
    limit: 2048,
    adjustable: true,
    source: 'https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html',
    count: lengthOf('aws_iam_role', (at) => at.texts('assume_role_policy')),
  },
  {
    name: 'rules-per-security-group',
    what: 'inbound rules, 55 of them for CloudFront’s prefix list',
    limit: 60,
    adjustable: true,
    source: 'https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html',
    count: per('aws_security_group', (at, terraform) =>
      securityRules(terraform)
        .filter(({ direction, group }) => direction === 'ingress' && group === at)
        .reduce((sum, rule) => sum + (isCloudfront(rule) ? 55 : 1), 0),
    ),
  },
  {
    name: 'security-groups-per-interface',
    what: 'security groups',
    limit: 5,
    adjustable: true,
    source: 'https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html',
    count: per('aws_ecs_service', (at) => at.texts('network_configuration', 'security_groups').length),
  },
]

export const quotaRules: readonly Rule[] = quotas.map(({ name, what, limit, adjustable, source, count }) => ({
  name,
  severity: adjustable ? 'warning' : 'error',
  demand: `At most ${limit} ${what}.`,
  source,
  *check(terraform: Terraform): Generator<Found> {
    for (const { at, count: counted, least = counted } of count(terraform)) {
      if (counted <= limit) continue
      yield {
        at,
        ...(least > limit ? {} : { severity: 'warning' as const }),
        reason: `${counted} ${what}; AWS allows ${limit}${adjustable ? ' unless the quota is raised' : ''}`,
        fix: adjustable ? 'Request a higher quota before the apply, or divide it.' : 'Divide it.',
      }
    }
  },
}))
