/** Signatures, through the official clients and over real sockets: a caller that does not know the secret is refused. */
import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import * as ecs from '@aws-sdk/client-ecs'
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2'
import * as lambda from '@aws-sdk/client-lambda'
import * as route53 from '@aws-sdk/client-route-53'
import * as s3 from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { ServiceApi } from '../api.ts'
import { AwsChunkedDecoder } from '../aws-chunked.ts'
import { serveForTest, type TestWire, testCredentials } from '../test-kit/protocol.test-kit.ts'
import { refusal } from '../test-kit/refused.test-kit.ts'
import { signedHeaders } from '../test-kit/signing.test-kit.ts'
import { chunkVerifier, expectChunkSignatures } from './chunk-signatures.ts'
import { signingKey } from './sign.ts'

const apis: ServiceApi[] = [
  {
    signingName: 'ecs',
    protocol: 'json-1.1',
    sdk: ecs,
    operations: { ListClusters: () => ({ clusterArns: [] }) },
  },
  {
    signingName: 'elasticloadbalancing',
    protocol: 'query',
    sdk: elbv2,
    operations: { DescribeAccountLimits: () => ({ Limits: [] }) },
  },
  {
    signingName: 'route53',
    protocol: 'rest-xml',
    sdk: route53,
    operations: { GetHostedZoneCount: () => ({ HostedZoneCount: 1 }) },
  },
  {
    signingName: 'lambda',
    protocol: 'rest-json',
    sdk: lambda,
    operations: { GetFunction: ({ FunctionName }) => ({ Configuration: { FunctionName } }) },
  },
  {
    signingName: 's3',
    protocol: 'rest-xml',
    sdk: s3,
    operations: {
      GetObject: ({ Key }) => ({
        Body: Buffer.from(`body of ${Key}`),
        ContentLength: Buffer.byteLength(`body of ${Key}`),
      }),
      async PutObject({ Body }) {
        return { VersionId: String((await text(Body)).length) }
      },
    },
  },
]

type Settings = Omit<TestWire['client'], 'credentials'> & {
  readonly credentials: {
    readonly accessKeyId: string
    readonly secretAccessKey: string
    readonly sessionToken?: string
  }
}
const asks: Readonly<Record<string, (settings: Settings) => Promise<unknown>>> = {
  json: (settings) => new ecs.ECSClient(settings).send(new ecs.ListClustersCommand({})),
  query: (settings) =>
    new elbv2.ElasticLoadBalancingV2Client(settings).send(new elbv2.DescribeAccountLimitsCommand({})),
  xml: (settings) => new route53.Route53Client(settings).send(new route53.GetHostedZoneCountCommand({})),
  // A path in which clients leave characters as they are, and encode others twice in what they sign.
  'rest-json': (settings) =>
    new lambda.LambdaClient(settings).send(
      new lambda.GetFunctionCommand({
        FunctionName: 'arn:aws:lambda:ap-northeast-2:000000000000:function:a_b~c',
      }),
    ),
  s3: (settings) =>
    new s3.S3Client({ ...settings, forcePathStyle: true }).send(
      new s3.GetObjectCommand({
        Bucket: 'b',
        Key: 'folder/한글 + (1)!.txt',
        ResponseContentType: 'text/plain; a=b',
      }),
    ),
}

const secretDiffers = {
  json: ['InvalidSignatureException', 400],
  query: ['SignatureDoesNotMatch', 403],
  xml: ['SignatureDoesNotMatch', 403],
  'rest-json': ['InvalidSignatureException', 403],
  s3: ['SignatureDoesNotMatch', 403],
} as const
const keyUnknown = {
  json: ['UnrecognizedClientException', 400],
  query: ['InvalidClientTokenId', 403],
  xml: ['InvalidClientTokenId', 403],
  'rest-json': ['UnrecognizedClientException', 403],
  s3: ['InvalidAccessKeyId', 403],
} as const

