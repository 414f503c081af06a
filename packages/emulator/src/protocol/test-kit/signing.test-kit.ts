/** For tests: signs a request that no client of the SDK would make, by Signature Version 4. */
import { IncomingMessage } from 'node:http'
import { Socket } from 'node:net'
import { canonicalRequests } from '../signature/canonical-request.ts'
import { sha256, signingKey, signText, stringToSign } from '../signature/sign.ts'
import { testCredentials } from './protocol.test-kit.ts'

export interface ToSign {
  readonly method: string
  /** With the query. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly service: string
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
  readonly at?: Date
  /** Instead of the hash of the body. */
  readonly payloadHash?: string
}

/** The headers, with `x-amz-date` and `authorization`; `host` must be among them. */
export function signedHeaders(given: ToSign): Record<string, string> {
  const { credentials = testCredentials, at = new Date(), body = '' } = given
  const timestamp = at.toISOString().replace(/[-:]|\.\d{3}/g, '')
  const payloadHash = given.payloadHash ?? sha256(body)
  const headers: Record<string, string> = {
    ...given.headers,
    'x-amz-date': timestamp,
    'x-amz-content-sha256': payloadHash,
  }
  const names = Object.keys(headers).sort()
  const request = new IncomingMessage(new Socket())
  Object.assign(request, { method: given.method, url: given.path })
  request.rawHeaders = names.flatMap((name) => [name, headers[name] ?? ''])
  const [canonical = ''] = canonicalRequests({
    request,
    signedHeaders: names,
    payloadHash,
    isS3: given.service === 's3',
  })
  const scope = {
    accessKeyId: credentials.accessKeyId,
    date: timestamp.slice(0, 8),
    region: 'ap-northeast-2',
    service: given.service,
  }
  const text = stringToSign({ algorithm: 'AWS4-HMAC-SHA256', scope, timestamp }, canonical)
  const signature = signText(signingKey(credentials.secretAccessKey, { scope }), text)
  const credential = `${scope.accessKeyId}/${scope.date}/${scope.region}/${scope.service}/aws4_request`
  headers.authorization = `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return headers
}
