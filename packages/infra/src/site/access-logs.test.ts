import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everything, plain, statements, synthesize } from '../synthesized.test-kit.ts'

test('access logs of all distributions go to the logs bucket where they are asked for', async () => {
  const { platform: tf } = await synthesize(await everything({ smokeTest: false }))
  const distributions = Object.keys(tf.all('aws_cloudfront_distribution'))
  assert.deepEqual(distributions, ['admin', 'resources', 'user'])
  for (const id of distributions) {
    const source = tf.get(`aws_cloudwatch_log_delivery_source.${id}`)
    assert.equal(source.resource_arn, `\${aws_cloudfront_distribution.${id}.arn}`)
    const delivery = tf.get(`aws_cloudwatch_log_delivery.${id}`)
    assert.equal(delivery.delivery_source_name, `\${aws_cloudwatch_log_delivery_source.${id}.name}`)
    for (const { region } of [source, delivery]) assert.equal(region, 'us-east-1')
  }
  assert.deepEqual(
    tf.at('aws_cloudwatch_log_delivery_destination.logs', 'delivery_destination_configuration', 0),
    { destination_resource_arn: '${aws_s3_bucket.logs.arn}' },
  )
  const writers = statements(tf.at('aws_s3_bucket_policy.logs', 'policy')).filter(({ Principal }) =>
    JSON.stringify(Principal).includes('delivery.logs'),
  )
  for (const { Condition } of writers)
    assert.match(JSON.stringify(Condition), /logs:us-east-1:[^"]*:delivery-source:\*/)
})

test('without it there is no delivery', async () => {
  const { platform: tf } = await synthesize(await plain())
  assert.deepEqual(tf.all('aws_cloudwatch_log_delivery'), {})
})
