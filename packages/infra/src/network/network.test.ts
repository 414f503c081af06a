import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Platform } from '@baton/config'
import { lowerProtections } from '../protections.ts'
import { everything, plain, type Synthesized, statements, synthesize } from '../synthesized.test-kit.ts'

const platform = await plain()
const { platform: tf } = await synthesize(platform)
const { bootstrap, platform: full } = await synthesize(await everything({ smokeTest: false }))

describe('names and tags', () => {
  test('every resource is tagged by default', () => {
    assert.match(tf.text, /"default_tags"/)
    assert.match(tf.text, /"managed-by": "baton"/)
  })

  test('Terraform works in the account that the configuration names, and in no other', async () => {
    const provider = (stack: Synthesized) => JSON.parse(stack.text).provider.aws[0]
    assert.ok(!('allowed_account_ids' in provider(tf)))
    const named = await synthesize({ ...platform, account: '111122223333' })
    for (const stack of Object.values(named)) {
      assert.deepEqual(provider(stack).allowed_account_ids, ['111122223333'])
      assert.deepEqual((stack.terraform.backend as { s3: Record<string, unknown> }).s3.allowed_account_ids, [
        '111122223333',
      ])
    }
  })

  test('the state is kept in the bootstrap bucket with a lock file', () => {
    const backend = (stack: Synthesized) => (stack.terraform.backend as { s3: Record<string, unknown> }).s3
    for (const stack of [tf, bootstrap]) {
      assert.equal(backend(stack).bucket, bootstrap.at('aws_s3_bucket.state', 'bucket'))
      assert.equal(backend(stack).use_lockfile, true)
    }
    assert.notEqual(backend(tf).key, backend(bootstrap).key)
  })
})

describe('network', () => {
  test('has the addresses of the source', () => {
    const blocks = Object.values(tf.all('aws_subnet')).map((subnet) => subnet.cidr_block)
    assert.deepEqual(
      blocks.sort(),
      [1, 2, 3, 4, 5, 6].map((n) => `10.0.${n}.0/24`),
    )
  })

  test('has a NAT gateway per zone, one, or none with public tasks', async () => {
    const withNat = async (nat: Platform['network']['nat']) =>
      (await synthesize({ ...platform, network: { ...platform.network, nat } })).platform
    assert.equal(Object.keys(tf.all('aws_nat_gateway')).length, 2)
    const one = await withNat('gateway')
    assert.deepEqual(Object.keys(one.all('aws_nat_gateway')), ['a'])
    assert.equal(one.at('aws_route.private_b', 'nat_gateway_id'), '${aws_nat_gateway.a.id}')
    const none = await withNat('none')
    assert.deepEqual(none.all('aws_nat_gateway'), {})
    assert.deepEqual(none.at('aws_ecs_service.admin', 'network_configuration'), {
      assign_public_ip: true,
      security_groups: ['${aws_security_group.admin.id}'],
      subnets: ['${aws_subnet.public_a.id}', '${aws_subnet.public_b.id}'],
    })
  })

  test('lets no one in from outside but CloudFront, on 443 of the load balancer', () => {
    const outside = Object.values(tf.all('aws_vpc_security_group_ingress_rule')).filter(
      (rule) => !('referenced_security_group_id' in rule),
    )
    assert.deepEqual(
      outside.map(({ from_port, to_port, prefix_list_id, security_group_id }) => [
        from_port,
        to_port,
        prefix_list_id,
        security_group_id,
      ]),
      [
        [
          443,
          443,
          '${data.aws_ec2_managed_prefix_list.cloudfront.id}',
          '${aws_security_group.load_balancer.id}',
        ],
      ],
    )
    assert.equal(
      tf.at('data.aws_ec2_managed_prefix_list.cloudfront', 'name'),
      'com.amazonaws.global.cloudfront.origin-facing',
    )
    assert.ok(!('ingress' in tf.get('aws_default_security_group.default')))
  })

  test('opens the test listener for the smoke test, and for the blocks that the configuration names', async () => {
    const blocks = async (delivery: Partial<Platform['delivery']>) => {
      const changed = await synthesize({ ...platform, delivery: { ...platform.delivery, ...delivery } })
      return Object.values(changed.platform.all('aws_vpc_security_group_ingress_rule'))
        .filter(({ from_port }) => from_port === 8443)
        .map(({ cidr_ipv4 }) => cidr_ipv4)
    }
    assert.deepEqual(await blocks({}), [])
    assert.deepEqual(await blocks({ testAccess: ['203.0.113.0/24'] }), ['203.0.113.0/24'])
    assert.deepEqual(await blocks({ smokeTest: true }), ['0.0.0.0/0'])
  })

  test('writes flow logs only where they are asked for, and the logs bucket admits them for this account', () => {
    assert.deepEqual(tf.all('aws_flow_log'), {})
    assert.doesNotMatch(String(tf.at('aws_s3_bucket_policy.logs', 'policy')), /delivery\.logs/)
    assert.equal(full.at('aws_flow_log.main', 'log_destination'), '${aws_s3_bucket.logs.arn}')
    assert.equal(full.at('aws_flow_log.main', 'traffic_type'), 'ALL')
    const writers = statements(full.at('aws_s3_bucket_policy.logs', 'policy')).filter(({ Principal }) =>
      JSON.stringify(Principal).includes('delivery.logs'),
    )
    assert.equal(writers.length, 2)
    for (const { Condition } of writers) assert.match(JSON.stringify(Condition), /aws:SourceAccount/)
  })

  test('gives the database subnets no way out', () => {
    const routes = Object.values(tf.all('aws_route')).map((route) => route.route_table_id)
    assert.ok(!routes.includes('${aws_route_table.database.id}'))
  })
})

