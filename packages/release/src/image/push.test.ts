import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { type EmptyAccount, openEmptyAccount } from '../test-kit/empty-account.test-kit.ts'
import { refuses } from '../test-kit/service-release.test-kit.ts'
import { pushToRepository } from './push.ts'

let account: EmptyAccount
beforeEach(async () => {
  account = await openEmptyAccount()
})
afterEach(() => account[Symbol.asyncDispose]())

const repository = 'keencho-production/admin'

describe('an image', () => {
  const push = async (change: { digest?: string } = {}) =>
    pushToRepository(
      account.aws.clients,
      { ...(await account.builder.migrations()), ...change },
      repository,
      'v1',
    )
  beforeEach(() => account.apply('bootstrap'))

  test('is addressed by digest, and not pushed again', async () => {
    const first = await push()
    assert.match(first.reference, /^127\.0\.0\.1:\d+\/keencho-production\/admin@sha256:[0-9a-f]{64}$/)
    assert.ok(first.pushedBytes > 0)
    assert.deepEqual(await push(), { ...first, pushedBytes: 0 })
    assert.equal(account.aws.inputsOf('GetAuthorizationToken').length, 1)
  })

  test('never replaces another one of the same version', async () => {
    await push()
    await assert.rejects(
      push({ digest: 'sha256:other' }),
      refuses('version-taken', /v1 .* as another image \(sha256:/),
    )
    assert.equal(account.aws.inputsOf('GetAuthorizationToken').length, 1)
  })
})

test('an image needs its repository', async () => {
  const image = await account.builder.migrations()
  await assert.rejects(
    pushToRepository(account.aws.clients, image, repository, 'v1'),
    refuses('repository-missing', /keencho-production\/admin/),
  )
})
