/**
 * Who calls, as far as the request says it: the access key and the credential scope of Signature Version 4, from
 * the Authorization header or from a presigned URL. A4 signatures (SigV4A) have no emulator in their scope.
 *
 * The signature itself is not verified: a declared gap, see wire.ts.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-signing-elements.html
 */
import type { WireRequest } from './request.ts'

export interface CredentialScope {
  readonly accessKeyId: string
  /** Undefined for SigV4A, which signs for several regions. */
  readonly region: string | undefined
  readonly service: string
}

/** Undefined when the request is not signed, or not by Signature Version 4. */
export function credentialScope(request: WireRequest): CredentialScope | undefined {
  const authorization = request.header('authorization') ?? ''
  const signed = /^AWS4-(?:HMAC|ECDSA-P256)-[A-Z0-9]+\s/.test(authorization)
    ? /Credential=([^,\s]+)/.exec(authorization)?.[1]
    : undefined
  const credential = signed ?? request.query.get('X-Amz-Credential') ?? undefined
  if (credential === undefined) return undefined
  const parts = credential.split('/')
  const service = parts.at(-2)
  if (parts.at(-1) !== 'aws4_request' || service === undefined || parts.length < 4) return undefined
  return {
    accessKeyId: parts[0] ?? '',
    service,
    region: parts.length === 5 ? parts[2] : undefined,
  }
}
