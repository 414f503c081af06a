import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import * as s3 from '@aws-sdk/client-s3'
import { AwsError } from '../aws-error.ts'
import type { ServiceApi } from './api.ts'
import { checksumOf } from './body-stream.ts'
import type { Operations } from './operations.ts'
import { serveForTest } from './test-kit/protocol.test-kit.ts'

function bucketApi(): ServiceApi & { objects: Map<string, Buffer> } {
  const objects = new Map<string, Buffer>()
  const operations = {
    async PutObject(input) {
      const chunks: Buffer[] = []
      for await (const chunk of input.Body) chunks.push(chunk)
      const body = Buffer.concat(chunks)
      objects.set(`${input.Bucket}/${input.Key}`, body)
      const checksum = checksumOf(input.Body)
      return {
        ETag: `"${createHash('md5').update(body).digest('hex')}"`,
        VersionId: JSON.stringify({
          type: input.ContentType,
          encoding: input.ContentEncoding,
          meta: input.Metadata,
        }),
        ...(checksum?.algorithm === 'crc32' ? { ChecksumCRC32: checksum.value } : {}),
      }
    },
    GetObject(input) {
      const body = objects.get(`${input.Bucket}/${input.Key}`)
      if (!body) throw new AwsError('NoSuchKey', 'The specified key does not exist.', 404)
      return {
        Body: Readable.from([body]),
        ContentLength: body.length,
        ContentType: 'text/html',
        CacheControl: 'no-cache',
        LastModified: new Date('2025-06-01T10:00:00Z'),
        Metadata: { release: 'r1' },
      }
    },
    HeadObject(input) {
      if (!objects.has(`${input.Bucket}/${input.Key}`)) throw new AwsError('NotFound', 'Not Found', 404)
      return { ContentLength: 5, ETag: '"e"' }
    },
    ListObjectsV2: (input) => ({
      Name: input.Bucket,
      Contents: [...objects.keys()].map((Key) => ({
        Key: Key.slice((input.Bucket?.length ?? 0) + 1),
        Size: 1,
      })),
      KeyCount: objects.size,
      IsTruncated: false,
      CommonPrefixes: [{ Prefix: input.Prefix ?? '' }],
    }),
    ListBuckets: () => ({ Buckets: [{ Name: 'sites' }] }),
    CopyObject: (input) => ({ CopyObjectResult: { ETag: input.CopySource } }),
    UploadPart: (input) => ({ ETag: `part ${input.PartNumber} of ${input.UploadId}` }),
    DeleteObjects: (input) => ({ Deleted: (input.Delete?.Objects ?? []).map(({ Key }) => ({ Key })) }),
    GetBucketLocation: () => ({ LocationConstraint: 'ap-northeast-2' }),
    PutBucketVersioning: () => ({}),
  } satisfies Operations<typeof s3>
  return {
    signingName: 's3',
    protocol: 'rest-xml',
    sdk: s3,
    operations,
    objects,
    anonymous: (operation) => operation.startsWith('Get'),
  }
}

test('puts a stream with the checksum that clients send by default, and gets it back', async () => {
  const api = bucketApi()
  await using wire = await serveForTest([api])
  const client = new s3.S3Client({ ...wire.client, forcePathStyle: true })
  const body = randomBytes(300_000)
  const put = await client.send(
    new s3.PutObjectCommand({
      Bucket: 'sites',
      Key: 'admin/a b/ü&.html',
      Body: Readable.from([body.subarray(0, 100_000), body.subarray(100_000)]),
      ContentLength: body.length,
      ContentType: 'text/html',
      Metadata: { release: 'r1' },
    }),
  )
  assert.equal(put.ETag, `"${createHash('md5').update(body).digest('hex')}"`)
  assert.ok(put.ChecksumCRC32)
  assert.deepEqual(JSON.parse(put.VersionId ?? ''), { type: 'text/html', meta: { release: 'r1' } })
  const got = await client.send(new s3.GetObjectCommand({ Bucket: 'sites', Key: 'admin/a b/ü&.html' }))
  assert.deepEqual(Buffer.from((await got.Body?.transformToByteArray()) ?? []), body)
  assert.equal(got.CacheControl, 'no-cache')
  assert.deepEqual(got.Metadata, { release: 'r1' })
  assert.deepEqual(got.LastModified, new Date('2025-06-01T10:00:00Z'))
})

test('puts a string, and every checksum that it knows', async () => {
  const api = bucketApi()
  await using wire = await serveForTest([api])
  const client = new s3.S3Client({ ...wire.client, forcePathStyle: true })
  for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const) {
    await client.send(
      new s3.PutObjectCommand({ Bucket: 'b', Key: ChecksumAlgorithm, Body: 'hello', ChecksumAlgorithm }),
    )
    assert.equal(api.objects.get(`b/${ChecksumAlgorithm}`)?.toString(), 'hello')
  }
})

