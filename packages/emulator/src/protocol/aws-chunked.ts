/**
 * Takes a body out of `aws-chunked` framing: `<hex size>[;chunk-signature=…]\r\n<data>\r\n … 0\r\n<trailers>\r\n`.
 * Signatures of chunks are verified where the request has them (signature/chunk-signatures.ts).
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 */
import { Transform, type TransformCallback } from 'node:stream'
import { AwsError } from '../aws-error.ts'
import type { ChunkVerifier } from './signature/chunk-signatures.ts'

/** A chunk's size line or a trailer is short; a longer one is no framing. */
const LINE_BYTES_MAX = 8 * 1024

type State = 'size' | 'data' | 'data-end' | 'trailer' | 'done'

export class AwsChunkedDecoder extends Transform {
  /** Trailing headers, lower case; complete once the stream has ended. */
  readonly trailers: Record<string, string> = {}
  #state: State = 'size'
  #remaining = 0
  #line: Buffer = Buffer.alloc(0)
  #signature: string | undefined
  #trailerLines = ''
  readonly #verifier: ChunkVerifier | undefined

  constructor(verifier?: ChunkVerifier) {
    super()
    this.#verifier = verifier
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    try {
      let rest = chunk
      while (rest.length > 0) rest = this.#state === 'data' ? this.#data(rest) : this.#lineOf(rest)
      done()
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)))
    }
  }

  override _flush(done: TransformCallback): void {
    const complete = this.#state === 'done' || this.#state === 'trailer'
    try {
      if (!complete) throw new AwsError('IncompleteBody', 'The request body terminated unexpectedly')
      if (this.#trailerLines !== '') {
        this.#verifier?.trailer(this.#trailerLines, this.trailers['x-amz-trailer-signature'])
      }
      done()
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #data(bytes: Buffer): Buffer {
    const taken = bytes.subarray(0, this.#remaining)
    this.#verifier?.update(taken)
    this.push(taken)
    this.#remaining -= taken.length
    if (this.#remaining === 0) this.#state = 'data-end'
    return bytes.subarray(taken.length)
  }

  /** Takes bytes up to the end of a line; the line may come in several pieces. */
  #lineOf(bytes: Buffer): Buffer {
    const end = bytes.indexOf(0x0a)
    const piece = end < 0 ? bytes : bytes.subarray(0, end + 1)
    this.#line = this.#line.length === 0 ? piece : Buffer.concat([this.#line, piece])
    if (this.#line.length > LINE_BYTES_MAX) throw malformed('a line is too long')
    if (end >= 0) {
      const line = this.#line.toString('latin1').replace(/\r?\n$/, '')
      this.#line = Buffer.alloc(0)
      this.#endOfLine(line)
    }
    return bytes.subarray(piece.length)
  }

  #endOfLine(line: string): void {
    if (this.#state === 'data-end') {
      if (line !== '') throw malformed('a chunk is longer than its size says')
      this.#verifier?.end(this.#signature)
      this.#state = 'size'
    } else if (this.#state === 'size') {
      const size = line.split(';', 1)[0] ?? ''
      if (!/^[0-9a-fA-F]{1,12}$/.test(size)) throw malformed('a chunk has no size')
      this.#remaining = Number.parseInt(size, 16)
      this.#signature = /;\s*chunk-signature=([0-9a-f]+)/.exec(line)?.[1]
      if (this.#remaining === 0) this.#verifier?.end(this.#signature)
      this.#state = this.#remaining === 0 ? 'trailer' : 'data'
    } else if (line === '') {
      this.#state = 'done'
    } else {
      const colon = line.indexOf(':')
      if (colon <= 0) return
      const [name, value] = [line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim()]
      this.trailers[name] = value
      if (name !== 'x-amz-trailer-signature') this.#trailerLines += `${name}:${value}\n`
    }
  }
}

const malformed = (why: string) =>
  new AwsError('InvalidChunkSizeError', `The body is not aws-chunked: ${why}.`)
