/**
 * Whether a request was signed by who it says, a short while ago: the access key is known, the session is not over,
 * the date is near, and the signature is that of the secret. By the wall clock at every speed of the emulator.
 *
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-auth-using-authorization-header.html
 */
import { AwsError } from '../../aws-error.ts'
import type { CallerErrors } from './caller-errors.ts'
import { canonicalRequests } from './canonical-request.ts'
import { expectChunkSignatures } from './chunk-signatures.ts'
import { IncompleteSignature, type Signed, type SignedRequest, signatureOf } from './scope.ts'
import { matches, scopeText, sha256, signingKey, stringToSign } from './sign.ts'

/** Who calls. */
export interface Principal {
  readonly accessKeyId: string
  /** ARN of the user or assumed role; the account's root for the emulator's own administrator. */
  readonly arn: string
}

/** An access key, as its issuer keeps it. */
export interface CallerCredentials {
  readonly principal: Principal
  readonly secretAccessKey: string
  /** Of temporary credentials only: the token that has to come with them. */
  readonly sessionToken?: string
  /** The session is over. */
  readonly isExpired?: boolean
}

export type FindCredentials = (accessKeyId: string) => CallerCredentials | undefined

export interface VerifyOptions {
  readonly service: string
  readonly find: FindCredentials
  readonly errors: CallerErrors
  /** Milliseconds since the epoch. */
  readonly now: number
}

const skewMs = 15 * 60 * 1000
const presignedSecondsMax = 604_800
const unsignedPayload = 'UNSIGNED-PAYLOAD'

/** Who signed the request; undefined when it is not signed. Throws `AwsError` as the service would. */
export async function verifyCaller(
  request: SignedRequest,
  options: VerifyOptions,
): Promise<Principal | undefined> {
  const { errors, service } = options
  const signed = read(request, errors)
  if (signed === undefined) return undefined
  const known = options.find(signed.scope.accessKeyId)
  if (known === undefined) throw errors.unknownKey()
  if (known.sessionToken !== signed.sessionToken) throw errors.invalidToken()
  if (known.isExpired) throw errors.expiredToken()
  if (signed.scope.service !== service) {
    throw errors.signatureDiffers(
      `Credential should be scoped to correct service: '${service}'. Scope: ${scopeText(signed)}.`,
    )
  }
  checkTime(signed, options)
  checkHeaders(request, signed, errors)
  const isS3 = service === 's3'
  const payloadHash = await payloadHashOf(request, signed, isS3)
  const canonical = canonicalRequests({
    request: request.raw,
    signedHeaders: signed.signedHeaders,
    payloadHash,
    isS3,
  })
  const text = canonical
    .map((candidate) => stringToSign(signed, candidate))
    .find((candidate) => matches(signed, known.secretAccessKey, candidate))
  if (text === undefined) throw errors.signatureDiffers()
  if (payloadHash.startsWith('STREAMING-AWS4-')) {
    if (signed.algorithm !== 'AWS4-HMAC-SHA256') {
      throw new AwsError('NotImplemented', `This emulator does not verify ${payloadHash}.`, 501)
    }
    expectChunkSignatures(request.raw, {
      key: signingKey(known.secretAccessKey, signed),
      seed: signed.signature,
      timestamp: signed.timestamp ?? '',
      scope: scopeText(signed),
    })
  }
  return known.principal
}

function read(request: SignedRequest, errors: CallerErrors): Signed | undefined {
  try {
    return signatureOf(request)
  } catch (error) {
    if (error instanceof IncompleteSignature) throw errors.incomplete(error.message)
    throw error
  }
}

function checkTime(signed: Signed, { errors, now }: VerifyOptions): void {
  const { timestamp, expiresSeconds } = signed
  const signedAt = timestamp === undefined ? Number.NaN : timeOf(timestamp)
  if (Number.isNaN(signedAt)) {
    throw errors.incomplete("Authorization requires existence of either a 'X-Amz-Date' or a 'Date' header.")
  }
  if (!timestamp?.startsWith(signed.scope.date)) {
    throw errors.signatureDiffers(
      `Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '${signed.scope.date}' != '${timestamp}'.`,
    )
  }
  if (expiresSeconds === undefined) {
    if (Math.abs(now - signedAt) > skewMs) throw errors.skewed(timestamp, now)
    return
  }
  if (!(expiresSeconds >= 1 && expiresSeconds <= presignedSecondsMax)) {
    throw errors.incomplete('X-Amz-Expires must be between 1 and 604800 seconds.')
  }
  if (signedAt - now > skewMs) throw errors.skewed(timestamp, now)
  if (now > signedAt + expiresSeconds * 1000) throw errors.presignedExpired()
}

/** The host, and every header that AWS gives a meaning to, must be signed. */
function checkHeaders(request: SignedRequest, { signedHeaders }: Signed, errors: CallerErrors): void {
  const unsigned = [...request.headers()]
    .map(([name]) => name)
    .filter((name) => (name === 'host' || name.startsWith('x-amz-')) && !signedHeaders.includes(name))
  if (unsigned.length > 0) throw errors.headersNotSigned(unsigned)
}

/** S3 takes the client's word and holds the body against it as it reads it (body-stream.ts). */
async function payloadHashOf(request: SignedRequest, signed: Signed, isS3: boolean): Promise<string> {
  const given = request.header('x-amz-content-sha256')
  if (given !== undefined) return given
  if (isS3 && signed.expiresSeconds !== undefined) return unsignedPayload
  return sha256(await request.rawBody())
}

/** `20250830T123600Z` in milliseconds since the epoch. */
function timeOf(timestamp: string): number {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(timestamp) ?? []
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
}
