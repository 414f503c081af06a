import { type Case, type Resources, ref, testRules } from '../../rules.test-kit.ts'
import { quotaRules } from './quotas.ts'

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))
const many = (count: number, type: string, make: (index: number) => object): Resources =>
  Object.fromEntries(times(count, (index) => [`${type}.n${index}`, { ...make(index) }]))

/** One more than the limit trips, the limit itself does not. */
const above = (limit: number, make: (count: number) => Resources): Case => ({
  trips: make(limit + 1),
  says: new RegExp(`^${limit + 1} `),
  passes: make(limit),
})

const listener = { 'aws_lb_listener.https': { load_balancer_arn: ref('aws_lb.main', 'arn') } }
const balancer = { 'aws_lb.main': {} }
const rule = { listener_arn: ref('aws_lb_listener.https', 'arn') }
const groups = (count: number) =>
  times(count, (index) => ({ arn: ref(`aws_lb_target_group.n${index}`, 'arn') }))
const distribution = (body: object) => ({ 'aws_cloudfront_distribution.one': { ...body } })
const edgeFunction = (body: object) => ({ 'aws_cloudfront_function.one': { ...body } })
const key = (body: object) => ({ 'aws_cloudfrontkeyvaluestore_key.one': { ...body } })

testRules(quotaRules, {
  'rules-per-load-balancer': above(100, (count) => ({
    ...balancer,
    ...listener,
    ...many(count, 'aws_lb_listener_rule', () => rule),
  })),
  'target-groups-per-load-balancer': above(100, (count) => ({
    ...balancer,
    ...listener,
    ...many(count, 'aws_lb_target_group', () => ({})),
    ...many(count, 'aws_lb_listener_rule', (index) => ({
      ...rule,
      action: { type: 'forward', target_group_arn: ref(`aws_lb_target_group.n${index}`, 'arn') },
    })),
  })),
  'listeners-per-load-balancer': above(50, (count) => ({
    ...balancer,
    ...many(count, 'aws_lb_listener', () => listener['aws_lb_listener.https']),
  })),
  'condition-values': above(5, (count) => ({
    'aws_lb_listener_rule.one': {
      condition: [
        { host_header: { values: ['a', 'b'] } },
        { path_pattern: [{ values: times(count - 2, String) }] },
      ],
    },
  })),
  'target-groups-per-action': above(5, (count) => ({
    'aws_lb_listener_rule.one': { action: { forward: { target_group: groups(count) } } },
    ...many(count, 'aws_lb_target_group', () => ({})),
  })),
  'certificates-per-load-balancer': above(25, (count) => ({
    ...balancer,
    ...listener,
    ...many(count, 'aws_lb_listener_certificate', () => rule),
  })),
  aliases: above(100, (count) => distribution({ aliases: times(count, (index) => `a${index}.keencho.com`) })),
  'cache-behaviors': above(75, (count) =>
    distribution({ ordered_cache_behavior: times(count - 1, () => ({})) }),
  ),
  'distributions-per-function': above(100, (count) => ({
    ...edgeFunction({}),
    ...many(count, 'aws_cloudfront_distribution', () => ({
      default_cache_behavior: {
        function_association: { function_arn: ref('aws_cloudfront_function.one', 'arn') },
      },
    })),
  })),
  'distributions-per-origin-access-control': above(100, (count) => ({
    'aws_cloudfront_origin_access_control.one': {},
    ...many(count, 'aws_cloudfront_distribution', () => ({
      origin: { origin_access_control_id: ref('aws_cloudfront_origin_access_control.one') },
    })),
  })),
  'function-size': above(10_240, (count) => edgeFunction({ code: 'x'.repeat(count) })),
  'key-value-stores-per-function': above(1, (count) =>
    edgeFunction({ key_value_store_associations: times(count, String) }),
  ),
  'key-value-store-key': above(512, (count) => key({ key: 'k'.repeat(count) })),
  'key-value-store-value': above(1024, (count) => key({ value: 'v'.repeat(count) })),
  'parameter-size': {
    // A reference to an ARN is some 100 bytes.
    trips: { 'aws_ssm_parameter.one': { value: `${'x'.repeat(4000)}${ref('aws_lb.main', 'arn')}` } },
    says: /^4100 /,
    passes: {
      'aws_ssm_parameter.one': { value: 'x'.repeat(4096) },
      'aws_ssm_parameter.two': { tier: 'Advanced', value: 'x'.repeat(5000) },
    },
  },
  'deployment-alarms-count': above(10, (count) => ({
    'aws_codedeploy_deployment_group.one': { alarm_configuration: { alarms: times(count, String) } },
  })),
  'termination-wait': above(2880, (count) => ({
    'aws_codedeploy_deployment_group.one': {
      blue_green_deployment_config: {
        terminate_blue_instances_on_deployment_success: { termination_wait_time_in_minutes: count },
      },
    },
  })),
  'role-policy-size': above(10_240, (count) => ({
    'aws_iam_role.one': {},
    'aws_iam_role_policy.a': { role: ref('aws_iam_role.one'), policy: 'x'.repeat(10_000) },
    'aws_iam_role_policy.b': { role: ref('aws_iam_role.one'), policy: 'x'.repeat(count - 10_000) },
  })),
  'trust-policy-size': above(2048, (count) => ({
    'aws_iam_role.one': { assume_role_policy: 'x'.repeat(count) },
  })),
  'security-groups-per-interface': above(5, (count) => ({
    'aws_ecs_service.one': { network_configuration: { security_groups: times(count, String) } },
  })),
})
