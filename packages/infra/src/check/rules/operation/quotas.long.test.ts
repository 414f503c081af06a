import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checked, plain } from '../../../synthesized.test-kit.ts'
import { type Case, type Resources, ref, testRules } from '../../rules.test-kit.ts'
import { quotaRules } from './quotas.ts'

const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index))
const many = (count: number, type: string, make: (index: number) => object): Resources =>
  Object.fromEntries(times(count, (index) => [`${type}.n${index}`, { ...make(index) }]))

/** What a quota counts: one more than its limit trips, the limit itself does not. */
function above(name: string, make: (count: number) => Resources): Case {
  const demand = quotaRules.find((each) => each.name === name)?.demand
  const limit = Number(/^At most (\d+) /.exec(demand ?? '')?.[1])
  return { trips: make(limit + 1), says: new RegExp(`^${limit + 1} `), passes: make(limit) }
}

const listener = { 'aws_lb_listener.https': { load_balancer_arn: ref('aws_lb.main', 'arn') } }
const balancer = { 'aws_lb.main': {} }
const rule = { listener_arn: ref('aws_lb_listener.https', 'arn') }
const groups = (count: number) =>
  times(count, (index) => ({ arn: ref(`aws_lb_target_group.n${index}`, 'arn') }))
const distribution = (body: object) => ({ 'aws_cloudfront_distribution.one': { ...body } })
const edgeFunction = (body: object) => ({ 'aws_cloudfront_function.one': { ...body } })
const key = (body: object) => ({ 'aws_cloudfrontkeyvaluestore_key.one': { ...body } })

