/** The calls that keep Terraform's state in a bucket of the caller's own account, and in no other. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { type EmptyAccount, openEmptyAccount } from '@baton/release/empty-account'
import { type StateBucket, stateBucket } from './state-bucket.ts'

const [own, other] = ['123456789012', '666666666666']
const newName = `keencho-production-state-${own}`
const earlierName = 'keencho-production-state-keencho-com'

let account: EmptyAccount
let bucket: StateBucket
beforeEach(async () => {
  account = await openEmptyAccount()
  bucket = stateBucket(account.aws.clients, account.platform, own)
})
afterEach(() => account[Symbol.asyncDispose]())

describe('the state bucket', () => {
  test('of a new platform has the account in its name', async () => {
    assert.equal(await bucket.find(), undefined)
    assert.equal(await bucket.create(), newName)
    assert.equal(await bucket.find(), newName)
  })

  test('of an earlier version is found by its earlier name', async () => {
    account.aws.buckets.set(earlierName, own)
    assert.equal(await bucket.find(), earlierName)
  })

  test('is never another account’s, whatever that one admits', async () => {
    account.aws.buckets.set(earlierName, other)
    assert.equal(await bucket.find(), undefined, 'the earlier name belongs to another account')
    account.aws.buckets.set(newName, other)
    const refusal = {
      name: 'UsageError',
      message: new RegExp(`${newName} does not belong to account ${own}`),
    }
    await assert.rejects(bucket.find(), refusal)
    await assert.rejects(bucket.create(), refusal)
    await assert.rejects(bucket.remove(newName))
    assert.equal(account.aws.buckets.get(newName), other, 'it was not deleted')
  })

  test('that may not be used is not taken for one that is missing', async () => {
    for (const name of [earlierName, newName]) {
      account.aws.buckets.set(name, own)
      account.aws.forbiddenBuckets.add(name)
      await assert.rejects(bucket.find(), { name: 'UsageError', fix: /permissions/ }, name)
    }
  })

  test('is named together with its owner in every call', async () => {
    await bucket.create()
    await bucket.find()
    await bucket.remove(newName)
    const calls = account.aws.calls.filter(({ name }) => name !== 'CreateBucket')
    assert.deepEqual(
      calls.map(({ name, input }) => [name, input.expectedOwner]),
      [
        ['HeadBucket', own],
        ['ListObjectVersions', own],
        ['DeleteBucket', own],
      ],
    )
  })
})
