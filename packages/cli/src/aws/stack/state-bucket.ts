/**
 * The bucket that holds Terraform's state. It has to be there before Terraform can keep anything in it, so it is
 * made here, bare, and adopted by the bootstrap stack's first plan (an `import` block). So there never is a state
 * that only this machine has, and the first apply may be stopped anywhere and carried on from any other machine.
 */
import {
  BucketAlreadyExists,
  BucketAlreadyOwnedByYou,
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  HeadBucketCommand,
  ListObjectVersionsCommand,
  NoSuchBucket,
  type ObjectIdentifier,
} from '@aws-sdk/client-s3'
import { bucketName, type Platform } from '@baton/config'
import { UsageError } from '../../failure.ts'
import type { AwsClients } from '../account/clients.ts'

export interface StateBucket {
  readonly name: string
  /** Throws `UsageError` when the name belongs to somebody else. */
  exists(): Promise<boolean>
  create(): Promise<void>
  /** Deletes it with every version of every state in it. Fine when it is gone already. */
  remove(): Promise<void>
}

export function stateBucket({ s3 }: Pick<AwsClients, 's3'>, platform: Platform): StateBucket {
  const name = bucketName(platform, 'state')
  const taken = (cause: unknown) =>
    Object.assign(
      new UsageError(
        `The bucket ${name} belongs to another account, or may not be read by who asks.`,
        'Check the account; if it is the right one, choose another project, environment or domain: bucket names are unique in all of AWS.',
      ),
      { cause },
    )
  return {
    name,
    async exists() {
      try {
        await s3.send(new HeadBucketCommand({ Bucket: name }))
        return true
      } catch (error) {
        const status = statusOf(error)
        if (status === 404) return false
        if (status === 403 || status === 301) throw taken(error)
        throw error
      }
    },
    async create() {
      try {
        await s3.send(new CreateBucketCommand({ Bucket: name, ...location(platform.region) }))
      } catch (error) {
        if (error instanceof BucketAlreadyOwnedByYou) return
        throw error instanceof BucketAlreadyExists ? taken(error) : error
      }
    },
    async remove() {
      try {
        for (
          let objects = await firstVersions(s3, name);
          objects.length > 0;
          objects = await firstVersions(s3, name)
        ) {
          await s3.send(new DeleteObjectsCommand({ Bucket: name, Delete: { Objects: objects, Quiet: true } }))
        }
        await s3.send(new DeleteBucketCommand({ Bucket: name }))
      } catch (error) {
        if (!(error instanceof NoSuchBucket) && statusOf(error) !== 404) throw error
      }
    },
  }
}

/** us-east-1 is the one region that must not be named: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
const location = (region: string) =>
  region === 'us-east-1'
    ? {}
    : { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } }

async function firstVersions(s3: AwsClients['s3'], bucket: string): Promise<ObjectIdentifier[]> {
  const page = await s3.send(new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 1_000 }))
  return [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].flatMap(({ Key, VersionId }) =>
    Key === undefined ? [] : [{ Key, ...(VersionId === undefined ? {} : { VersionId }) }],
  )
}

/** `HeadBucket` answers without a body, so the status is all that there is. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  const metadata: { httpStatusCode?: number } = error.$metadata ?? {}
  return metadata.httpStatusCode
}
