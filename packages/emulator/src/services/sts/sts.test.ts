import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-sts'
import { testContext } from '../../protocol/test-kit/context.test-kit.ts'
import { findTestCredentials, serveForTest } from '../../protocol/test-kit/protocol.test-kit.ts'
import { createSts } from './index.ts'

const roleArn = 'arn:aws:iam::000000000000:role/ci/deployer'

async function served(context = testContext()) {
  const sts = createSts(context)
  if (!sts.api) throw new Error('STS has an API')
  const wire = await serveForTest([sts.api], {
    credentials: (accessKeyId) => findTestCredentials(accessKeyId) ?? sts.credentials(accessKeyId),
  })
  return {
    sts,
    wire,
    client: new sdk.STSClient(wire.client),
    [Symbol.asyncDispose]: () => wire[Symbol.asyncDispose](),
  }
}

const sessionOf = ({ Credentials }: sdk.AssumeRoleCommandOutput) => ({
  accessKeyId: Credentials?.AccessKeyId ?? '',
  secretAccessKey: Credentials?.SecretAccessKey ?? '',
  sessionToken: Credentials?.SessionToken ?? '',
})

test('knows the administrator as root, and an assumed role by its session', async () => {
  await using emulator = await served()
  const identity = await emulator.client.send(new sdk.GetCallerIdentityCommand({}))
  assert.equal(identity.Arn, 'arn:aws:iam::000000000000:root')
  const assumed = await emulator.client.send(
    new sdk.AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'release' }),
  )
  const client = new sdk.STSClient({ ...emulator.wire.client, credentials: sessionOf(assumed) })
  const own = await client.send(new sdk.GetCallerIdentityCommand({}))
  assert.equal(own.Arn, 'arn:aws:sts::000000000000:assumed-role/deployer/release')
  assert.equal(own.UserId, assumed.AssumedRoleUser?.AssumedRoleId)
})

test('gives a session for a web identity token without a signature on the request', async () => {
  await using emulator = await served()
  const claims = {
    sub: 'repo:keencho/app:ref:refs/heads/main',
    aud: 'sts.amazonaws.com',
    iss: 'https://token.actions',
  }
  const WebIdentityToken = ['{}', JSON.stringify(claims), 's']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.')
  const anonymous = new sdk.STSClient({ ...emulator.wire.client })
  const answer = await anonymous.send(
    new sdk.AssumeRoleWithWebIdentityCommand({ RoleArn: roleArn, RoleSessionName: 'ci', WebIdentityToken }),
  )
  assert.equal(answer.SubjectFromWebIdentityToken, claims.sub)
  assert.equal(answer.Provider, 'token.actions')
})

test('refuses a session that is over, one that it never gave, and a role of another account', async () => {
  let now = Date.UTC(2025, 0, 1)
  const context = testContext()
  await using emulator = await served({ ...context, clock: { ...context.clock, now: () => now } })
  const assume = (RoleArn: string) =>
    emulator.client.send(
      new sdk.AssumeRoleCommand({ RoleArn, RoleSessionName: 'release', DurationSeconds: 900 }),
    )
  const session = sessionOf(await assume(roleArn))
  const ask = (credentials: typeof session) =>
    new sdk.STSClient({ ...emulator.wire.client, credentials }).send(new sdk.GetCallerIdentityCommand({}))
  await ask(session)
  now += 901_000
  await assert.rejects(ask(session), { name: 'ExpiredToken' })
  await assert.rejects(ask({ ...session, accessKeyId: 'ASIANEVERGIVEN00000' }), {
    name: 'InvalidClientTokenId',
  })
  await assert.rejects(assume('arn:aws:iam::111111111111:role/other'), { name: 'AccessDenied' })
})

test("gives a task its role's credentials", async () => {
  await using emulator = await served()
  const credentials = emulator.sts.sessionCredentials(roleArn, 'task-1')
  assert.equal(
    emulator.sts.credentials(credentials.AccessKeyId)?.principal.arn,
    'arn:aws:sts::000000000000:assumed-role/deployer/task-1',
  )
  assert.ok(Date.parse(credentials.Expiration) > Date.now() + 5 * 3_600_000)
})
