import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { canary } from '@baton/config'
import { everything, plain, statements, synthesize } from '../synthesized.test-kit.ts'

const platform = await plain()
const { platform: tf } = await synthesize(platform)
const { bootstrap, platform: full } = await synthesize(await everything({ smokeTest: true }))

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

test('the pipeline suspends the scaling of this platform only: a scalable target is known by its tags', () => {
  const scaling = statements(full.at('aws_iam_role_policy.pipeline', 'policy')).find(
    ({ Action }) => Action === 'application-autoscaling:RegisterScalableTarget',
  )
  assert.deepEqual(scaling?.Condition, {
    StringEquals: {
      'application-autoscaling:service-namespace': 'ecs',
      'aws:ResourceTag/environment': 'production',
      'aws:ResourceTag/project': 'keencho',
    },
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
