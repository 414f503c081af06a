/**
 * Signatures of the chunks of an `aws-chunked` upload. Each one covers its chunk and the signature before it, so that
 * no chunk can be changed, left out or added.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming.html
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
import { createHash, type Hash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { AwsError } from '../../aws-error.ts'
import { sameText, sha256, signText } from './sign.ts'

export interface ChunkSigning {
  readonly key: Buffer
  /** Signature of the request itself. */
  readonly seed: string
  readonly timestamp: string
  readonly scope: string
}

const expected = new WeakMap<IncomingMessage, ChunkSigning>()

/** The body of this request has signed chunks: its reader verifies them. */
export function expectChunkSignatures(request: IncomingMessage, signing: ChunkSigning): void {
  expected.set(request, signing)
}

export interface ChunkVerifier {
  /** Part of the current chunk. */
  update(data: Uint8Array): void
  /** The current chunk is whole. Throws `SignatureDoesNotMatch`. */
  end(signature: string | undefined): void
  /** The trailing headers, as they were sent, each with a line feed. Throws `SignatureDoesNotMatch`. */
  trailer(lines: string, signature: string | undefined): void
}

/** Undefined for a body whose chunks are not signed. */
export function chunkVerifier(request: IncomingMessage): ChunkVerifier | undefined {
  const signing = expected.get(request)
  if (signing === undefined) return undefined
  const { key, timestamp, scope } = signing
  let previous = signing.seed
  let hash: Hash = createHash('sha256')
  const check = (algorithm: string, content: string, signature: string | undefined) => {
    const computed = signText(key, `${algorithm}\n${timestamp}\n${scope}\n${previous}\n${content}`)
    if (signature === undefined || !sameText(computed, signature)) throw differs()
    previous = computed
  }
  return {
    update: (data) => void hash.update(data),
    end(signature) {
      check('AWS4-HMAC-SHA256-PAYLOAD', `${sha256('')}\n${hash.digest('hex')}`, signature)
      hash = createHash('sha256')
    },
    trailer: (lines, signature) => check('AWS4-HMAC-SHA256-TRAILER', sha256(lines), signature),
  }
}

const differs = () =>
  new AwsError(
    'SignatureDoesNotMatch',
    'The chunk signature we calculated does not match the signature you provided.',
    403,
  )
