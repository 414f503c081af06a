import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import * as s3 from '@aws-sdk/client-s3'
import { serveForTest, type TestWire } from '../../protocol/test-kit/protocol.test-kit.ts'
import { type EdgeEmulator, openEdgeEmulator } from '../../test-kit/edge-emulator.test-kit.ts'

let emulator: EdgeEmulator
let wire: TestWire
let client: s3.S3Client

before(async () => {
  emulator = await openEdgeEmulator()
  wire = await serveForTest([emulator.s3.api ?? assert.fail()])
  client = new s3.S3Client({ ...wire.client, forcePathStyle: true })
  await client.send(new s3.CreateBucketCommand({ Bucket: 'sites' }))
})
after(async () => {
  client.destroy()
  await wire[Symbol.asyncDispose]()
  await emulator.close()
})

const put = (Key: string, Body: string | Buffer, more: Partial<s3.PutObjectCommandInput> = {}) =>
  client.send(new s3.PutObjectCommand({ Bucket: 'sites', Key, Body, ...more }))
const get = async (Key: string, more: Partial<s3.GetObjectCommandInput> = {}) => {
  const got = await client.send(new s3.GetObjectCommand({ Bucket: 'sites', Key, ...more }))
  return { ...got, text: (await got.Body?.transformToString()) ?? '' }
}

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
test('a request that expects the bucket of another account is refused with 403', async () => {
  const refused = { name: 'AccessDenied' }
  const other = { Bucket: 'sites', ExpectedBucketOwner: '999988887777' }
  await put('owned.txt', 'mine', { ExpectedBucketOwner: '000000000000' })
  await assert.rejects(put('owned.txt', 'theirs', other), refused)
  await assert.rejects(get('owned.txt', other), refused)
  await assert.rejects(client.send(new s3.ListObjectsV2Command(other)), refused)
  await assert.rejects(client.send(new s3.DeleteObjectCommand({ ...other, Key: 'owned.txt' })), refused)
  await assert.rejects(client.send(new s3.HeadBucketCommand(other)), (error: s3.S3ServiceException) => {
    assert.equal(error.$metadata.httpStatusCode, 403)
    return true
  })
  const copy = { Bucket: 'sites', Key: 'copy.txt', CopySource: 'sites/owned.txt' }
  const foreign = { ...copy, ExpectedSourceBucketOwner: '999988887777' }
  await assert.rejects(client.send(new s3.CopyObjectCommand(foreign)), refused)
  assert.equal((await get('owned.txt')).text, 'mine')
})

test('gives back what was put: body, ETag and headers', async () => {
  const body = randomBytes(200_000)
  const stored = await put('a/b.bin', body, {
    ContentType: 'text/html',
    CacheControl: 'no-cache',
    Metadata: { release: '7' },
  })
  assert.equal(stored.ETag, `"${createHash('md5').update(body).digest('hex')}"`)
  const got = await client.send(new s3.GetObjectCommand({ Bucket: 'sites', Key: 'a/b.bin' }))
  assert.deepEqual(Buffer.from((await got.Body?.transformToByteArray()) ?? []), body)
  assert.equal(got.ContentType, 'text/html')
  assert.equal(got.CacheControl, 'no-cache')
  assert.deepEqual(got.Metadata, { release: '7' })
  const head = await client.send(new s3.HeadObjectCommand({ Bucket: 'sites', Key: 'a/b.bin' }))
  assert.equal(head.ContentLength, body.length)
})

test('answers ranges and conditions', async () => {
  const { ETag } = await put('r.txt', '0123456789')
  const part = await get('r.txt', { Range: 'bytes=2-4' })
  assert.equal(part.text, '234')
  assert.equal(part.ContentRange, 'bytes 2-4/10')
  assert.equal((await get('r.txt', { Range: 'bytes=-3' })).text, '789')
  await assert.rejects(get('r.txt', { Range: 'bytes=10-' }), { name: 'InvalidRange' })
  await assert.rejects(get('r.txt', { IfNoneMatch: ETag }), (error: s3.S3ServiceException) => {
    assert.equal(error.$metadata.httpStatusCode, 304)
    return true
  })
  await assert.rejects(get('r.txt', { IfMatch: '"other"' }), { name: 'PreconditionFailed' })
})

test('lets one of two first writers win', async () => {
  const results = await Promise.allSettled(
    ['one', 'two'].map((body) => put('once.txt', body, { IfNoneMatch: '*' })),
  )
  assert.deepEqual(results.map(({ status }) => status).sort(), ['fulfilled', 'rejected'])
  const refused = results.find((result) => result.status === 'rejected')
  assert.equal(refused?.reason.name, 'PreconditionFailed')
})

