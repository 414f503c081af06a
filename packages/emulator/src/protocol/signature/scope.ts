/**
 * What a request says of its signature: Signature Version 4 (HMAC) or 4A (ECDSA), in the Authorization header or in
 * the query of a presigned URL. Nothing is verified here.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html
 */
import type { IncomingMessage } from 'node:http'

/** What is read of a request for its signature; the protocols' own request has it all. */
export interface SignedRequest {
  readonly raw: IncomingMessage
  readonly query: URLSearchParams
  header(name: string): string | undefined
  headers(): Iterable<readonly [name: string, value: string]>
  /** The body as it was sent. */
  rawBody(): Promise<Buffer>
}

export interface CredentialScope {
  readonly accessKeyId: string
  /** `20250830` */
  readonly date: string
  /** Undefined for SigV4A, which signs for several regions. */
  readonly region: string | undefined
  readonly service: string
}

export interface Signed {
  readonly algorithm: 'AWS4-HMAC-SHA256' | 'AWS4-ECDSA-P256-SHA256'
  readonly scope: CredentialScope
  /** Lower case, in the order in which they were signed. */
  readonly signedHeaders: readonly string[]
  /** Hexadecimal. */
  readonly signature: string
  /** `20250830T123600Z`; undefined where the request has no date. */
  readonly timestamp: string | undefined
  readonly sessionToken: string | undefined
  /** Only of presigned URLs: for how many seconds they are valid. */
  readonly expiresSeconds: number | undefined
}

/** A signature was given, and lacks a part. */
export class IncompleteSignature extends Error {}

const algorithms = ['AWS4-HMAC-SHA256', 'AWS4-ECDSA-P256-SHA256'] as const

/** Undefined when the request is not signed. Throws `IncompleteSignature`. */
export function signatureOf(request: SignedRequest): Signed | undefined {
  const authorization = request.header('authorization')
  if (authorization?.startsWith('AWS4-')) return fromHeader(request, authorization)
  if (request.query.has('X-Amz-Algorithm') || request.query.has('X-Amz-Signature')) return fromQuery(request)
  return undefined
}

/** The scope where there is one that can be read; a request that is signed badly has none. */
export function credentialScope(request: SignedRequest): CredentialScope | undefined {
  const authorization = request.header('authorization')
  const credential = authorization?.startsWith('AWS4-')
    ? /Credential=([^,\s]+)/.exec(authorization)?.[1]
    : (request.query.get('X-Amz-Credential') ?? undefined)
  return credential === undefined ? undefined : readScope(credential)
}

/** `KEY/20250830/us-east-1/iam/aws4_request`; SigV4A has no region. */
function readScope(credential: string): CredentialScope | undefined {
  const parts = credential.split('/')
  if (parts.at(-1) !== 'aws4_request' || parts.length < 4 || parts.length > 5) return undefined
  const [accessKeyId = '', date = ''] = parts
  return { accessKeyId, date, region: parts.length === 5 ? parts[2] : undefined, service: parts.at(-2) ?? '' }
}

function fromHeader(request: SignedRequest, authorization: string): Signed {
  const [name = '', rest = ''] = authorization.split(/\s+(.*)/s)
  const parts = new Map(
    rest.split(',').map((part) => {
      const [key = '', value = ''] = part.trim().split(/=(.*)/s)
      return [key, value] as const
    }),
  )
  return signed(name, {
    credential: parts.get('Credential'),
    signedHeaders: parts.get('SignedHeaders'),
    signature: parts.get('Signature'),
    timestamp: request.header('x-amz-date') ?? basicFormat(request.header('date')),
    sessionToken: request.header('x-amz-security-token'),
    expiresSeconds: undefined,
  })
}

function fromQuery(request: SignedRequest): Signed {
  const get = (name: string) => request.query.get(name) ?? undefined
  const expires = get('X-Amz-Expires')
  return signed(get('X-Amz-Algorithm') ?? '', {
    credential: get('X-Amz-Credential'),
    signedHeaders: get('X-Amz-SignedHeaders'),
    signature: get('X-Amz-Signature'),
    timestamp: get('X-Amz-Date'),
    sessionToken: get('X-Amz-Security-Token'),
    expiresSeconds: expires === undefined ? Number.NaN : Number(expires),
  })
}

function signed(
  name: string,
  parts: {
    credential: string | undefined
    signedHeaders: string | undefined
    signature: string | undefined
    timestamp: string | undefined
    sessionToken: string | undefined
    expiresSeconds: number | undefined
  },
): Signed {
  const algorithm = algorithms.find((known) => known === name)
  if (algorithm === undefined) throw new IncompleteSignature(`Unsupported AWS 'algorithm': '${name}'.`)
  const scope = parts.credential === undefined ? undefined : readScope(parts.credential)
  if (scope === undefined)
    throw new IncompleteSignature("Authorization requires a valid 'Credential' parameter.")
  if (!parts.signature) throw new IncompleteSignature("Authorization requires 'Signature' parameter.")
  if (!parts.signedHeaders) throw new IncompleteSignature("Authorization requires 'SignedHeaders' parameter.")
  return {
    algorithm,
    scope,
    signedHeaders: parts.signedHeaders.toLowerCase().split(';'),
    signature: parts.signature,
    timestamp: parts.timestamp,
    sessionToken: parts.sessionToken,
    expiresSeconds: parts.expiresSeconds,
  }
}

/** The `Date` header in the form that signatures use. */
function basicFormat(date: string | undefined): string | undefined {
  const time = date === undefined ? Number.NaN : Date.parse(date)
  return Number.isNaN(time) ? undefined : `${new Date(time).toISOString().replace(/[-:]|\.\d{3}/g, '')}`
}