testRules(quotaRules, {
  'rules-per-load-balancer': above('rules-per-load-balancer', (count) => ({
    ...balancer,
    ...listener,
    ...many(count, 'aws_lb_listener_rule', () => rule),
  })),
  'target-groups-per-load-balancer': above('target-groups-per-load-balancer', (count) => ({
    ...balancer,
    ...listener,
    ...many(count, 'aws_lb_target_group', () => ({})),
    ...many(count, 'aws_lb_listener_rule', (index) => ({
      ...rule,
      action: { type: 'forward', target_group_arn: ref(`aws_lb_target_group.n${index}`, 'arn') },
    })),
  })),
  'listeners-per-load-balancer': above('listeners-per-load-balancer', (count) => ({
    ...balancer,
    ...many(count, 'aws_lb_listener', () => listener['aws_lb_listener.https']),
  })),
  'condition-values': above('condition-values', (count) => ({
    'aws_lb_listener_rule.one': {
      condition: [
        { host_header: { values: ['a', 'b'] } },
        { path_pattern: [{ values: times(count - 2, String) }] },
      ],
    },
  })),
  'target-groups-per-action': above('target-groups-per-action', (count) => ({
    'aws_lb_listener_rule.one': { action: { forward: { target_group: groups(count) } } },
    ...many(count, 'aws_lb_target_group', () => ({})),
  })),
  'certificates-per-load-balancer': above('certificates-per-load-balancer', (count) => ({
    ...balancer,
    ...listener,
    ...many(count, 'aws_lb_listener_certificate', () => rule),
  })),
  aliases: above('aliases', (count) =>
    distribution({ aliases: times(count, (index) => `a${index}.keencho.com`) }),
  ),
  'cache-behaviors': above('cache-behaviors', (count) =>
    distribution({ ordered_cache_behavior: times(count - 1, () => ({})) }),
  ),
  'distributions-per-function': above('distributions-per-function', (count) => ({
    ...edgeFunction({}),
    ...many(count, 'aws_cloudfront_distribution', () => ({
      default_cache_behavior: {
        function_association: { function_arn: ref('aws_cloudfront_function.one', 'arn') },
      },
    })),
  })),
  'distributions-per-origin-access-control': above('distributions-per-origin-access-control', (count) => ({
    'aws_cloudfront_origin_access_control.one': {},
    ...many(count, 'aws_cloudfront_distribution', () => ({
      origin: { origin_access_control_id: ref('aws_cloudfront_origin_access_control.one') },
    })),
  })),
  'function-size': above('function-size', (count) => edgeFunction({ code: 'x'.repeat(count) })),
  'key-value-stores-per-function': above('key-value-stores-per-function', (count) =>
    edgeFunction({ key_value_store_associations: times(count, String) }),
  ),
  'key-value-store-key': above('key-value-store-key', (count) => key({ key: 'k'.repeat(count) })),
  'key-value-store-value': above('key-value-store-value', (count) => key({ value: 'v'.repeat(count) })),
  'parameter-size': {
    // A reference to an ARN is some 100 bytes.
    trips: { 'aws_ssm_parameter.one': { value: `${'x'.repeat(4000)}${ref('aws_lb.main', 'arn')}` } },
    says: /^4100 /,
    passes: {
      'aws_ssm_parameter.one': { value: 'x'.repeat(4096) },
      'aws_ssm_parameter.two': { tier: 'Advanced', value: 'x'.repeat(5000) },
    },
  },
  'deployment-alarms-count': above('deployment-alarms-count', (count) => ({
    'aws_codedeploy_deployment_group.one': { alarm_configuration: { alarms: times(count, String) } },
  })),
  'termination-wait': above('termination-wait', (count) => ({
    'aws_codedeploy_deployment_group.one': {
      blue_green_deployment_config: {
        terminate_blue_instances_on_deployment_success: { termination_wait_time_in_minutes: count },
      },
    },
  })),
  'role-policy-size': above('role-policy-size', (count) => ({
    'aws_iam_role.one': {},
    'aws_iam_role_policy.a': { role: ref('aws_iam_role.one'), policy: 'x'.repeat(100) },
    'aws_iam_role_policy.b': { role: ref('aws_iam_role.one'), policy: 'x'.repeat(count - 100) },
  })),
  'trust-policy-size': above('trust-policy-size', (count) => ({
    'aws_iam_role.one': { assume_role_policy: 'x'.repeat(count) },
  })),
  'rules-per-security-group': above('rules-per-security-group', (count) => ({
    'aws_security_group.one': {},
    'data.aws_ec2_managed_prefix_list.cloudfront': { name: 'com.amazonaws.global.cloudfront.origin-facing' },
    'aws_vpc_security_group_ingress_rule.https': {
      security_group_id: ref('aws_security_group.one'),
      prefix_list_id: ref('data.aws_ec2_managed_prefix_list.cloudfront'),
    },
    ...many(count - 55, 'aws_vpc_security_group_ingress_rule', (index) => ({
      security_group_id: ref('aws_security_group.one'),
      cidr_ipv4: `203.0.113.${index}/32`,
    })),
  })),
  'security-groups-per-interface': above('security-groups-per-interface', (count) => ({
    'aws_ecs_service.one': { network_configuration: { security_groups: times(count, String) } },
  })),
})

test('a platform that grows is warned of the rules of its load balancer before an apply meets the limit', async () => {
  const platform = await plain()
  const [site] = platform.sites
  const [service] = platform.services
  assert.ok(site && service)
  const grown = (count: number) => {
    const names = times(count, (index) => ({ name: `s${index}`, host: `s${index}.${platform.domain}` }))
    return checked({
      ...platform,
      sites: names.map(({ name, host }) => ({ ...site, name, host, service: name })),
      services: names.map(({ name, host }) => ({ ...service, name, hosts: [host] })),
    })
  }
  const warned = (findings: Awaited<ReturnType<typeof checked>>) =>
    findings.filter(({ rule: name }) => name === 'rules-per-load-balancer').map(({ address }) => address)
  // Two rules per service: production and test.
  assert.deepEqual(warned(await grown(50)), [])
  assert.deepEqual(warned(await grown(51)), ['aws_lb.main'])
})
