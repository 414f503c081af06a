import assert from 'node:assert/strict'
import { test } from 'node:test'
import { everything, plain, statements, synthesize } from '../synthesized.test-kit.ts'

const without = await synthesize(await plain())
const { bootstrap, platform: tf } = await synthesize(await everything({ smokeTest: true }))
const key = '${data.aws_kms_alias.main.target_key_arn}'

test('a platform has no key of its own unless it asks for one', () => {
  for (const stack of Object.values(without)) assert.doesNotMatch(stack.text, /kms/i)
})

test('the key is rotated, waits as long as it can before it is gone, and has a name', () => {
  assert.equal(bootstrap.at('aws_kms_key.main', 'enable_key_rotation'), true)
  assert.equal(bootstrap.at('aws_kms_key.main', 'deletion_window_in_days'), 30)
  assert.equal(bootstrap.at('aws_kms_alias.main', 'target_key_id'), '${aws_kms_key.main.key_id}')
  assert.equal(tf.at('data.aws_kms_alias.main', 'name'), bootstrap.at('aws_kms_alias.main', 'name'))
})

test('everything that takes a key is encrypted with it', () => {
  const keyOf: Readonly<Record<string, string>> = {
    aws_cloudwatch_log_group: 'kms_key_id',
    aws_db_instance: 'kms_key_id',
    aws_efs_file_system: 'kms_key_id',
    aws_secretsmanager_secret: 'kms_key_id',
    aws_sns_topic: 'kms_master_key_id',
  }
  for (const [type, attribute] of Object.entries(keyOf)) {
    const all = Object.entries(tf.all(type))
    assert.ok(all.length > 0, type)
    for (const [id, body] of all) assert.equal(body[attribute], key, `${type}.${id}`)
  }
  assert.equal(tf.at('aws_db_instance.main', 'master_user_secret_kms_key_id'), key)
  for (const header of Object.values(tf.all('aws_ssm_parameter')))
    assert.equal(header.key_id, header.type === 'SecureString' ? key : undefined)
  for (const repository of Object.values(bootstrap.all('aws_ecr_repository')))
    assert.deepEqual(repository.encryption_configuration, [
      { encryption_type: 'KMS', kms_key: '${aws_kms_key.main.arn}' },
    ])
})

test('buckets of sites and resources are encrypted with it; those that cannot be stay with SSE-S3', () => {
  const rule = (stack: typeof tf, id: string) =>
    stack.at(
      `aws_s3_bucket_server_side_encryption_configuration.${id}`,
      'rule',
      0,
      'apply_server_side_encryption_by_default',
    )
  for (const id of ['sites', 'resources'])
    assert.deepEqual(rule(tf, id), { kms_master_key_id: key, sse_algorithm: 'aws:kms' })
  assert.deepEqual(rule(tf, 'logs'), { sse_algorithm: 'AES256' })
  assert.deepEqual(rule(bootstrap, 'state'), { sse_algorithm: 'AES256' })
})

test('the key admits services for this platform only, and never everyone', () => {
  const found = statements(bootstrap.at('aws_kms_key.main', 'policy'))
  assert.deepEqual(
    found.map(({ Sid }) => Sid),
    ['Account', 'LogGroups', 'Alarms', 'Events', 'Distributions'],
  )
  for (const { Sid, Principal, Condition, Action } of found) {
    assert.notEqual(Principal, '*')
    if (Sid === 'Account') continue
    assert.ok(Condition, `${Sid} has no condition`)
    assert.doesNotMatch(JSON.stringify(Action), /kms:\*|CreateGrant|PutKeyPolicy/)
  }
})

test('a role that reads what the key encrypts may use it through that service only', () => {
  const uses = (role: string) =>
    statements(tf.at(`aws_iam_role_policy.${role}`, 'policy')).filter(({ Sid }) => Sid === 'Key')
  for (const [role, service, actions] of [
    ['admin_execution', 'secretsmanager', ['kms:Decrypt']],
    ['migration_execution', 'secretsmanager', ['kms:Decrypt']],
    ['admin_smoke_test', 'ssm', ['kms:Decrypt']],
    ['pipeline', 's3', ['kms:Decrypt', 'kms:GenerateDataKey']],
  ] as const) {
    const [use, ...others] = uses(role)
    assert.deepEqual(others, [])
    assert.deepEqual(use?.Action, actions, role)
    assert.equal(use?.Resource, key)
    assert.deepEqual(use?.Condition, {
      StringEquals: { 'kms:ViaService': `${service}.ap-northeast-2.amazonaws.com` },
    })
  }
})
