import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import * as sdk from '@aws-sdk/client-kms'
import { testContext } from '../../protocol/test-kit/context.test-kit.ts'
import { serveForTest } from '../../protocol/test-kit/protocol.test-kit.ts'
import type { Attributes } from '../../terraform/type/resource-type.ts'
import { applyContext } from '../../test-kit/edge-emulator.test-kit.ts'
import { createKms } from './index.ts'

const context = testContext()
const kms = createKms(context)
const wire = await serveForTest([kms.api ?? assert.fail()])
after(() => wire[Symbol.asyncDispose]())
const client = new sdk.KMSClient(wire.client)

const typeOf = (name: string) =>
  kms.resourceTypes?.find(({ type }) => type === name) ?? assert.fail(`no ${name}`)
const apply = (name: string) => applyContext(name)
const keyType = typeOf('aws_kms_key')
const aliasType = typeOf('aws_kms_alias')
const root = JSON.stringify({
  Statement: [{ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::000000000000:root' }, Action: 'kms:*' }],
})
const createKey = async (planned: Attributes = {}) =>
  keyType.create({ key_usage: 'ENCRYPT_DECRYPT', is_enabled: true, ...planned }, apply('aws_kms_key'))

test('a key of Terraform is one of the API, by id, ARN and alias', async () => {
  const key = await createKey({ description: 'the platform', policy: root, enable_key_rotation: true })
  const alias = await aliasType.create(
    { name: 'alias/main', target_key_id: key.id ?? null },
    apply('aws_kms_alias'),
  )
  assert.equal(alias.target_key_arn, key.arn)
  for (const KeyId of [key.id, key.arn, alias.name, alias.arn].map(String)) {
    const { KeyMetadata } = await client.send(new sdk.DescribeKeyCommand({ KeyId }))
    assert.equal(KeyMetadata?.Arn, key.arn)
    assert.equal(KeyMetadata?.KeyState, 'Enabled')
    assert.equal(KeyMetadata?.Description, 'the platform')
  }
  const KeyId = String(key.id)
  const rotation = await client.send(new sdk.GetKeyRotationStatusCommand({ KeyId }))
  assert.deepEqual([rotation.KeyRotationEnabled, rotation.RotationPeriodInDays], [true, 365])
  const policy = await client.send(new sdk.GetKeyPolicyCommand({ KeyId, PolicyName: 'default' }))
  assert.equal(policy.Policy, root)
  const aliases = await client.send(new sdk.ListAliasesCommand({ KeyId }))
  assert.deepEqual(
    aliases.Aliases?.map(({ AliasName }) => AliasName),
    ['alias/main'],
  )
  const source = kms.dataSourceTypes?.find(({ type }) => type === 'aws_kms_alias')
  const read = await source?.read({ name: 'alias/main' }, apply('data.aws_kms_alias'))
  assert.equal(read?.target_key_arn, key.arn)
})

test('what Terraform changes in place, and what it finds changed', async () => {
  const key = await createKey({ description: 'one', enable_key_rotation: true })
  const update = keyType.update ?? assert.fail()
  const changed = await update(
    { ...key, description: 'two', enable_key_rotation: false, is_enabled: false },
    key,
    apply('aws_kms_key'),
  )
  assert.equal(changed.description, 'two')
  const KeyId = String(key.id)
  assert.equal((await client.send(new sdk.DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState, 'Disabled')
  await client.send(new sdk.EnableKeyCommand({ KeyId }))
  await client.send(new sdk.EnableKeyRotationCommand({ KeyId, RotationPeriodInDays: 90 }))
  const drifted = await keyType.read?.(changed, apply('aws_kms_key'))
  assert.equal(drifted?.is_enabled, true)
  assert.equal(drifted?.rotation_period_in_days, 90)
})

// https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html
test('a deleted key waits, can be kept, and is gone for Terraform', async () => {
  const key = await createKey({ deletion_window_in_days: 7 })
  const KeyId = String(key.id)
  await keyType.delete?.(key, apply('aws_kms_key'))
  assert.equal(await keyType.read?.(key, apply('aws_kms_key')), undefined)
  const { KeyMetadata } = await client.send(new sdk.DescribeKeyCommand({ KeyId }))
  assert.equal(KeyMetadata?.KeyState, 'PendingDeletion')
  await assert.rejects(client.send(new sdk.EnableKeyCommand({ KeyId })), { name: 'KMSInvalidStateException' })
  await client.send(new sdk.CancelKeyDeletionCommand({ KeyId }))
  const kept = await client.send(new sdk.DescribeKeyCommand({ KeyId }))
  assert.equal(kept.KeyMetadata?.KeyState, 'Disabled')
})

// https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html
test('a key policy that no one could change again is refused', async () => {
  const Policy = JSON.stringify({ Statement: [{ Effect: 'Allow', Principal: '*', Action: 'kms:Decrypt' }] })
  const refused = { name: 'MalformedPolicyDocumentException' }
  await assert.rejects(client.send(new sdk.CreateKeyCommand({ Policy })), refused)
  await assert.rejects(createKey({ policy: Policy }), /update the key policy/)
  await assert.rejects(client.send(new sdk.CreateKeyCommand({ Policy: '{' })), refused)
})

test('errors have the codes of KMS, and what is not there fails by name', async () => {
  await assert.rejects(client.send(new sdk.DescribeKeyCommand({ KeyId: 'alias/none' })), {
    name: 'NotFoundException',
  })
  const { KeyId = '' } = (await client.send(new sdk.CreateKeyCommand({}))).KeyMetadata ?? {}
  const alias = { AliasName: 'alias/again', TargetKeyId: KeyId }
  await client.send(new sdk.CreateAliasCommand(alias))
  await assert.rejects(client.send(new sdk.CreateAliasCommand(alias)), { name: 'AlreadyExistsException' })
  await assert.rejects(client.send(new sdk.CreateAliasCommand({ ...alias, AliasName: 'alias/aws/mine' })), {
    name: 'InvalidAliasNameException',
  })
  await assert.rejects(client.send(new sdk.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 3 })), {
    name: 'ValidationException',
  })
  await assert.rejects(
    client.send(new sdk.CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' })),
    {
      name: 'UnsupportedOperationException',
    },
  )
  await assert.rejects(client.send(new sdk.EncryptCommand({ KeyId, Plaintext: Buffer.from('x') })), {
    name: 'NotImplemented',
  })
})
