import assert from 'node:assert/strict'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { separateOutput } from './output-frames.ts'

function frame(kind: number, content: string): Buffer {
  const header = Buffer.alloc(8)
  header[0] = kind
  header.writeUInt32BE(Buffer.byteLength(content), 4)
  return Buffer.concat([header, Buffer.from(content)])
}

test('standard output and error are separated, however the frames are cut', async () => {
  const all = Buffer.concat([frame(1, 'out '), frame(2, 'err'), frame(1, 'more'), frame(1, '')])
  for (const size of [1, 3, 9, all.length]) {
    const connection = new PassThrough()
    const [output, error] = separateOutput(connection)
    for (let at = 0; at < all.length; at += size) connection.write(all.subarray(at, at + size))
    connection.end()
    assert.deepEqual(await Promise.all([text(output), text(error)]), ['out more', 'err'])
  }
})
