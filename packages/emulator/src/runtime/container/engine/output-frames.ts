/**
 * The output of a container without a terminal: frames of standard output and error in one connection, each with its kind
 * and its length before it.
 * https://docs.docker.com/reference/api/engine/version/v1.43/#tag/Container/operation/ContainerAttach
 */
import { PassThrough, type Readable } from 'node:stream'

const headerSize = 8
const standardError = 2

/** Both streams end with the connection, however that ends. */
export function separateOutput(connection: Readable): readonly [output: Readable, error: Readable] {
  const output = new PassThrough()
  const error = new PassThrough()
  let rest: Buffer = Buffer.alloc(0)
  const pending = new Set<PassThrough>()

  function write(target: PassThrough, chunk: Buffer): void {
    if (target.write(chunk) || pending.has(target)) return
    // What is not read yet holds the container up, as a full pipe does.
    pending.add(target)
    connection.pause()
    target.once('drain', () => {
      pending.delete(target)
      if (pending.size === 0) connection.resume()
    })
  }

  connection.on('data', (chunk: Buffer) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    while (rest.length >= headerSize) {
      const end = headerSize + rest.readUInt32BE(4)
      if (rest.length < end) break
      write(rest[0] === standardError ? error : output, rest.subarray(headerSize, end))
      rest = rest.subarray(end)
    }
  })
  const finish = () => {
    output.end()
    error.end()
  }
  connection.once('end', finish).once('close', finish).on('error', finish)
  return [output, error]
}
