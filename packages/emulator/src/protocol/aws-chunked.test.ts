import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { AwsChunkedDecoder } from './aws-chunked.ts'

const framed =
  '5;chunk-signature=ad80c730\r\nhello\r\n' +
  '7\r\n wo\r\nld\r\n' +
  '0;chunk-signature=b6c6ea8a\r\n' +
  'x-amz-checksum-crc32:AAAAAA==\r\nx-amz-trailer-signature:d81f82fc\r\n\r\n'

const decode = (pieces: readonly string[]) => {
  const decoder = new AwsChunkedDecoder()
  const whole = text(Readable.from(pieces.map((piece) => Buffer.from(piece))).compose(decoder))
  return { decoder, whole }
}

test('takes a body out of its chunks, wherever the network cuts them', async () => {
  for (const pieces of [[framed], [...framed], framed.match(/.{1,3}/gs) ?? []]) {
    const { decoder, whole } = decode(pieces)
    assert.equal(await whole, 'hello wo\r\nld')
    assert.equal(decoder.trailers['x-amz-checksum-crc32'], 'AAAAAA==')
  }
})

test('refuses a body that ends too early', async () => {
  await assert.rejects(decode([framed.slice(0, 40)]).whole, { code: 'IncompleteBody' })
})

test('refuses what is no framing', async () => {
  await assert.rejects(decode(['hello\r\nworld\r\n']).whole, { code: 'InvalidChunkSizeError' })
  await assert.rejects(decode(['2\r\nhello\r\n0\r\n\r\n']).whole, { code: 'InvalidChunkSizeError' })
  await assert.rejects(decode(['1'.repeat(10_000)]).whole, { code: 'InvalidChunkSizeError' })
})
