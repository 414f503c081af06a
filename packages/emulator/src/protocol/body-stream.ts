/**
 * The body of an upload as its service wants it: taken out of `aws-chunked` framing, and held against the
 * checksum that the client sent before it (header) or after it (trailer). A body that does not match ends in an
 * error, before the stream ends: what is written from it must not be kept.
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
import type { IncomingMessage } from 'node:http'
import { pipeline, type Readable, Transform, type TransformCallback } from 'node:stream'
import { AwsError } from '../aws-error.ts'
import { AwsChunkedDecoder } from './aws-chunked.ts'
import { type ChecksumAlgorithm, checksum, isChecksumAlgorithm, type RunningChecksum } from './checksum.ts'
import { chunkVerifier } from './signature/chunk-signatures.ts'

/** The checksum that was computed over a body; complete once the body has ended. Base64. */
export interface BodyChecksum {
  readonly algorithm: ChecksumAlgorithm
  readonly value: string
}

/** The decoded body of a request. Its own stream where there is nothing to decode or to check. */
export function bodyStream(request: IncomingMessage): Readable {
  const chunked = isAwsChunked(request)
  const decoder = chunked ? new AwsChunkedDecoder(chunkVerifier(request)) : undefined
  const announced = announcedChecksum(request)
  const md5 = request.headers['content-md5']
  const payloadHash = signedPayloadHash(request)
  const checks = [
    ...(announced
      ? [new ChecksumCheck(announced.algorithm, () => announced.header ?? decoder?.trailers[announced.name])]
      : []),
    ...(typeof md5 === 'string' ? [new ChecksumCheck('md5', () => md5)] : []),
    ...(payloadHash === undefined ? [] : [new ChecksumCheck('sha256', () => payloadHash, payloadDiffers)]),
  ]
  const stages = [...(decoder ? [decoder] : []), ...checks]
  const last = stages.at(-1)
  if (last === undefined) return request
  // Errors of a stage destroy all the others; the reader of the last one gets them.
  pipeline([request, ...stages], () => {})
  if (announced && checks[0]) computedChecksums.set(last, checks[0])
  return last
}

/** The additional checksum (not Content-MD5) of a body that has been read to its end. */
export function checksumOf(body: Readable): BodyChecksum | undefined {
  const check = computedChecksums.get(body)
  return check?.value === undefined || check.algorithm === 'md5'
    ? undefined
    : { algorithm: check.algorithm, value: check.value }
}

const computedChecksums = new WeakMap<Readable, ChecksumCheck>()

function isAwsChunked(request: IncomingMessage): boolean {
  const encoding = request.headers['content-encoding'] ?? ''
  const hash = String(request.headers['x-amz-content-sha256'] ?? '')
  return /\baws-chunked\b/.test(encoding) || hash.startsWith('STREAMING-')
}

/** The hash that the signature was made with, base64; what was signed is what must arrive. */
function signedPayloadHash(request: IncomingMessage): string | undefined {
  const hash = String(request.headers['x-amz-content-sha256'] ?? '')
  return /^[0-9a-f]{64}$/.test(hash) ? Buffer.from(hash, 'hex').toString('base64') : undefined
}

interface Announced {
  readonly name: string
  readonly algorithm: ChecksumAlgorithm
  /** Value where it came as a header; the trailer's comes at the end. */
  readonly header: string | undefined
}

function announcedChecksum(request: IncomingMessage): Announced | undefined {
  // The end of a multipart upload names the checksum of the object, not of its own body.
  if (request.method === 'POST' && /[?&]uploadId=/.test(request.url ?? '')) return undefined
  const prefix = 'x-amz-checksum-'
  const trailer = String(request.headers['x-amz-trailer'] ?? '').toLowerCase()
  const names = [...Object.keys(request.headers), ...trailer.split(',').map((name) => name.trim())]
  for (const name of names) {
    if (!name.startsWith(prefix)) continue
    const algorithm = name.slice(prefix.length)
    if (algorithm === 'algorithm' || algorithm === 'mode' || algorithm === 'type') continue
    if (!isChecksumAlgorithm(algorithm)) {
      const message = `A header you provided implies functionality that is not implemented: ${name}`
      throw new AwsError('NotImplemented', message, 501)
    }
    const value = request.headers[name]
    return { name, algorithm, header: typeof value === 'string' ? value : undefined }
  }
  return undefined
}

class ChecksumCheck extends Transform {
  readonly algorithm: ChecksumAlgorithm | 'md5'
  value: string | undefined
  readonly #expected: () => string | undefined
  readonly #running: RunningChecksum
  readonly #error: (algorithm: string) => AwsError

  constructor(
    algorithm: ChecksumAlgorithm | 'md5',
    expected: () => string | undefined,
    error: (algorithm: string) => AwsError = badDigest,
  ) {
    super()
    this.#error = error
    this.algorithm = algorithm
    this.#expected = expected
    this.#running = checksum(algorithm)
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    this.#running.update(chunk)
    done(null, chunk)
  }

  override async _flush(done: TransformCallback): Promise<void> {
    const digest = await this.#running.digest()
    this.value = digest.toString('base64')
    const expected = this.#expected()
    done(expected === undefined || expected === this.value ? null : this.#error(this.algorithm))
  }
}

const badDigest = (algorithm: string) =>
  new AwsError(
    'BadDigest',
    `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
  )

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html#ErrorCodeList */
const payloadDiffers = () =>
  new AwsError(
    'XAmzContentSHA256Mismatch',
    "The provided 'x-amz-content-sha256' header does not match what was computed.",
  )
