import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { plain, statements, synthesize } from '../synthesized.test-kit.ts'

const platform = await plain()
const { platform: tf } = await synthesize(platform)

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
