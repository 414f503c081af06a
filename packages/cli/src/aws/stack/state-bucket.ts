/**
 * The bucket that holds Terraform's state. It must exist before Terraform can keep anything in it, so it is created
 * here, empty, and imported by the bootstrap stack's first plan (an `import` block). So there never is a state that only
 * this machine has, and the first apply may be stopped anywhere and continued from any other machine.
 *
 * Bucket names are global and can be guessed, and another account may let everybody read and write its bucket. Every
 * call therefore names the account that must own the bucket, and Terraform only gets a name that was verified so.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
 */
import {
  BucketAlreadyExists,
  BucketAlreadyOwnedByYou,
  type BucketLocationConstraint,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  HeadBucketCommand,
  ListBucketsCommand,
  ListObjectVersionsCommand,
  NoSuchBucket,
  type ObjectIdentifier,
} from '@aws-sdk/client-s3'
import { bucketName, type Platform, stateBucketName } from '@baton/config'
import { UsageError } from '../../usage-error.ts'
import type { AwsClients } from '../account/clients.ts'

export interface StateBucket {
  /** Name of the bucket that a new platform gets. */
  readonly newName: string
  /**
   * Name of the platform's bucket, which this account owns; undefined where there is none. Throws `UsageError` where
   * the bucket of that name may not be used.
   */
  find(): Promise<string | undefined>
  /** Creates it; resolves with its name. Throws `UsageError` when the name belongs to another account. */
  create(): Promise<string>
  /** Deletes it with every version of every state in it. Fine when it was deleted already. */
  remove(name: string): Promise<void>
}

/** `accountId` is the account that owns the bucket: the one that the caller is signed in to. */
export function stateBucket(
  { s3 }: Pick<AwsClients, 's3'>,
  platform: Platform,
  accountId: string,
): StateBucket {
  const newName = stateBucketName(platform, accountId)
  // Platforms of earlier versions have a bucket without the account in its name.
  const earlierName = bucketName(platform, 'state')
  const owner = { ExpectedBucketOwner: accountId }
  const access = (Bucket: string) => accessTo(s3, { Bucket, ...owner })
  return {
    newName,
    async find() {
      const found = await access(newName)
      if (found === 'owned') return newName
      if (found === 'refused') throw unusable(newName, accountId)
      const earlier = await access(earlierName)
      if (earlier === 'owned') return earlierName
      // Another account's bucket of that name is no bucket of ours; one of ours that may not be used is.
      if (earlier === 'refused' && (await isListed(s3, earlierName))) throw unusable(earlierName, accountId)
      return undefined
    },
    async create() {
      try {
        await s3.send(new CreateBucketCommand({ Bucket: newName, ...location(platform.region) }))
      } catch (error) {
        if (error instanceof BucketAlreadyExists) throw unusable(newName, accountId, error)
        if (!(error instanceof BucketAlreadyOwnedByYou)) throw error
      }
      return newName
    },
    async remove(Bucket) {
      const bucket = { Bucket, ...owner }
      try {
        for (
          let objects = await firstVersions(s3, bucket);
          objects.length > 0;
          objects = await firstVersions(s3, bucket)
        ) {
          await deleteVersions(s3, bucket, objects)
        }
        await s3.send(new DeleteBucketCommand(bucket))
      } catch (error) {
        if (!(error instanceof NoSuchBucket) && statusOf(error) !== 404) throw error
      }
    },
  }
}

interface OwnedBucket {
  readonly Bucket: string
  readonly ExpectedBucketOwner: string
}

/** `refused`: another account owns it, or this caller may not use it. S3 answers both in the same way. */
async function accessTo(s3: AwsClients['s3'], bucket: OwnedBucket): Promise<'owned' | 'missing' | 'refused'> {
  try {
    await s3.send(new HeadBucketCommand(bucket))
    return 'owned'
  } catch (error) {
    const status = statusOf(error)
    if (status === 404) return 'missing'
    if (status === 403 || status === 301) return 'refused'
    throw error
  }
}

/** Only the buckets of the caller's own account are listed. */
async function isListed(s3: AwsClients['s3'], name: string): Promise<boolean> {
  const { Buckets = [] } = await s3.send(new ListBucketsCommand({ Prefix: name }))
  return Buckets.some(({ Name }) => Name === name)
}

const unusable = (name: string, accountId: string, cause?: unknown) =>
  Object.assign(
    new UsageError(
      `The bucket ${name} does not belong to account ${accountId}, or you may not use it.`,
      'Check the account and your permissions (s3:ListBucket). If the bucket belongs to another account, choose another project or environment: bucket names are unique in all of AWS.',
    ),
    { cause },
  )

/** us-east-1 is the one region that must not be named: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
const location = (region: string) =>
  region === 'us-east-1'
    ? {}
    : { CreateBucketConfiguration: { LocationConstraint: region as BucketLocationConstraint } }

async function firstVersions(s3: AwsClients['s3'], bucket: OwnedBucket): Promise<ObjectIdentifier[]> {
  const page = await s3.send(new ListObjectVersionsCommand({ ...bucket, MaxKeys: 1_000 }))
  return [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].flatMap(({ Key, VersionId }) =>
    Key === undefined ? [] : [{ Key, ...(VersionId === undefined ? {} : { VersionId }) }],
  )
}

/** S3 answers 200 also where it keeps some of them, which would be listed again without an end. */
async function deleteVersions(
  s3: AwsClients['s3'],
  bucket: OwnedBucket,
  Objects: ObjectIdentifier[],
): Promise<void> {
  const { Errors = [] } = await s3.send(
    new DeleteObjectsCommand({ ...bucket, Delete: { Objects, Quiet: true } }),
  )
  const [first] = Errors
  if (first === undefined) return
  throw new UsageError(
    `${Errors.length} versions in the bucket ${bucket.Bucket} were not deleted, ${first.Key} among them: ${first.Code}.`,
    'Check your permissions (s3:DeleteObjectVersion), and run the command again.',
  )
}

/** `HeadBucket` answers without a body, so there is only the status. */
function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined
  const metadata: { httpStatusCode?: number } = error.$metadata ?? {}
  return metadata.httpStatusCode
}
