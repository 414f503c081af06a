/**
 * Uploads in signed chunks (`aws-chunked`): sizes, signatures, trailers and their order changed by a seed. An upload whose
 * chunks are not what was signed is refused, and leaves no object.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc, { type GeneratorValue } from 'fast-check'
import { sha256, signingKey, signText } from '../../../packages/emulator/src/protocol/signature/sign.ts'
import { testContext } from '../../../packages/emulator/src/protocol/test-kit/context.test-kit.ts'
import {
  serveForTest,
  testCredentials,
} from '../../../packages/emulator/src/protocol/test-kit/protocol.test-kit.ts'
import { signedHeaders } from '../../../packages/emulator/src/protocol/test-kit/signing.test-kit.ts'
import { createS3 } from '../../../packages/emulator/src/services/s3/index.ts'
import { openStore } from '../../../packages/emulator/src/store.ts'
import { damaged, oneOf, rarely } from '../hostile.ts'
import { assertNothingLeaks, Finding, type Target } from '../target.ts'

const payloadHash = 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD'

interface Upload {
  readonly request: Buffer
  /** Whether every byte is what was signed. */
  readonly isTrue: boolean
  readonly content: Buffer
}

function upload(g: GeneratorValue, host: string, key: string): Upload {
  const chunks = Array.from({ length: oneOf(g, [0, 1, 2, 4]) }, () =>
    Buffer.alloc(g(fc.nat, { max: 300 }) + 1, oneOf(g, ['a', 'b', '\r\n'])),
  )
  const content = Buffer.concat(chunks)
  const headers = signedHeaders({
    method: 'PUT',
    path: `/chunks/${key}`,
    service: 's3',
    payloadHash,
    headers: {
      host,
      'content-encoding': 'aws-chunked',
      'x-amz-decoded-content-length': String(content.length),
    },
  })
  const body = signed(headers, [...chunks, Buffer.alloc(0)])
  const changed = change(g, body)
  const isTrue = changed.equals(body)
  const head = Object.entries({ ...headers, 'content-length': String(changed.length), connection: 'close' })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')
  return {
    request: Buffer.concat([Buffer.from(`PUT /chunks/${key} HTTP/1.1\r\n${head}\r\n`), changed]),
    isTrue,
    content,
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html */
function signed(headers: Readonly<Record<string, string>>, chunks: readonly Buffer[]): Buffer {
  const timestamp = headers['x-amz-date'] ?? ''
  const date = timestamp.slice(0, 8)
  const scope = { accessKeyId: testCredentials.accessKeyId, date, region: 'ap-northeast-2', service: 's3' }
  const key = signingKey(testCredentials.secretAccessKey, { scope })
  let previous = /Signature=(\w+)/.exec(headers.authorization ?? '')?.[1] ?? ''
  return Buffer.concat(
    chunks.flatMap((chunk) => {
      const text = [
        'AWS4-HMAC-SHA256-PAYLOAD',
        timestamp,
        `${date}/${scope.region}/s3/aws4_request`,
        previous,
        sha256(''),
        sha256(chunk),
      ].join('\n')
      previous = signText(key, text)
      return [
        Buffer.from(`${chunk.length.toString(16)};chunk-signature=${previous}\r\n`),
        chunk,
        Buffer.from('\r\n'),
      ]
    }),
  )
}

function change(g: GeneratorValue, body: Buffer): Buffer {
  const text = body.toString('latin1')
  const first = /^.*?\r\n/s.exec(text)?.[0] ?? ''
  const as = (changed: string) => Buffer.from(changed, 'latin1')
  switch (g(fc.nat, { max: 9 })) {
    case 0:
      return damaged(g, body)
    case 1:
      return body.subarray(0, g(fc.nat, { max: body.length }))
    case 2:
      return as(text.replace(/chunk-signature=\w{8}/, 'chunk-signature=00000000'))
    case 3:
      return as(text.replace(/;chunk-signature=\w+/, ''))
    case 4:
      return as(`${first}${text}`)
    case 5:
      return as(text.replace(/^[\da-f]+/, oneOf(g, ['ffffffffffffffff', '-1', '0', '1 ', '0x5', ''])))
    case 6:
      return as(
        `${text}${oneOf(g, ['0;chunk-signature=\r\n\r\n', 'x-trailer: 1\r\n\r\n', 'GET / HTTP/1.1\r\n\r\n'])}`,
      )
    case 7:
      return as(text.replaceAll('\r\n', rarely(g, 2) ? '\n' : '\r\n\r\n'))
    default:
      return body
  }
}

/** What is not whole has to be ended by the client: the emulator would wait for the rest. */
async function send(port: number, { request, isTrue }: Upload): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  const parts: Buffer[] = []
  socket.on('data', (part: Buffer) => parts.push(part))
  socket.on('error', () => socket.destroy())
  const closed = new Promise((resolve) => socket.once('close', resolve))
  if (isTrue) socket.write(request)
  else socket.end(request)
  await closed
  return Buffer.concat(parts).toString('latin1')
}

export const signedChunksTarget: Target = {
  name: 'signed-chunks',
  deadlineMs: 10_000,
  casesPerRound: 200,
  async open() {
    const stateDir = await mkdtemp(join(tmpdir(), 'baton-fuzz-chunks-'))
    const store = openStore(':memory:')
    const s3 = createS3(testContext({ stateDir, store }))
    await s3.start?.()
    if (s3.api === undefined) throw new Error('invariant: S3 has an API')
    let failure: unknown
    const wire = await serveForTest([s3.api], { log: (_message, error) => (failure = error) })
    const bucket = s3.resourceTypes?.find(({ type }) => type === 'aws_s3_bucket')
    await bucket?.create(
      { bucket: 'chunks' },
      {
        address: 'aws_s3_bucket.chunks',
        region: 'ap-northeast-2',
        accountId: '000000000000',
        folder: stateDir,
        signal: new AbortController().signal,
      },
    )
    let count = 0
    return {
      async attempt(g, watch) {
        const key = `object-${++count}`
        const sent = upload(g, `127.0.0.1:${wire.port}`, key)
        const { request, isTrue, content } = sent
        watch.trying({ request: request.toString('latin1') })
        failure = undefined
        const answer = await watch.underOthers(() => send(wire.port, sent))
        assertNothingLeaks(answer, [stateDir])
        if (failure !== undefined || answer.includes('InternalFailure'))
          throw new Finding(`it answers ${answer.slice(0, 300)}\n${String(failure)}`)
        const kept = s3.object('chunks', key)
        if (isTrue) {
          if (!answer.startsWith('HTTP/1.1 200') || !(await kept?.read())?.equals(content))
            throw new Finding(`an upload as it was signed is refused: ${answer.slice(0, 300)}`)
        } else if (kept !== undefined && !(await kept.read()).equals(content))
          throw new Finding(`an upload that was not signed is kept: ${answer.slice(0, 300)}`)
      },
      async [Symbol.asyncDispose]() {
        await wire[Symbol.asyncDispose]()
        await s3.stop?.()
        store.close()
        await rm(stateDir, { recursive: true, force: true })
      },
    }
  },
}
