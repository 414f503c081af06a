import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { allAtOnce, canary, linear, type Platform, type Shift } from '@baton/config'
import { checked, everything, plain, statements, synthesize } from '../synthesized.test-kit.ts'

const platform = await plain()
const { platform: tf } = await synthesize(platform)
const { bootstrap, platform: full } = await synthesize(await everything({ smokeTest: true }))

describe('delivery', () => {
  const shifts: readonly [Shift, number][] = [
    [canary({ percent: 10, minutes: 5 }), 300],
    [canary({ percent: 20, minutes: 5 }), 300],
    [linear({ percent: 10, minutes: 1 }), 540],
    [linear({ percent: 25, minutes: 2 }), 360],
  ]
  const released = (delivery: Partial<Platform['delivery']>) => ({
    ...platform,
    delivery: { ...platform.delivery, ...delivery },
  })

  test('a deployment that fails, or whose alarm fires, rolls back by itself, whatever the shift', async () => {
    for (const shift of [allAtOnce(), ...shifts.map(([shift]) => shift)]) {
      const findings = await checked(released({ shift }))
      assert.deepEqual(
        findings.filter(({ severity }) => severity !== 'note'),
        [],
      )
    }
  })

  test('a shift lasts as long as the configuration says, by AWS’s configuration or by one of its own', async () => {
    for (const [shift, seconds] of shifts) {
      // An alarm that is slower than any shift: the check says how long it takes.
      const alarms = { ...platform.delivery.alarms, datapoints: 30 }
      const late = (await checked(released({ shift, alarms }))).filter(({ rule }) => rule === 'alarm-in-time')
      assert.ok(late.length > 0)
      for (const { reason } of late) assert.match(reason, new RegExp(`after ${seconds} s$`))
    }
    assert.deepEqual(tf.all('aws_codedeploy_deployment_config'), {})
  })

  test('with approval a release that no one approves is stopped; without, it continues by itself', () => {
    const ready = (stack: typeof tf) =>
      stack.at(
        'aws_codedeploy_deployment_group.admin',
        'blue_green_deployment_config',
        'deployment_ready_option',
      )
    // AWS refuses a wait together with CONTINUE_DEPLOYMENT.
    assert.deepEqual(ready(tf), { action_on_timeout: 'CONTINUE_DEPLOYMENT' })
    assert.match(JSON.stringify(ready(full)), /"STOP_DEPLOYMENT"/)
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
  test('has what the release code needs, within 4 KB', () => {
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