test('names what does not exist, exactly', async () => {
  await assert.rejects(get('none'), (error) => error instanceof s3.NoSuchKey)
  const elsewhere = new s3.GetObjectCommand({ Bucket: 'none', Key: 'k' })
  await assert.rejects(client.send(elsewhere), { name: 'NoSuchBucket' })
  await assert.rejects(client.send(new s3.HeadObjectCommand({ Bucket: 'sites', Key: 'none' })), {
    name: 'NotFound',
  })
  await assert.rejects(client.send(new s3.HeadBucketCommand({ Bucket: 'none' })), { name: 'NotFound' })
  await assert.rejects(client.send(new s3.CreateBucketCommand({ Bucket: 'sites' })), {
    name: 'BucketAlreadyOwnedByYou',
  })
  await assert.rejects(client.send(new s3.DeleteBucketCommand({ Bucket: 'sites' })), {
    name: 'BucketNotEmpty',
  })
})

test('lists with prefix and delimiter, in pages', async () => {
  await client.send(new s3.CreateBucketCommand({ Bucket: 'listed' }))
  const keys = ['a/1', 'a/2', 'a/b/3', 'b', 'c/4', 'c/5', 'd']
  for (const Key of keys) await client.send(new s3.PutObjectCommand({ Bucket: 'listed', Key, Body: Key }))
  const seen: string[] = []
  const pages = s3.paginateListObjectsV2({ client, pageSize: 2 }, { Bucket: 'listed', Delimiter: '/' })
  for await (const page of pages) {
    const names = [
      ...(page.Contents ?? []).map(({ Key }) => Key),
      ...(page.CommonPrefixes ?? []).map(({ Prefix }) => Prefix),
    ]
    assert.ok(names.length <= 2)
    seen.push(...names.map(String))
  }
  assert.deepEqual(seen.sort(), ['a/', 'b', 'c/', 'd'])
  const below = await client.send(
    new s3.ListObjectsV2Command({ Bucket: 'listed', Prefix: 'a/', Delimiter: '/' }),
  )
  assert.deepEqual(
    below.Contents?.map(({ Key }) => Key),
    ['a/1', 'a/2'],
  )
  assert.deepEqual(below.CommonPrefixes, [{ Prefix: 'a/b/' }])
  const rest = await client.send(new s3.ListObjectsV2Command({ Bucket: 'listed', StartAfter: 'b' }))
  assert.deepEqual(
    rest.Contents?.map(({ Key }) => Key),
    ['c/4', 'c/5', 'd'],
  )
})

test('copies and deletes, and leaves no body behind', async () => {
  await client.send(new s3.CreateBucketCommand({ Bucket: 'swept' }))
  const files = async () => (await readdir(join(emulator.context.stateDir, 's3'))).length
  const before = await files()
  await client.send(new s3.PutObjectCommand({ Bucket: 'swept', Key: 'x y', Body: 'first' }))
  await client.send(new s3.PutObjectCommand({ Bucket: 'swept', Key: 'x y', Body: 'second' }))
  await client.send(new s3.CopyObjectCommand({ Bucket: 'swept', Key: 'copy', CopySource: 'swept/x%20y' }))
  assert.equal(await files(), before + 2)
  const Delete = { Objects: [{ Key: 'x y' }, { Key: 'copy' }, { Key: 'never' }] }
  const { Deleted } = await client.send(new s3.DeleteObjectsCommand({ Bucket: 'swept', Delete }))
  assert.equal(Deleted?.length, 3)
  assert.equal(await files(), before)
  await client.send(new s3.DeleteBucketCommand({ Bucket: 'swept' }))
})

test('keeps versions where versioning is on', async () => {
  const bucket = await emulator.create('aws_s3_bucket', { bucket: 'versioned', force_destroy: true })
  const configuration = [{ status: 'Enabled' }]
  await emulator.create('aws_s3_bucket_versioning', {
    bucket: 'versioned',
    versioning_configuration: configuration,
  })
  const write = (Body: string) =>
    client.send(new s3.PutObjectCommand({ Bucket: 'versioned', Key: 'k', Body }))
  const first = await write('first')
  await write('second')
  await client.send(new s3.DeleteObjectCommand({ Bucket: 'versioned', Key: 'k' }))
  const current = new s3.GetObjectCommand({ Bucket: 'versioned', Key: 'k' })
  await assert.rejects(client.send(current), { name: 'NoSuchKey' })
  const old = await client.send(
    new s3.GetObjectCommand({ Bucket: 'versioned', Key: 'k', VersionId: first.VersionId }),
  )
  assert.equal(await old.Body?.transformToString(), 'first')
  const listed = await client.send(new s3.ListObjectVersionsCommand({ Bucket: 'versioned' }))
  assert.equal(listed.Versions?.length, 2)
  const [marker] = listed.DeleteMarkers ?? []
  assert.equal(marker?.IsLatest, true)
  await client.send(
    new s3.DeleteObjectCommand({ Bucket: 'versioned', Key: 'k', VersionId: marker?.VersionId }),
  )
  assert.equal(await (await client.send(current)).Body?.transformToString(), 'second')
  await emulator.delete('aws_s3_bucket', bucket)
})

