import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import type { Platform } from '@baton/config'
import { canary } from '@baton/config'
import { everything, plain, type Synthesized, synthesize } from './synthesized.test-kit.ts'

let platform: Platform
let tf: Synthesized
let full: Synthesized
let bootstrap: Synthesized

before(async () => {
  platform = await plain()
  tf = (await synthesize(platform)).platform
  const stacks = await synthesize(await everything())
  full = stacks.platform
  bootstrap = stacks.bootstrap
})

interface Statement {
  readonly Effect: string
  readonly Action: string | string[]
  readonly Resource?: string | string[]
  readonly Principal?: unknown
  readonly Condition?: unknown
}
const statements = (document: unknown): Statement[] => JSON.parse(String(document)).Statement
const environment = (stack: Synthesized, id: string) => {
  const [container] = JSON.parse(String(stack.at(`aws_ecs_task_definition.${id}`, 'container_definitions')))
  return container
}

describe('names and tags', () => {
  test('every resource is tagged by default', () => {
    assert.match(tf.text, /"default_tags"/)
    assert.match(tf.text, /"managed-by": "baton"/)
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

  test('opens only the ports of the load balancer to the world', () => {
    const open = Object.values(tf.all('aws_vpc_security_group_ingress_rule')).filter(
      (rule) => 'cidr_ipv4' in rule,
    )
    assert.deepEqual(open.map((rule) => rule.from_port).sort(), [443, 80, 8443])
    assert.ok(open.every((rule) => rule.security_group_id === '${aws_security_group.load_balancer.id}'))
    assert.ok(!('ingress' in tf.get('aws_default_security_group.default')))
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

describe('sites', () => {
  test('the API goes to the load balancer with the host of the viewer, uncached', () => {
    const behaviour = tf.at('aws_cloudfront_distribution.admin', 'ordered_cache_behavior', 0) as Record<
      string,
      unknown
    >
    assert.equal(behaviour.path_pattern, '/api/*')
    assert.equal(behaviour.target_origin_id, 'api')
    assert.equal(behaviour.cache_policy_id, '4135ea2d-6df8-44a3-9df3-4b5a84be39ad')
    assert.equal(behaviour.origin_request_policy_id, '216adef6-5c7f-47e4-b989-5492eafa07d3')
    assert.ok(!('function_association' in behaviour))
  })

  test('only the default behaviour runs the edge function; nothing turns errors into pages', () => {
    const address = 'aws_cloudfront_distribution.admin'
    assert.equal(
      tf.at(address, 'default_cache_behavior', 'function_association', 0, 'function_arn'),
      '${aws_cloudfront_function.sites.arn}',
    )
    assert.ok(!('function_association' in (tf.at(address, 'ordered_cache_behavior', 1) as object)))
    assert.ok(!('custom_error_response' in tf.get(address)))
    assert.equal(tf.at(address, 'origin', 0, 'origin_path'), '/admin')
    assert.deepEqual(tf.at(address, 'viewer_certificate', 'minimum_protocol_version'), 'TLSv1.2_2021')
  })

  test('a site admits the countries that it names', () => {
    const restriction = (id: string) =>
      tf.at(`aws_cloudfront_distribution.${id}`, 'restrictions', 'geo_restriction')
    assert.deepEqual(restriction('user'), { restriction_type: 'whitelist', locations: ['KR'] })
    assert.deepEqual(restriction('admin'), { restriction_type: 'none', locations: [] })
  })

  test('a pointer starts unreleased and is left to releases', () => {
    const pointer = tf.get('aws_cloudfrontkeyvaluestore_key.admin')
    assert.equal(pointer.key, 'app-admin.keencho.com')
    assert.equal(pointer.value, 'none')
    assert.deepEqual(pointer.lifecycle, { ignore_changes: ['value'] })
  })

  test('only the distributions read the bucket, and may list it so that missing is 404', () => {
    const allowed = statements(tf.at('aws_s3_bucket_policy.sites', 'policy')).filter(
      ({ Effect }) => Effect === 'Allow',
    )
    assert.deepEqual(
      allowed.map(({ Action }) => Action),
      ['s3:GetObject', 's3:ListBucket'],
    )
    for (const { Principal, Condition } of allowed) {
      assert.deepEqual(Principal, { Service: 'cloudfront.amazonaws.com' })
      assert.deepEqual(Condition, {
        StringEquals: {
          'AWS:SourceArn': [
            '${aws_cloudfront_distribution.admin.arn}',
            '${aws_cloudfront_distribution.user.arn}',
          ],
        },
      })
    }
    // Without a root object, `/` would be a listing.
    assert.equal(tf.at('aws_cloudfront_distribution.resources', 'default_root_object'), 'index.html')
  })

  test('each name leads to its distribution, over IPv4 and IPv6', () => {
    for (const [id, type] of [
      ['admin_ipv4', 'A'],
      ['admin_ipv6', 'AAAA'],
    ] as const) {
      const record = tf.get(`aws_route53_record.${id}`)
      assert.equal(record.type, type)
      assert.equal(record.name, 'app-admin.keencho.com')
      assert.equal(
        tf.at(`aws_route53_record.${id}`, 'alias', 'name'),
        '${aws_cloudfront_distribution.admin.domain_name}',
      )
    }
  })

  test('one validation record serves both certificates', () => {
    assert.equal(tf.at('aws_acm_certificate.edge', 'region'), 'us-east-1')
    for (const id of ['edge', 'regional']) {
      assert.deepEqual(tf.at(`aws_acm_certificate_validation.${id}`, 'validation_record_fqdns'), [
        '${aws_route53_record.certificate_validation.fqdn}',
      ])
    }
  })
})

describe('services', () => {
  test('what deployments own is ignored by Terraform', () => {
    const service = tf.get('aws_ecs_service.admin')
    assert.equal(service.desired_count, 0)
    assert.deepEqual(service.deployment_controller, { type: 'CODE_DEPLOY' })
    assert.deepEqual(service.lifecycle, {
      ignore_changes: ['task_definition', 'load_balancer', 'desired_count'],
    })
  })

  test('Terraform owns a template in a family of its own', () => {
    assert.equal(tf.at('aws_ecs_task_definition.admin', 'family'), 'keencho-production-admin-template')
    const container = environment(tf, 'admin')
    assert.equal(container.image, '${data.aws_ecr_repository.admin.repository_url}:template')
    assert.equal(container.stopTimeout, 60)
    assert.deepEqual(container.secrets, [
      { name: 'PGPASSWORD', valueFrom: '${aws_secretsmanager_secret.admin_database.arn}:password::' },
      { name: 'PGUSER', valueFrom: '${aws_secretsmanager_secret.admin_database.arn}:username::' },
    ])
    assert.deepEqual(container.mountPoints, [
      { sourceVolume: 'logs', containerPath: '/var/log/app', readOnly: false },
    ])
  })

  test("what a user writes is not evaluated as Terraform's", () => {
    const { value } = environment(full, 'admin').environment.find(
      ({ name }: { name: string }) => name === 'TEMPLATE',
    )
    assert.equal(value, '$${HOME} %%{if}')
  })

  test('an execution role reads the secrets of its own service and no others', () => {
    const documents = statements(full.at('aws_iam_role_policy.admin_execution', 'policy'))
    const secrets = documents.find(({ Action }) => Action === 'secretsmanager:GetSecretValue')
    assert.deepEqual(secrets?.Resource, [
      '${aws_secretsmanager_secret.admin_database.arn}',
      '${aws_secretsmanager_secret.admin_secret_api_key.arn}',
    ])
  })

  test('only the migration may read the master password', () => {
    const readers = Object.entries(tf.all('aws_iam_role_policy')).filter(([, { policy }]) =>
      String(policy).includes('master_user_secret'),
    )
    assert.deepEqual(
      readers.map(([id]) => id),
      ['migration_execution'],
    )
    const names = environment(tf, 'migration').secrets.map(({ name }: { name: string }) => name)
    assert.deepEqual(names, [
      'DB_PASSWORD_ADMIN',
      'DB_PASSWORD_USER',
      'DB_USER_ADMIN',
      'DB_USER_USER',
      'PGPASSWORD',
      'PGUSER',
    ])
  })

  test('no policy allows everything: `*` stands only where the action knows no resource', () => {
    const broad = Object.values(full.all('aws_iam_role_policy'))
      .flatMap(({ policy }) => statements(policy))
      .filter(({ Resource }) => [Resource].flat().includes('*'))
      .flatMap(({ Action }) => [Action].flat())
    const known = /:(Describe|List)|^ecr:GetAuthorizationToken$|^ssmmessages:/
    assert.deepEqual(
      broad.filter((action) => !known.test(action)),
      [],
    )
    assert.ok(!/"Action":"[a-z0-9-]*:?\*"/.test(JSON.stringify(full.all('aws_iam_role_policy'))))
  })

  test('scales between its limits on memory and CPU', () => {
    assert.equal(tf.at('aws_appautoscaling_target.admin', 'min_capacity'), 1)
    assert.equal(tf.at('aws_appautoscaling_target.admin', 'max_capacity'), 4)
    const policy = (id: string, ...path: string[]) =>
      tf.at(`aws_appautoscaling_policy.${id}`, 'target_tracking_scaling_policy_configuration', ...path)
    assert.equal(policy('admin_memory', 'target_value'), 80)
    assert.equal(policy('admin_cpu', 'target_value'), 70)
    assert.equal(policy('admin_cpu', 'scale_in_cooldown'), 180)
  })
})

describe('database', () => {
  test('is private, encrypted, doubled, backed up and hard to lose', () => {
    const instance = tf.get('aws_db_instance.main')
    assert.equal(instance.publicly_accessible, false)
    assert.equal(instance.storage_encrypted, true)
    assert.equal(instance.multi_az, true)
    assert.equal(instance.manage_master_user_password, true)
    assert.equal(instance.deletion_protection, true)
    assert.equal(instance.final_snapshot_identifier, 'keencho-production-final')
    assert.ok(!('password' in instance))
    assert.deepEqual(tf.at('aws_db_parameter_group.main', 'parameter', 0), {
      apply_method: 'immediate',
      name: 'rds.force_ssl',
      value: '1',
    })
  })

  test("a service's password is made during an apply and never kept in the state", () => {
    const version = tf.get('aws_secretsmanager_secret_version.admin_database')
    assert.match(
      String(version.secret_string_wo),
      /ephemeral\.aws_secretsmanager_random_password\.admin_database/,
    )
    assert.ok(!('secret_string' in version))
  })
})

describe('delivery', () => {
  test('a group watches both alarms, rolls back, and knows both listeners and both groups', () => {
    const address = 'aws_codedeploy_deployment_group.admin'
    assert.equal(tf.at(address, 'deployment_config_name'), 'CodeDeployDefault.ECSCanary10Percent5Minutes')
    assert.deepEqual(tf.at(address, 'alarm_configuration', 'alarms'), [
      '${aws_cloudwatch_metric_alarm.admin_errors.alarm_name}',
      '${aws_cloudwatch_metric_alarm.admin_latency.alarm_name}',
    ])
    assert.deepEqual(tf.at(address, 'auto_rollback_configuration', 'events'), [
      'DEPLOYMENT_FAILURE',
      'DEPLOYMENT_STOP_ON_ALARM',
      'DEPLOYMENT_STOP_ON_REQUEST',
    ])
    // A wait together with CONTINUE_DEPLOYMENT is refused.
    assert.deepEqual(tf.at(address, 'blue_green_deployment_config', 'deployment_ready_option'), {
      action_on_timeout: 'CONTINUE_DEPLOYMENT',
    })
    assert.equal(
      full.at(address, 'blue_green_deployment_config', 'deployment_ready_option', 'action_on_timeout'),
      'STOP_DEPLOYMENT',
    )
  })

  test('a shift that CodeDeploy has not ready made gets a configuration of its own', async () => {
    assert.deepEqual(full.at('aws_codedeploy_deployment_config.main', 'traffic_routing_config'), {
      type: 'TimeBasedLinear',
      time_based_linear: { interval: 2, percentage: 25 },
    })
    const shift = canary({ percent: 20, minutes: 5 })
    const custom = (await synthesize({ ...platform, delivery: { ...platform.delivery, shift } })).platform
    assert.deepEqual(custom.at('aws_codedeploy_deployment_config.main', 'traffic_routing_config'), {
      type: 'TimeBasedCanary',
      time_based_canary: { interval: 5, percentage: 20 },
    })
    assert.deepEqual(tf.all('aws_codedeploy_deployment_config'), {})
  })

  test('the alarm of failed requests spans both target groups', () => {
    const queries = tf.at('aws_cloudwatch_metric_alarm.admin_errors', 'metric_query') as Record<
      string,
      unknown
    >[]
    assert.equal(queries.filter((query) => query.return_data === true).length, 1)
    const groups = new Set(
      queries.flatMap(
        ({ metric }) => (metric as { dimensions?: { TargetGroup: string } })?.dimensions?.TargetGroup ?? [],
      ),
    )
    assert.equal(groups.size, 2)
  })

  test('the smoke test is a function outside of the VPC that CodeDeploy may call', () => {
    const lambda = full.get('aws_lambda_function.admin_smoke_test')
    assert.equal(lambda.filename, 'assets/smoke-test.zip')
    assert.ok(!('vpc_config' in lambda))
    assert.match(String(full.at('aws_iam_role_policy.delivery', 'policy')), /lambda:InvokeFunction/)
    assert.match(String(full.at('aws_ssm_parameter.service_admin', 'value')), /"smokeTest"/)
    assert.deepEqual(tf.all('aws_lambda_function'), {})
  })

  test('notices of alarms, deployments and scaling go to one topic', () => {
    for (const alarm of Object.values(tf.all('aws_cloudwatch_metric_alarm'))) {
      assert.deepEqual(alarm.alarm_actions, ['${aws_sns_topic.notices.arn}'])
    }
    assert.deepEqual(Object.keys(tf.all('aws_cloudwatch_event_target')), ['deployments', 'scaling'])
    assert.equal(full.at('aws_sns_topic_subscription.email_1', 'endpoint'), 'operations@keencho.com')
  })

  test('the pipeline comes from one branch of one repository', () => {
    const [trust] = statements(full.at('aws_iam_role.pipeline', 'assume_role_policy'))
    assert.deepEqual(trust?.Condition, {
      StringEquals: {
        'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
        'token.actions.githubusercontent.com:sub': 'repo:keencho/platform:ref:refs/heads/main',
      },
    })
    assert.ok(bootstrap.addresses.includes('aws_iam_openid_connect_provider.github'))
    assert.ok(!tf.addresses.includes('aws_iam_role.pipeline'))
  })
})

describe('manifest', () => {
  test('tells the release code what it needs, within 4 KB', () => {
    const parameters = Object.values(full.all('aws_ssm_parameter')).filter(({ type }) => type === 'String')
    assert.deepEqual(parameters.map(({ name }) => name).sort(), [
      '/baton/keencho-production/migration',
      '/baton/keencho-production/services/admin',
      '/baton/keencho-production/services/user',
      '/baton/keencho-production/sites/admin',
      '/baton/keencho-production/sites/user',
    ])
    for (const { value } of parameters) assert.ok(String(value).length < 2048)
    const site = JSON.parse(String(tf.at('aws_ssm_parameter.site_admin', 'value')))
    assert.deepEqual(site, {
      bucket: '${aws_s3_bucket.sites.bucket}',
      prefix: 'admin/',
      keyValueStoreArn: '${aws_cloudfront_key_value_store.sites.arn}',
      pointerKey: 'app-admin.keencho.com',
      host: 'app-admin.keencho.com',
    })
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
