/**
 * A bucket as origin, read in this process. CloudFront signs as its service principal (origin access control), and
 * the bucket's policy has to admit this very distribution; without the right to list, a missing key is 403.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html (Permissions)
 */
import type { S3 } from '../../../s3/contract.ts'
import type { Origin } from '../../model/distribution.ts'
import { type EdgeAnswer, type EdgeRequest, type Headers, maxBufferedBytes } from '../message/messages.ts'

export interface S3Reader {
  readonly s3: S3
  /** Whether CloudFront signs its requests to this origin. */
  readonly signs: boolean
  readonly distributionArn: string
}

export async function fetchFromBucket(
  { s3, signs, distributionArn }: S3Reader,
  bucket: string,
  origin: Origin,
  request: EdgeRequest,
  ifNoneMatch?: string,
): Promise<EdgeAnswer> {
  if (request.method === 'OPTIONS')
    return failure(403, 'AccessForbidden', 'CORSResponse: CORS is not enabled for this bucket.')
  const key = decodeKey(origin.path + request.path)
  if (key === undefined) return failure(400, 'InvalidURI', "Couldn't parse the specified URI.")
  const reads = request.method === 'GET' || request.method === 'HEAD'
  if (!reads || !signs || !s3.admitsDistribution(bucket, 's3:GetObject', distributionArn, key))
    return denied()
  const object = s3.object(bucket, key)
  if (object === undefined) {
    return s3.admitsDistribution(bucket, 's3:ListBucket', distributionArn)
      ? failure(404, 'NoSuchKey', 'The specified key does not exist.', `<Key>${escapeXml(key)}</Key>`)
      : denied()
  }
  const headers: Headers = {
    ...object.headers,
    'content-length': String(object.size),
    etag: object.etag,
    'last-modified': new Date(object.lastModified).toUTCString(),
    'accept-ranges': 'bytes',
    'x-amz-server-side-encryption': 'AES256',
    server: 'AmazonS3',
    date: new Date().toUTCString(),
  }
  if (ifNoneMatch === object.etag) return { status: 304, headers, body: undefined, result: 'RefreshHit' }
  if (request.method === 'HEAD') return { status: 200, headers, body: undefined, result: 'Miss' }
  const body = object.size <= maxBufferedBytes ? await object.read() : await object.stream()
  return { status: 200, headers, body, result: 'Miss' }
}

/** The key below the origin path; undefined for a malformed escape. */
function decodeKey(path: string): string | undefined {
  try {
    return decodeURIComponent(path).slice(1)
  } catch {
    return undefined
  }
}

const denied = () => failure(403, 'AccessDenied', 'Access Denied')

function failure(status: number, code: string, message: string, more = ''): EdgeAnswer {
  const xml = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message>${more}</Error>`
  const body = Buffer.from(xml)
  return {
    status,
    headers: {
      'content-type': 'application/xml',
      'content-length': String(body.length),
      server: 'AmazonS3',
      date: new Date().toUTCString(),
    },
    body,
    result: 'Error',
  }
}

function escapeXml(text: string): string {
  return text.replace(/[<>&'"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}
