/** What S3 offers the other services of the emulator: the edge reads sites from it, CodeDeploy and Lambda files. */
import type { Readable } from 'node:stream'
import type { Service } from '../../service.ts'

export interface StoredObject {
  readonly bucket: string
  readonly key: string
  readonly size: number
  /** With its quotes. */
  readonly etag: string
  /** Milliseconds since the epoch. */
  readonly lastModified: number
  /** `content-type`, `cache-control`, `x-amz-meta-…` and so on, as S3 answers them; lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** The whole body. Rejects when the object was deleted meanwhile. */
  read(): Promise<Buffer>
  /** The body, or the part from `start` up to and including `end`. */
  stream(range?: { start: number; end: number }): Promise<Readable>
}

export interface S3 extends Service {
  /** Bucket that a domain name such as `sites.s3.ap-northeast-2.amazonaws.com` stands for, if it exists. */
  bucketOfDomain(domainName: string): string | undefined
  /** The current version of an object, or the one asked for; undefined when there is none. */
  object(bucket: string, key: string, versionId?: string): StoredObject | undefined
  /** Writes an object, as AWS's services that deliver logs do. False where there is no such bucket. */
  write(
    bucket: string,
    key: string,
    body: Buffer,
    headers: Readonly<Record<string, string>>,
  ): Promise<boolean>
  /**
   * Whether the bucket's policy lets a CloudFront distribution, which signs as `cloudfront.amazonaws.com` by its
   * origin access control, do this. `key` for actions on objects.
   */
  admitsDistribution(
    bucket: string,
    action: 's3:GetObject' | 's3:ListBucket',
    distributionArn: string,
    key?: string,
  ): boolean
}