describe('load balancer', () => {
  test('redirects HTTP, answers 404 by itself, and drops invalid headers', () => {
    assert.deepEqual(
      tf.at('aws_lb_listener.http', 'default_action', 0, 'redirect', 'status_code'),
      'HTTP_301',
    )
    for (const listener of ['https', 'test']) {
      assert.equal(
        tf.at(`aws_lb_listener.${listener}`, 'default_action', 0, 'fixed_response', 'status_code'),
        '404',
      )
    }
    assert.equal(tf.at('aws_lb.main', 'drop_invalid_header_fields'), true)
    assert.equal(tf.at('aws_lb.main', 'enable_deletion_protection'), true)
    assert.equal(tf.at('aws_lb.main', 'access_logs', 'bucket'), '${aws_s3_bucket.logs.id}')
  })

  test('is internet-facing, or internal behind a VPC origin', async () => {
    assert.equal(tf.at('aws_lb.main', 'internal'), false)
    assert.deepEqual(tf.all('aws_cloudfront_vpc_origin'), {})
    const network = { ...platform.network, loadBalancer: 'internal' as const }
    const internal = (await synthesize({ ...platform, network })).platform
    assert.equal(internal.at('aws_lb.main', 'internal'), true)
    assert.deepEqual(internal.at('aws_lb.main', 'subnets'), [
      '${aws_subnet.private_a.id}',
      '${aws_subnet.private_b.id}',
    ])
    const endpoint = (name: string) =>
      internal.at('aws_cloudfront_vpc_origin.main', 'vpc_origin_endpoint_config', 0, name)
    assert.equal(endpoint('arn'), '${aws_lb.main.arn}')
    assert.equal(endpoint('origin_protocol_policy'), 'https-only')
    const origin = internal.at('aws_cloudfront_distribution.admin', 'origin', 1) as Record<string, unknown>
    assert.equal(origin.domain_name, '${aws_lb.main.dns_name}')
    assert.equal(origin.custom_origin_config, undefined)
    assert.deepEqual(origin.vpc_origin_config, {
      origin_keepalive_timeout: 5,
      origin_read_timeout: 30,
      vpc_origin_id: '${aws_cloudfront_vpc_origin.main.id}',
    })
  })

  test('has a production and a test rule per service, both over both groups, left to deployments', () => {
    for (const [rule, listener] of [
      ['admin', 'https'],
      ['admin_test', 'test'],
    ] as const) {
      const address = `aws_lb_listener_rule.${rule}`
      assert.equal(tf.at(address, 'listener_arn'), `\${aws_lb_listener.${listener}.arn}`)
      assert.deepEqual(tf.at(address, 'action', 0, 'forward', 'target_group'), [
        { arn: '${aws_lb_target_group.admin_blue.arn}', weight: 100 },
        { arn: '${aws_lb_target_group.admin_green.arn}', weight: 0 },
      ])
      assert.deepEqual(tf.at(address, 'condition', 0, 'host_header', 'values'), ['app-admin.keencho.com'])
      assert.deepEqual(tf.at(address, 'condition', 1, 'path_pattern', 'values'), ['/api/*'])
      assert.deepEqual(tf.at(address, 'condition', 2, 'http_header', 'values'), [
        '${aws_ssm_parameter.origin_header_1.value}',
      ])
      assert.deepEqual(tf.at(address, 'lifecycle', 'ignore_changes'), ['action'])
    }
  })

  test('accepts the previous secret header beside the new one, which the distributions send after the rules know it', () => {
    const values = full.at('aws_lb_listener_rule.admin', 'condition', 2, 'http_header', 'values')
    assert.deepEqual(values, [
      '${aws_ssm_parameter.origin_header_2.value}',
      '${aws_ssm_parameter.origin_header_1.value}',
    ])
    const distribution = full.get('aws_cloudfront_distribution.admin')
    assert.equal(
      full.at('aws_cloudfront_distribution.admin', 'origin', 1, 'custom_header', 0, 'value'),
      '${aws_ssm_parameter.origin_header_2.value}',
    )
    assert.ok((distribution.depends_on as string[]).includes('aws_lb_listener_rule.admin'))
  })

  test('keeps the value of the secret header from one plan to the next', () => {
    assert.deepEqual(tf.at('aws_ssm_parameter.origin_header_1', 'lifecycle', 'ignore_changes'), ['value'])
    assert.equal(tf.at('aws_ssm_parameter.origin_header_1', 'type'), 'SecureString')
  })
})

