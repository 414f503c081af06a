/** A body that is refused before its end does not stop the requests after it on the same connection. */
import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import * as s3 from '@aws-sdk/client-s3'
import * as ssm from '@aws-sdk/client-ssm'
import type { ServiceApi } from './api.ts'
import { serveForTest, type TestWire } from './test-kit/protocol.test-kit.ts'
import { signedHeaders } from './test-kit/signing.test-kit.ts'

const apis: ServiceApi[] = [
  {
    signingName: 'ssm',
    protocol: 'json-1.1',
    sdk: ssm,
    operations: { DescribeParameters: () => ({ Parameters: [] }) },
  },
  {
    signingName: 's3',
    protocol: 'rest-xml',
    sdk: s3,
    operations: { PutObject: async ({ Body }) => ({ VersionId: String((await text(Body)).length) }) },
  },
]

let wire: TestWire
let agent: Agent
before(async () => {
  wire = await serveForTest(apis)
  agent = new Agent({ keepAlive: true, maxSockets: 1 })
})
after(async () => {
  agent.destroy()
  await wire[Symbol.asyncDispose]()
})

interface Sent {
  readonly method?: string
  readonly path?: string
  readonly service: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body: Buffer
  readonly payloadHash?: string
  readonly withoutLength?: boolean
  readonly unsigned?: boolean
}

async function send({
  withoutLength = false,
  unsigned = false,
  ...given
}: Sent): Promise<{ status: number; text: string }> {
  const { method = 'POST', path = '/', body } = given
  const host = `127.0.0.1:${wire.port}`
  const plain = { host, ...given.headers }
  const headers = unsigned ? plain : signedHeaders({ ...given, method, path, headers: plain })
  const length: Record<string, string> = withoutLength ? {} : { 'content-length': String(body.length) }
  return new Promise((resolve, reject) => {
    const options = { method, path, agent, headers: { ...headers, ...length } }
    const sent = request(wire.endpoint, { ...options, timeout: 10_000 }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, text: answer }), reject)
    })
    sent.on('error', reject)
    sent.on('timeout', () => sent.destroy(new Error('no answer')))
    if (withoutLength) sent.write(body.subarray(0, 1))
    sent.end(withoutLength ? body.subarray(1) : body)
  })
}

const parameters = (body: Buffer): Sent => ({
  service: 'ssm',
  headers: { 'x-amz-target': 'AmazonSSM.DescribeParameters' },
  body,
})

const large = Buffer.alloc(3_000_000, 'x')
const refused: Readonly<Record<string, [Sent, status: number, code: RegExp]>> = {
  'that is too large by its length': [parameters(large), 413, /RequestEntityTooLarge/],
  'that turns out to be too large': [
    { ...parameters(large), withoutLength: true },
    413,
    /RequestEntityTooLarge/,
  ],
  'that is too large, of a form without a signature': [
    {
      service: '',
      unsigned: true,
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body: large,
    },
    413,
    /RequestEntityTooLarge/,
  ],
  'in chunks that have no size': [
    {
      method: 'PUT',
      path: '/bucket/key',
      service: 's3',
      headers: { 'content-encoding': 'aws-chunked' },
      payloadHash: 'STREAMING-UNSIGNED-PAYLOAD-TRAILER',
      body: Buffer.from(`x\r\n${'y'.repeat(100_000)}`),
    },
    400,
    /InvalidChunkSizeError/,
  ],
}

for (const [what, [sent, status, code]] of Object.entries(refused)) {
  test(`a body ${what} is refused, and the next request is answered`, { timeout: 30_000 }, async () => {
    const answer = await send(sent)
    assert.match(answer.text, code)
    assert.equal(answer.status, status)
    const next = await send(parameters(Buffer.from('{}')))
    assert.deepEqual(next, { status: 200, text: '{"Parameters":[]}' })
  })
}
