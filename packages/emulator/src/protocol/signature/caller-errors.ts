/**
 * How a service refuses a caller. The same findings have other codes in each family of protocols.
 *
 * https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html (Query, REST-XML)
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html (JSON)
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
import { AwsError } from '../../aws-error.ts'

export interface CallerErrors {
  /** No signature at all. */
  missing(): AwsError
  /** A signature that lacks a part. */
  incomplete(message: string): AwsError
  unknownKey(): AwsError
  /** Temporary credentials without their token, or a token that is not theirs. */
  invalidToken(): AwsError
  expiredToken(): AwsError
  signatureDiffers(message?: string): AwsError
  /** Signed more than 15 minutes before or after now. */
  skewed(timestamp: string, now: number): AwsError
  presignedExpired(): AwsError
  headersNotSigned(names: readonly string[]): AwsError
}

const differs =
  'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.'
const invalidToken = 'The security token included in the request is invalid.'
const expired = 'The security token included in the request is expired'
const missing = 'Missing Authentication Token'

const notSigned = (names: readonly string[]) =>
  `There were headers present in the request which were not signed: ${names.join(', ')}`

const time = (now: number) => new Date(now).toISOString().replace(/[-:]|\.\d{3}/g, '')

function skewMessage(timestamp: string, now: number): string {
  return timestamp < time(now)
    ? `Signature expired: ${timestamp} is now earlier than ${time(now - 900_000)} (${time(now)} - 15 min.)`
    : `Signature not yet current: ${timestamp} is still later than ${time(now + 900_000)} (${time(now)} + 15 min.)`
}

interface Codes {
  readonly status: number
  readonly missing: string
  readonly incomplete: string
  readonly unknown: string
  readonly expired: string
  readonly signature: string
}

function errorsBy(codes: Codes): CallerErrors {
  const error = (code: string, message: string) => new AwsError(code, message, codes.status)
  return {
    missing: () => error(codes.missing, missing),
    incomplete: (message) => error(codes.incomplete, message),
    unknownKey: () => error(codes.unknown, invalidToken),
    invalidToken: () => error(codes.unknown, invalidToken),
    expiredToken: () => error(codes.expired, expired),
    signatureDiffers: (message = differs) => error(codes.signature, message),
    skewed: (timestamp, now) => error(codes.signature, skewMessage(timestamp, now)),
    presignedExpired: () => error(codes.signature, 'Signature expired: the presigned request has expired'),
    headersNotSigned: (names) => error(codes.signature, notSigned(names)),
  }
}

/** Query, and REST-XML of all services but S3. */
export const xmlCallerErrors = errorsBy({
  status: 403,
  missing: 'MissingAuthenticationToken',
  incomplete: 'IncompleteSignature',
  unknown: 'InvalidClientTokenId',
  expired: 'ExpiredToken',
  signature: 'SignatureDoesNotMatch',
})

const jsonCodes = {
  missing: 'MissingAuthenticationTokenException',
  incomplete: 'IncompleteSignatureException',
  unknown: 'UnrecognizedClientException',
  expired: 'ExpiredTokenException',
  signature: 'InvalidSignatureException',
}
export const jsonCallerErrors = errorsBy({ status: 400, ...jsonCodes })
/** REST-JSON: the same codes, with the status that API Gateway's services give. */
export const restJsonCallerErrors = errorsBy({ status: 403, ...jsonCodes })

export const s3CallerErrors: CallerErrors = {
  missing: () => new AwsError('AccessDenied', 'Access Denied', 403),
  incomplete: (message) => new AwsError('AuthorizationHeaderMalformed', message, 400),
  unknownKey: () =>
    new AwsError(
      'InvalidAccessKeyId',
      'The AWS Access Key Id you provided does not exist in our records.',
      403,
    ),
  invalidToken: () =>
    new AwsError('InvalidToken', 'The provided token is malformed or otherwise invalid.', 400),
  expiredToken: () => new AwsError('ExpiredToken', 'The provided token has expired.', 400),
  signatureDiffers: () =>
    new AwsError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided. Check your key and signing method.',
      403,
    ),
  skewed: () =>
    new AwsError(
      'RequestTimeTooSkewed',
      'The difference between the request time and the current time is too large.',
      403,
    ),
  presignedExpired: () => new AwsError('AccessDenied', 'Request has expired', 403),
  headersNotSigned: (names) => new AwsError('AccessDenied', notSigned(names), 403),
}
