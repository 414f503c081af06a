/**
 * Where an S3 request says its bucket: in the path (`/bucket/key`) or in the host (`bucket.localhost`,
 * `bucket.s3.ap-northeast-2.amazonaws.com`).
 *
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */

import { AwsError } from '../aws-error.ts'

export interface S3Address {
  readonly bucket: string | undefined
  /** Path without the bucket, percent-encoded, with its leading slash. */
  readonly path: string
}

export function s3Address(host: string, path: string): S3Address {
  const bucket = bucketOfHost(host)
  if (bucket !== undefined) return { bucket, path }
  const [, first = '', rest] = /^\/([^/]*)(\/.*)?$/.exec(path) ?? []
  return first === '' ? { bucket: undefined, path: '/' } : { bucket: decode(first), path: rest ?? '/' }
}

function bucketOfHost(host: string): string | undefined {
  const virtual = /^(.+)\.s3[.-][a-z0-9-]*\.?amazonaws\.com$/.exec(host) ?? /^(.+)\.localhost$/.exec(host)
  const bucket = virtual?.[1]
  // `s3.localhost` and `s3.ap-northeast-2.localhost` are endpoints, not buckets.
  return bucket === undefined || /^s3(?:\.|$)/.test(bucket)
    ? undefined
    : bucket.replace(/\.s3(?:\.[a-z0-9-]+)?$/, '')
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.")
  }
}