for (const [protocol, ask] of Object.entries(asks)) {
  const name = protocol as keyof typeof secretDiffers
  test(`${protocol}: the secret signs, another secret and an unknown key do not`, async () => {
    await using wire = await serveForTest(apis)
    await ask(wire.client)
    const other = { ...testCredentials, secretAccessKey: 'another' }
    await assert.rejects(
      ask({ ...wire.client, credentials: other }),
      refusal(...withMessage(secretDiffers[name])),
    )
    const unknown = { ...testCredentials, accessKeyId: 'AKIAUNKNOWN' }
    await assert.rejects(
      ask({ ...wire.client, credentials: unknown }),
      refusal(...withMessage(keyUnknown[name])),
    )
  })
}

const withMessage = ([code, status]: readonly [string, number]) => [code, undefined, status] as const

test('temporary credentials need their own token, and end', async () => {
  let isExpired = false
  await using wire = await serveForTest(apis, {
    credentials: (id) =>
      id === 'ASIATEST'
        ? {
            principal: { accessKeyId: id, arn: 'arn' },
            secretAccessKey: 's',
            sessionToken: 'token',
            isExpired,
          }
        : undefined,
  })
  const session = { accessKeyId: 'ASIATEST', secretAccessKey: 's' }
  const ask = (sessionToken?: string) =>
    asks.query?.({ ...wire.client, credentials: { ...session, ...(sessionToken ? { sessionToken } : {}) } })
  await ask('token')
  for (const wrong of [undefined, 'other'])
    await assert.rejects(ask(wrong) ?? assert.fail(), { name: 'InvalidClientTokenId' })
  isExpired = true
  await assert.rejects(ask('token') ?? assert.fail(), { name: 'ExpiredToken' })
})

test('a signature is valid for fifteen minutes', async () => {
  let now = Date.now()
  await using wire = await serveForTest(apis, { now: () => now })
  now += 14 * 60_000
  await asks.query?.(wire.client)
  now += 2 * 60_000
  const settings = wire.client
  await assert.rejects(asks.query?.(settings) ?? assert.fail(), {
    name: 'SignatureDoesNotMatch',
    message: /^Signature expired: /,
  })
  await assert.rejects(asks.s3?.(settings) ?? assert.fail(), { name: 'RequestTimeTooSkewed' })
})

test('a request without a signature is refused, whatever it asks for and however', async () => {
  await using wire = await serveForTest(apis)
  const target = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': 'AmazonEC2ContainerServiceV20141113.ListClusters',
  }
  const answers = await Promise.all([
    fetch(`${wire.endpoint}/?Action=DescribeAccountLimits&Version=2015-12-01`),
    fetch(`${wire.endpoint}/?Action=ListClusters&Version=2014-11-13`),
    fetch(wire.endpoint, { method: 'POST', headers: target, body: '{}' }),
    fetch(`${wire.endpoint}/b/key`),
    fetch(`${wire.endpoint}/b/key`, { method: 'PUT', body: 'x' }),
    fetch(`${wire.endpoint}/b/key?X-Amz-Credential=AKIATEST/20260101/us-east-1/s3/aws4_request`),
  ])
  assert.deepEqual(
    answers.map(({ status }) => status),
    [403, 403, 400, 403, 403, 403],
  )
  assert.deepEqual(wire.calls, [])
})

test('what was signed is what must arrive: target, parameters, headers and body', async () => {
  await using wire = await serveForTest(apis)
  const base = {
    method: 'POST',
    path: '/',
    body: 'Action=DescribeAccountLimits&Version=2015-12-01',
    service: 'elasticloadbalancing',
    headers: { host: `127.0.0.1:${wire.port}`, 'content-type': 'application/x-www-form-urlencoded' },
  }
  const send = (headers: Record<string, string>, path = '/', body: string = base.body) =>
    fetch(wire.endpoint + path, { method: 'POST', headers, body })
  const headers = signedHeaders(base)
  assert.equal((await send(headers)).status, 200)
  assert.equal((await send(headers, '/?PageSize=1')).status, 403)
  assert.equal((await send({ ...headers, 'content-type': 'text/plain' })).status, 403)
  assert.match(
    await (await send({ ...headers, 'x-amz-meta-extra': '1' })).text(),
    /not signed: x-amz-meta-extra/,
  )
  assert.match(await (await send(headers, '/', `${base.body}&Marker=x`)).text(), /XAmzContentSHA256Mismatch/)
  const { 'x-amz-content-sha256': _hash, ...rest } = headers
  assert.equal((await send(rest)).status, 403)
})

