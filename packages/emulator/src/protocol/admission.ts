/**
 * Who may talk to the emulator's own port at all, before anything is read of the request.
 *
 * The emulator runs code for its callers, and every page in a browser on this machine can send it requests. So a request
 * must name the emulator as its host: a name of somebody else that resolves to this machine (DNS rebinding) is refused.
 * And what a browser sends for a page of another origin is refused: AWS's clients send neither `Origin` nor
 * `Sec-Fetch-Site`. A presigned URL of S3 is the exception, as it is on AWS: its signature says what may be done with it,
 * and the bucket's own CORS rules say which pages may.
 *
 * https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
import type { IncomingMessage, RequestListener } from 'node:http'

/** By which way the request came: the port itself, or the tunnel for AWS's own host names. */
export type Door = 'port' | 'tunnel'

/** Why a request is refused; `undefined` when it may go on. `fix` tells a person what to do. */
export interface Refusal {
  readonly status: 400 | 403 | 421
  readonly message: string
  readonly fix: string
}

/** The handler behind the checks. */
export function admitted(door: Door, handle: RequestListener): RequestListener {
  return (request, response) => {
    const refusal = refusalOf(request, door)
    if (refusal === undefined) return handle(request, response)
    const { status, message, fix } = refusal
    const body = `${message}\nFix: ${fix}\n`
    response.writeHead(status, {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      'x-content-type-options': 'nosniff',
      connection: 'close',
    })
    response.end(body)
  }
}

function refusalOf(request: IncomingMessage, door: Door): Refusal | undefined {
  const hosts = hostsOf(request)
  if (hosts.length > 1) {
    return { status: 400, message: 'The request has more than one Host header.', fix: 'Send one.' }
  }
  const host = hostName(hosts[0] ?? '')
  if (!(door === 'tunnel' ? awsHost : ownHost).test(host)) {
    return {
      status: 421,
      message: `The emulator does not answer to the host "${host.slice(0, 100)}".`,
      fix: 'Use http://localhost or http://127.0.0.1 with its port; `baton env` prints the address.',
    }
  }
  if (isCrossOrigin(request, host) && !isPresignedS3(request)) {
    return {
      status: 403,
      message: 'The emulator does not answer pages of other origins.',
      fix: 'Send the request from a program, or presign it (S3).',
    }
  }
  return undefined
}

const ownHost = /^(?:localhost|[a-z0-9_.-]+\.localhost|127\.0\.0\.1|\[::1\])$/
const awsHost = /^[a-z0-9_.-]+\.(?:amazonaws\.com|api\.aws)$/

function hostsOf({ rawHeaders }: IncomingMessage): string[] {
  return rawHeaders.flatMap((name, index) =>
    index % 2 === 0 && name.toLowerCase() === 'host' ? [rawHeaders[index + 1] ?? ''] : [],
  )
}

const hostName = (host: string) => host.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '')

function isCrossOrigin({ headers }: IncomingMessage, host: string): boolean {
  const { origin } = headers
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'none' && site !== 'same-origin') return true
  if (origin === undefined) return false
  try {
    const url = new URL(origin)
    return hostName(url.host) !== host || url.host !== headers.host?.toLowerCase()
  } catch {
    // "null": a page without an origin of its own, such as a sandboxed frame or a file.
    return true
  }
}

const isPresignedS3 = ({ url = '' }: IncomingMessage) =>
  /[?&]X-Amz-Signature=/.test(url) && /[?&]X-Amz-Credential=[^&]*(?:%2F|\/)s3(?:%2F|\/)aws4_request/.test(url)