describe('bootstrap', () => {
  test('keeps images that a tag names: tags cannot move, and only untagged images expire', () => {
    for (const id of ['admin', 'user', 'migrations']) {
      assert.equal(bootstrap.at(`aws_ecr_repository.${id}`, 'image_tag_mutability'), 'IMMUTABLE')
      const [rule, ...others] = JSON.parse(
        String(bootstrap.at(`aws_ecr_lifecycle_policy.${id}`, 'policy')),
      ).rules
      assert.equal(rule.selection.tagStatus, 'untagged')
      assert.deepEqual(others, [])
    }
  })

  test('makes the hosted zone and says its name servers, or leaves an existing one alone', async () => {
    assert.ok('name_servers' in bootstrap.output)
    const existing = (await synthesize({ ...platform, hostedZone: 'existing' })).bootstrap
    assert.deepEqual(existing.all('aws_route53_zone'), {})
  })
})

describe('protections', () => {
  test('are up, and can be taken off before a platform is destroyed', async () => {
    const lowered = await synthesize(lowerProtections(platform))
    assert.ok(!('force_destroy' in tf.get('aws_s3_bucket.sites')))
    assert.equal(lowered.platform.at('aws_s3_bucket.sites', 'force_destroy'), true)
    assert.equal(lowered.platform.at('aws_lb.main', 'enable_deletion_protection'), false)
    assert.equal(lowered.platform.at('aws_db_instance.main', 'deletion_protection'), false)
    assert.equal(lowered.platform.at('aws_db_instance.main', 'skip_final_snapshot'), false)
    assert.equal(lowered.bootstrap.at('aws_ecr_repository.admin', 'force_delete'), true)
  })
})
