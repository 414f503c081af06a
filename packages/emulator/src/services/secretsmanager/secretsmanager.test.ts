import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-secrets-manager'
import { testContext } from '../../protocol/test-kit/context.test-kit.ts'
import { serveForTest } from '../../protocol/test-kit/protocol.test-kit.ts'
import { createSecretsManager } from './index.ts'

async function served(context = testContext()) {
  const secretsManager = createSecretsManager(context)
  if (!secretsManager.api) throw new Error('Secrets Manager has an API')
  const wire = await serveForTest([secretsManager.api])
  const client = new sdk.SecretsManagerClient(wire.client)
  return { secretsManager, client, [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose]() }
}

const apply = {
  address: 'aws_secretsmanager_secret.a',
  region: 'ap-northeast-2',
  accountId: '000000000000',
  folder: '/',
  signal: new AbortController().signal,
}

test('moves AWSCURRENT to a new value and leaves AWSPREVIOUS on the old', async () => {
  await using emulator = await served()
  const { client } = emulator
  const created = await client.send(new sdk.CreateSecretCommand({ Name: 'app/db', SecretString: 'one' }))
  assert.match(created.ARN ?? '', /^arn:aws:secretsmanager:ap-northeast-2:000000000000:secret:app\/db-\w{6}$/)
  await client.send(new sdk.PutSecretValueCommand({ SecretId: 'app/db', SecretString: 'two' }))
  const get = (VersionStage?: string) =>
    client.send(
      new sdk.GetSecretValueCommand({ SecretId: created.ARN, ...(VersionStage ? { VersionStage } : {}) }),
    )
  assert.equal((await get()).SecretString, 'two')
  assert.equal((await get('AWSPREVIOUS')).SecretString, 'one')
  await client.send(new sdk.PutSecretValueCommand({ SecretId: 'app/db', SecretString: 'three' }))
  assert.equal((await get('AWSPREVIOUS')).SecretString, 'two')
  const described = await client.send(new sdk.DescribeSecretCommand({ SecretId: 'app/db' }))
  assert.deepEqual(Object.values(described.VersionIdsToStages ?? {}).sort(), [
    ['AWSCURRENT'],
    ['AWSPREVIOUS'],
  ])
  assert.equal(emulator.secretsManager.secretString(created.ARN ?? ''), 'three')
})

test('keeps binary values, and refuses the same version with another value', async () => {
  await using emulator = await served()
  const { client } = emulator
  await client.send(new sdk.CreateSecretCommand({ Name: 'b', SecretBinary: Buffer.from([0, 255, 1]) }))
  const { SecretBinary } = await client.send(new sdk.GetSecretValueCommand({ SecretId: 'b' }))
  assert.deepEqual([...(SecretBinary ?? [])], [0, 255, 1])
  const ClientRequestToken = 'token-of-thirty-two-characters-00'
  const put = (SecretString: string) =>
    client.send(new sdk.PutSecretValueCommand({ SecretId: 'b', SecretString, ClientRequestToken }))
  await put('x')
  await put('x')
  await assert.rejects(put('y'), { name: 'ResourceExistsException' })
})

test('keeps a deleted secret for its recovery window', async () => {
  let now = Date.UTC(2025, 0, 1)
  const context = testContext()
  const clock = { ...context.clock, now: () => now }
  await using emulator = await served({ ...context, clock })
  const { client } = emulator
  await client.send(new sdk.CreateSecretCommand({ Name: 'a', SecretString: 'x' }))
  await client.send(new sdk.DeleteSecretCommand({ SecretId: 'a', RecoveryWindowInDays: 7 }))
  const get = () => client.send(new sdk.GetSecretValueCommand({ SecretId: 'a' }))
  await assert.rejects(get(), { name: 'InvalidRequestException' })
  await assert.rejects(client.send(new sdk.CreateSecretCommand({ Name: 'a' })), {
    name: 'InvalidRequestException',
  })
  await client.send(new sdk.RestoreSecretCommand({ SecretId: 'a' }))
  assert.equal((await get()).SecretString, 'x')
  await client.send(new sdk.DeleteSecretCommand({ SecretId: 'a', RecoveryWindowInDays: 7 }))
  now += 8 * 24 * 3_600_000
  await assert.rejects(get(), { name: 'ResourceNotFoundException' })
})

test('leaves a secret that RDS manages to RDS', async () => {
  await using emulator = await served()
  const name = 'rds!db-1'
  const arn = emulator.secretsManager.manage({
    name,
    secretString: '{"username":"master"}',
    owningService: 'rds',
  })
  assert.equal(
    emulator.secretsManager.manage({ name, secretString: '{"username":"other"}', owningService: 'rds' }),
    arn,
  )
  assert.equal(emulator.secretsManager.secretString(arn), '{"username":"other"}')
  const put = new sdk.PutSecretValueCommand({ SecretId: arn, SecretString: 'x' })
  await assert.rejects(emulator.client.send(put), { name: 'InvalidRequestException' })
  emulator.secretsManager.remove(arn)
  assert.equal(emulator.secretsManager.secretString(arn), undefined)
})

test('makes passwords of what is not excluded', async () => {
  await using emulator = await served()
  const options = { PasswordLength: 40, ExcludePunctuation: true, ExcludeCharacters: 'abc' }
  const { RandomPassword = '' } = await emulator.client.send(new sdk.GetRandomPasswordCommand(options))
  assert.match(RandomPassword, /^[A-Zd-z0-9]{40}$/)
  assert.match(RandomPassword, /\d/)
})

test('applies a secret with a write-only value, and replaces it by its version', async () => {
  await using emulator = await served()
  const [secretType, versionType] = emulator.secretsManager.resourceTypes ?? []
  const [passwordType] = emulator.secretsManager.ephemeralTypes ?? []
  const secret = await secretType?.create({ name: 'app', recovery_window_in_days: 0 }, apply)
  const made = await passwordType?.open({ password_length: 40, exclude_punctuation: true }, apply)
  const planned = {
    secret_id: secret?.id ?? null,
    secret_string_wo: `{"password":"${made?.random_password}"}`,
  }
  const version = await versionType?.create({ ...planned, secret_string_wo_version: 1 }, apply)
  assert.match(emulator.secretsManager.secretString('app') ?? '', /^\{"password":"[A-Za-z0-9]{40}"\}$/)
  assert.equal(versionType?.attributes.secret_string_wo?.writeOnly, true)

  await versionType?.delete?.(version ?? {}, apply)
  const second = await versionType?.create(
    { ...planned, secret_string_wo: 'two', secret_string_wo_version: 2 },
    apply,
  )
  assert.equal(emulator.secretsManager.secretString('app'), 'two')
  assert.ok(await versionType?.read?.(second ?? {}, apply))

  await secretType?.delete?.(secret ?? {}, apply)
  assert.equal(await secretType?.read?.(secret ?? {}, apply), undefined)
  await secretType?.create({ name: 'app' }, apply)
})
