/** A request as the protocols see it: the URL taken apart once, the body read once and never beyond a limit. */
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { AwsError } from '../aws-error.ts'
import { hostName } from '../http/host.ts'
import { bodyStream } from './body-stream.ts'

export interface WireRequest {
  readonly raw: IncomingMessage
  readonly method: string
  /** Host without port, lower case. */
  readonly host: string
  /** Path as it was sent: percent-encoded. */
  readonly path: string
  readonly query: URLSearchParams
  header(name: string): string | undefined
  headers(): Iterable<readonly [name: string, value: string]>
  /** The largest body that is read whole; the wire sets the service's own before anything is read. */
  bodyBytesMax: number
  /** The whole body, de-chunked, as it was signed; read at the first call. */
  rawBody(): Promise<Buffer>
  /** The whole body, de-chunked and inflated. */
  body(): Promise<Buffer>
  /** The body as a stream, de-chunked; for members that stream. */
  stream(): Readable
}

/** The largest body of a service that says nothing else; AWS's usual limit. */
const usualBodyBytesMax = 1024 * 1024

export function wireRequest(raw: IncomingMessage): WireRequest {
  const url = raw.url ?? '/'
  const mark = url.indexOf('?')
  let rawBody: Promise<Buffer> | undefined
  let body: Promise<Buffer> | undefined
  const request: WireRequest = {
    bodyBytesMax: usualBodyBytesMax,
    raw,
    method: raw.method ?? 'GET',
    host: hostName(raw.headers.host),
    path: mark < 0 ? url : url.slice(0, mark),
    query: new URLSearchParams(mark < 0 ? '' : url.slice(mark + 1)),
    header: (name) => {
      const value = raw.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    },
    *headers() {
      for (const [name, value] of Object.entries(raw.headers)) {
        if (value !== undefined) yield [name, Array.isArray(value) ? value.join(', ') : value] as const
      }
    },
    rawBody: () => {
      rawBody ??= collect(raw, request.bodyBytesMax)
      return rawBody
    },
    body: () => {
      body ??= request.rawBody().then((bytes) => inflate(raw, bytes, request.bodyBytesMax))
      return body
    },
    stream: () => bodyStream(raw),
  }
  return request
}

async function collect(raw: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const declared = Number(raw.headers['x-amz-decoded-content-length'] ?? raw.headers['content-length'] ?? 0)
  if (declared > bytesMax) throw tooLarge(bytesMax)
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of bodyStream(raw) as AsyncIterable<Buffer>) {
    length += chunk.length
    // Read to its end and not kept: the connection can be used for the next request only then.
    if (length > bytesMax) chunks.length = 0
    else chunks.push(chunk)
  }
  if (length > bytesMax) throw tooLarge(bytesMax)
  return Buffer.concat(chunks)
}

function inflate(raw: IncomingMessage, body: Buffer, bytesMax: number): Buffer {
  // Clients compress large PutMetricData requests: https://smithy.io/2.0/aws/aws-core.html (requestCompression)
  if (!/\bgzip\b/.test(raw.headers['content-encoding'] ?? '')) return body
  try {
    return gunzipSync(body, { maxOutputLength: bytesMax })
  } catch {
    throw new AwsError(
      'SerializationException',
      'The request body is not valid gzip, or inflates to too much.',
    )
  }
}

const tooLarge = (bytesMax: number) =>
  new AwsError('RequestEntityTooLargeException', `The request exceeds ${bytesMax} bytes.`, 413)
