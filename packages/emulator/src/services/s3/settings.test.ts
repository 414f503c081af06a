import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import * as s3 from '@aws-sdk/client-s3'
import { testContext } from '../../protocol/test-kit/context.test-kit.ts'
import { serveForTest } from '../../protocol/test-kit/protocol.test-kit.ts'
import { createS3 } from './index.ts'

const Bucket = 'pictures'

async function bucket(t: TestContext, create: Partial<s3.CreateBucketCommandInput> = {}) {
  const stateDir = mkdtempSync(join(tmpdir(), 'baton-s3-'))
  const context = testContext({ stateDir })
  const { api } = createS3(context)
  assert.ok(api)
  const wire = await serveForTest([api])
  t.after(async () => {
    await wire[Symbol.asyncDispose]()
    context.store.close()
    rmSync(stateDir, { recursive: true })
  })
  const client = new s3.S3Client({ ...wire.client, forcePathStyle: true })
  await client.send(new s3.CreateBucketCommand({ Bucket, ...create }))
  return client
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/about-object-ownership.html
test('a bucket whose owner owns every object takes no ACL but the owner’s own', async (t) => {
  const client = await bucket(t)
  const put = (ACL: s3.ObjectCannedACL) =>
    client.send(new s3.PutObjectCommand({ Bucket, Key: 'a', Body: 'a', ACL }))
  await assert.rejects(put('public-read'), { name: 'AccessControlListNotSupported' })
  await assert.rejects(client.send(new s3.PutBucketAclCommand({ Bucket, ACL: 'private' })), {
    name: 'AccessControlListNotSupported',
  })
  await assert.rejects(client.send(new s3.HeadObjectCommand({ Bucket, Key: 'a' })), { name: 'NotFound' })
  await put('bucket-owner-full-control')
})

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
test('a public ACL is refused under Block Public Access, and taken without it', async (t) => {
  const client = await bucket(t, { ObjectOwnership: 'BucketOwnerPreferred' })
  const put = () => client.send(new s3.PutObjectCommand({ Bucket, Key: 'a', Body: 'a', ACL: 'public-read' }))
  await put()
  await client.send(
    new s3.PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: { BlockPublicAcls: true } }),
  )
  await assert.rejects(put(), { name: 'AccessDenied' })
})

test('settings are written, read, and known from none', async (t) => {
  const client = await bucket(t)
  await assert.rejects(client.send(new s3.GetPublicAccessBlockCommand({ Bucket })), {
    name: 'NoSuchPublicAccessBlockConfiguration',
  })
  await assert.rejects(client.send(new s3.GetBucketTaggingCommand({ Bucket })), { name: 'NoSuchTagSet' })
  await client.send(
    new s3.PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [{ Key: 'a', Value: '1' }] } }),
  )
  assert.deepEqual((await client.send(new s3.GetBucketTaggingCommand({ Bucket }))).TagSet, [
    { Key: 'a', Value: '1' },
  ])
  const Rules: s3.LifecycleRule[] = [
    {
      ID: 'old',
      Status: 'Enabled',
      Filter: { Prefix: 'tmp/' },
      Expiration: { Days: 3 },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
      NoncurrentVersionExpiration: { NoncurrentDays: 30 },
      Transitions: [{ Days: 1, StorageClass: 'GLACIER' }],
    },
  ]
  await client.send(
    new s3.PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }),
  )
  const lifecycle = await client.send(new s3.GetBucketLifecycleConfigurationCommand({ Bucket }))
  assert.deepEqual(lifecycle.Rules, Rules)
  const CORSRules = [
    {
      AllowedHeaders: ['*'],
      AllowedMethods: ['PUT'],
      AllowedOrigins: ['https://a.example'],
      ExposeHeaders: ['ETag'],
    },
  ]
  await client.send(new s3.PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }))
  assert.deepEqual((await client.send(new s3.GetBucketCorsCommand({ Bucket }))).CORSRules, CORSRules)
  const { ServerSideEncryptionConfiguration } = await client.send(
    new s3.GetBucketEncryptionCommand({ Bucket }),
  )
  assert.equal(
    ServerSideEncryptionConfiguration?.Rules?.[0]?.ApplyServerSideEncryptionByDefault?.SSEAlgorithm,
    'AES256',
  )
})