test('puts parts together', async () => {
  const { UploadId } = await client.send(new s3.CreateMultipartUploadCommand({ Bucket: 'sites', Key: 'big' }))
  const parts = [randomBytes(5 * 1024 * 1024), Buffer.from('the end')]
  const Parts = await Promise.all(
    parts.map(async (Body, index) => {
      const part = { Bucket: 'sites', Key: 'big', UploadId, PartNumber: index + 1, Body }
      return { PartNumber: index + 1, ETag: (await client.send(new s3.UploadPartCommand(part))).ETag }
    }),
  )
  const complete = { Bucket: 'sites', Key: 'big', UploadId, MultipartUpload: { Parts } }
  const done = await client.send(new s3.CompleteMultipartUploadCommand(complete))
  assert.match(done.ETag ?? '', /-2"$/)
  const got = await client.send(new s3.GetObjectCommand({ Bucket: 'sites', Key: 'big' }))
  assert.deepEqual(Buffer.from((await got.Body?.transformToByteArray()) ?? []), Buffer.concat(parts))
  await assert.rejects(client.send(new s3.CompleteMultipartUploadCommand(complete)), { name: 'NoSuchUpload' })
})

test('keeps objects over a restart and sweeps what a crash left half written', async () => {
  const first = await openEdgeEmulator()
  const { stateDir } = first.context
  await first.create('aws_s3_bucket', { bucket: 'kept' })
  await first.create('aws_s3_object', {
    bucket: 'kept',
    key: 'k',
    content: 'hello',
    content_type: 'text/plain',
  })
  await first.close({ keepState: true })
  const { writeFile } = await import('node:fs/promises')
  await writeFile(join(stateDir, 's3', 'orphan'), 'half')
  const again = await openEdgeEmulator({ stateDir })
  try {
    assert.equal(String(await again.s3.object('kept', 'k')?.read()), 'hello')
    assert.equal((await readdir(join(stateDir, 's3'))).includes('orphan'), false)
  } finally {
    await again.close()
  }
})

test('lets in the distribution that the policy names, and no other', async () => {
  await emulator.create('aws_s3_bucket', { bucket: 'guarded' })
  const arn = 'arn:aws:cloudfront::000000000000:distribution/E1'
  const statement = (Action: string, Resource: string) => ({
    Effect: 'Allow',
    Principal: { Service: 'cloudfront.amazonaws.com' },
    Action,
    Resource,
    Condition: { StringEquals: { 'AWS:SourceArn': [arn] } },
  })
  const policy = {
    Version: '2012-10-17',
    Statement: [
      statement('s3:GetObject', 'arn:aws:s3:::guarded/*'),
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: ['arn:aws:s3:::guarded', 'arn:aws:s3:::guarded/*'],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  }
  const attributes = await emulator.create('aws_s3_bucket_policy', {
    bucket: 'guarded',
    policy: JSON.stringify(policy),
  })
  const admits = (who: string, action: 's3:GetObject' | 's3:ListBucket', key?: string) =>
    emulator.s3.admitsDistribution('guarded', action, who, key)
  assert.equal(admits(arn, 's3:GetObject', 'a'), true)
  assert.equal(admits(`${arn}X`, 's3:GetObject', 'a'), false)
  assert.equal(admits(arn, 's3:ListBucket'), false)
  await emulator.delete('aws_s3_bucket_policy', attributes)
  assert.equal(admits(arn, 's3:GetObject', 'a'), false)
})

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteBucket.html
test('a bucket goes with its uncompleted uploads, and none of their parts is left', async () => {
  const bodies = () => readdir(join(emulator.context.stateDir, 's3'))
  const before = await bodies()
  await client.send(new s3.CreateBucketCommand({ Bucket: 'begun' }))
  const target = { Bucket: 'begun', Key: 'big' }
  const { UploadId } = await client.send(new s3.CreateMultipartUploadCommand(target))
  await client.send(new s3.UploadPartCommand({ ...target, UploadId, PartNumber: 1, Body: 'part' }))
  assert.equal((await bodies()).length, before.length + 1)
  await client.send(new s3.DeleteBucketCommand({ Bucket: 'begun' }))
  assert.deepEqual((await bodies()).sort(), before.sort())
  await client.send(new s3.CreateBucketCommand({ Bucket: 'begun' }))
  const { Uploads = [] } = await client.send(new s3.ListMultipartUploadsCommand({ Bucket: 'begun' }))
  assert.deepEqual(Uploads, [])
})

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html
test('refuses keys beyond 1,024 bytes, malformed copy sources and unknown versioning states', async () => {
  assert.ok(await put('한'.repeat(341), 'fits'))
  await assert.rejects(put('한'.repeat(342), 'too long'), { name: 'KeyTooLongError' })
  const copy = (CopySource: string) =>
    client.send(new s3.CopyObjectCommand({ Bucket: 'sites', Key: 'copy', CopySource }))
  await assert.rejects(copy('sites/%E0%A4%A'), { name: 'InvalidArgument' })
  await assert.rejects(copy('nothing'), { name: 'InvalidArgument' })
  const version = (Status: string) =>
    client.send(
      new s3.PutBucketVersioningCommand({
        Bucket: 'sites',
        VersioningConfiguration: { Status: Status as 'Enabled' },
      }),
    )
  await assert.rejects(version('Sometimes'), { name: 'MalformedXML' })
  const { Status } = await client.send(new s3.GetBucketVersioningCommand({ Bucket: 'sites' }))
  assert.equal(Status, undefined)
})