test('a presigned URL serves until it expires, and for nothing else', async () => {
  let now = Date.now()
  await using wire = await serveForTest(apis, { now: () => now })
  const url = await presigned(wire, 'key.txt', 60)
  assert.equal(await (await fetch(url)).text(), 'body of key.txt')
  assert.equal((await fetch(url.replace('key.txt', 'other.txt'))).status, 403)
  assert.equal((await fetch(url, { method: 'PUT', body: 'x' })).status, 403)
  now += 61_000
  const late = await fetch(url)
  assert.match(await late.text(), /<Code>AccessDenied<\/Code><Message>Request has expired</)
})

function presigned(wire: TestWire, Key: string, expiresIn: number): Promise<string> {
  const client = new s3.S3Client({ ...wire.client, forcePathStyle: true })
  return getSignedUrl(client, new s3.GetObjectCommand({ Bucket: 'b', Key }), { expiresIn })
}

// The example of https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
test('chunks of an upload are verified as AWS signs them', async () => {
  const scope = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', date: '20130524', region: 'us-east-1', service: 's3' }
  const decode = (body: string) => {
    const request = {} as never
    expectChunkSignatures(request, {
      key: signingKey('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY', { scope }),
      seed: '4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9',
      timestamp: '20130524T000000Z',
      scope: '20130524/us-east-1/s3/aws4_request',
    })
    const decoder = new AwsChunkedDecoder(chunkVerifier(request))
    decoder.end(body)
    return text(decoder)
  }
  const body =
    `10000;chunk-signature=ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648\r\n${'a'.repeat(65536)}\r\n` +
    `400;chunk-signature=0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497\r\n${'a'.repeat(1024)}\r\n` +
    '0;chunk-signature=b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9\r\n\r\n'
  assert.equal((await decode(body)).length, 66_560)
  await assert.rejects(decode(body.replace('aaaa', 'aaab')), { code: 'SignatureDoesNotMatch' })
  await assert.rejects(decode(body.replace(/400;.*?\r\n.*?\r\n/s, '')), { code: 'SignatureDoesNotMatch' })
  await assert.rejects(decode(body.replace(/;chunk-signature=\w+/, '')), { code: 'SignatureDoesNotMatch' })
})

test('an upload whose body is not the one that was signed is refused', async () => {
  await using wire = await serveForTest(apis)
  const base = { method: 'PUT', path: '/b/key', service: 's3', headers: { host: `127.0.0.1:${wire.port}` } }
  const headers = signedHeaders({ ...base, body: 'hello' })
  const put = (body: string) => fetch(`${wire.endpoint}/b/key`, { method: 'PUT', headers, body })
  assert.equal((await put('hello')).headers.get('x-amz-version-id'), '5')
  assert.match(await (await put('hullo')).text(), /XAmzContentSHA256Mismatch/)
})

test('a signature that lacks a part is refused by the name of the part', async () => {
  await using wire = await serveForTest(apis)
  const authorization =
    'AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/us-east-1/elasticloadbalancing/aws4_request, SignedHeaders=host'
  const answer = await fetch(`${wire.endpoint}/?Action=DescribeAccountLimits&Version=2015-12-01`, {
    headers: { authorization },
  })
  assert.equal(answer.status, 403)
  assert.match(
    await answer.text(),
    /IncompleteSignature.*Authorization requires &apos;Signature&apos; parameter/s,
  )
})

test('the limit of a body is the service’s', async () => {
  await using wire = await serveForTest([{ ...apis[0], bodyBytesMax: 1000 } as ServiceApi])
  const body = JSON.stringify({ nextToken: 'x'.repeat(2000) })
  const headers = signedHeaders({
    method: 'POST',
    path: '/',
    body,
    service: 'ecs',
    headers: {
      host: `127.0.0.1:${wire.port}`,
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'AmazonEC2ContainerServiceV20141113.ListClusters',
    },
  })
  const answer = await fetch(wire.endpoint, { method: 'POST', headers, body })
  assert.equal(answer.status, 413)
})
