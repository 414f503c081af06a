/** A request as the protocols see it: the URL taken apart once, the body read once and never beyond a limit. */
import type { IncomingMessage } from 'node:http'
import type { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { hostName } from '../http/host.ts'
import { AwsError } from './api.ts'
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
  /** The whole body, de-chunked and inflated; read at the first call. */
  body(): Promise<Buffer>
  /** The body as a stream, de-chunked; for members that stream. */
  stream(): Readable
}

/** The largest body that is not streamed: a Lambda package of 50 MB in base64. */
const BODY_BYTES_MAX = 70 * 1024 * 1024

export function wireRequest(raw: IncomingMessage): WireRequest {
  const url = raw.url ?? '/'
  const mark = url.indexOf('?')
  let body: Promise<Buffer> | undefined
  return {
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
    body: () => {
      body ??= collect(raw)
      return body
    },
    stream: () => bodyStream(raw),
  }
}

async function collect(raw: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of bodyStream(raw) as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > BODY_BYTES_MAX) throw tooLarge()
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks)
  // Clients compress large PutMetricData requests: https://smithy.io/2.0/aws/aws-core.html (requestCompression)
  if (!/\bgzip\b/.test(raw.headers['content-encoding'] ?? '')) return body
  try {
    return gunzipSync(body, { maxOutputLength: BODY_BYTES_MAX })
  } catch {
    throw new AwsError(
      'SerializationException',
      'The request body is not valid gzip, or inflates to too much.',
    )
  }
}

const tooLarge = () =>
  new AwsError('RequestEntityTooLargeException', `The request exceeds ${BODY_BYTES_MAX} bytes.`, 413)