test('refuses a body that does not match its checksum', async () => {
  const api = bucketApi()
  await using wire = await serveForTest([api])
  const client = new s3.S3Client({ ...wire.client, forcePathStyle: true })
  const wrong = new s3.PutObjectCommand({ Bucket: 'b', Key: 'k', Body: 'hello', ChecksumCRC32: 'AAAAAA==' })
  await assert.rejects(client.send(wrong), { name: 'BadDigest' })
  const other = { Bucket: 'b', Key: 'k', Body: 'hello', ChecksumCRC64NVME: 'AAAAAAAAAAA=' }
  await assert.rejects(client.send(new s3.PutObjectCommand(other)), { name: 'BadDigest' })
  assert.equal(api.objects.size, 0)
})

test('tells operations on the same path apart by what they require', async () => {
  await using wire = await serveForTest([bucketApi()])
  const client = new s3.S3Client({ ...wire.client, forcePathStyle: true })
  const copied = await client.send(new s3.CopyObjectCommand({ Bucket: 'b', Key: 'k', CopySource: 'a/x' }))
  assert.equal(copied.CopyObjectResult?.ETag, 'a/x')
  const part = { Bucket: 'b', Key: 'k', UploadId: 'u', PartNumber: 2, Body: 'x' }
  assert.equal((await client.send(new s3.UploadPartCommand(part))).ETag, 'part 2 of u')
  assert.deepEqual((await client.send(new s3.ListBucketsCommand({}))).Buckets, [{ Name: 'sites' }])
  const listed = await client.send(new s3.ListObjectsV2Command({ Bucket: 'b', Prefix: 'p/' }))
  assert.deepEqual(listed.CommonPrefixes, [{ Prefix: 'p/' }])
  const deleted = await client.send(
    new s3.DeleteObjectsCommand({ Bucket: 'b', Delete: { Objects: [{ Key: 'a' }, { Key: 'b' }] } }),
  )
  assert.deepEqual(deleted.Deleted, [{ Key: 'a' }, { Key: 'b' }])
  assert.equal(
    (await client.send(new s3.GetBucketLocationCommand({ Bucket: 'b' }))).LocationConstraint,
    'ap-northeast-2',
  )
  const versioning = { Bucket: 'b', VersioningConfiguration: { Status: 'Enabled' as const } }
  await client.send(new s3.PutBucketVersioningCommand(versioning))
  assert.equal(wire.calls.at(-1)?.operation, 'PutBucketVersioning')
})

test('finds the bucket in the host as well, and needs no hint of the SDK', async () => {
  const api = bucketApi()
  api.objects.set('sites/index.html', Buffer.from('hello'))
  await using wire = await serveForTest([api])
  const { request } = await import('node:http')
  const answer = await new Promise<string>((resolve, reject) => {
    const options = {
      port: wire.port,
      host: '127.0.0.1',
      path: '/index.html',
      headers: { host: 'sites.localhost' },
    }
    request(options, (response) => resolve(text(response)))
      .on('error', reject)
      .end()
  })
  assert.equal(answer, 'hello')
})

test("gives S3's documents as S3 does: no envelope around errors, none at all to a HEAD", async () => {
  await using wire = await serveForTest([bucketApi()])
  const client = new s3.S3Client({ ...wire.client, forcePathStyle: true })
  await assert.rejects(client.send(new s3.GetObjectCommand({ Bucket: 'b', Key: 'none' })), (error) => {
    assert.ok(error instanceof s3.NoSuchKey)
    return true
  })
  await assert.rejects(client.send(new s3.HeadObjectCommand({ Bucket: 'b', Key: 'none' })), {
    name: 'NotFound',
  })
  const location = await fetch(`${wire.endpoint}/b?location`)
  assert.match(
    await location.text(),
    /<LocationConstraint xmlns="[^"]*">ap-northeast-2<\/LocationConstraint>$/,
  )
  const unparsable = await fetch(`${wire.endpoint}/%ff/none`)
  assert.match(await unparsable.text(), /<Code>InvalidURI</)
  const raw = await fetch(`${wire.endpoint}/b/none`)
  assert.equal(raw.status, 404)
  assert.match(await raw.text(), /^<\?xml[^>]*>\s*<Error><Code>NoSuchKey<\/Code>/)
})

test('keeps the connection after an upload that was refused unread', async () => {
  const api = bucketApi()
  const refusing: ServiceApi = {
    ...api,
    operations: {
      ...api.operations,
      PutObject() {
        throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404)
      },
    },
  }
  await using wire = await serveForTest([refusing])
  const client = new s3.S3Client({ ...wire.client, forcePathStyle: true })
  const upload = () =>
    client.send(new s3.PutObjectCommand({ Bucket: 'b', Key: 'k', Body: randomBytes(2_000_000) }))
  await assert.rejects(upload(), { name: 'NoSuchBucket' })
  await assert.rejects(upload(), { name: 'NoSuchBucket' })
  assert.equal((await client.send(new s3.ListBucketsCommand({}))).Buckets?.length, 1)
})
