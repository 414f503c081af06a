/**
 * The bucket owner condition: a caller that names the account it expects gets 403 where the bucket is another's. All
 * buckets here are of one account.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-owner-condition.html
 */
import type { OperationHandler } from '../../protocol/api.ts'
import { accessDenied } from './errors.ts'

type Table = Readonly<Record<string, OperationHandler>>

/** The operations, each behind the condition of its request. `exists`: another account has no bucket that is not there. */
export const ownedBy = (accountId: string, exists: (bucket: string) => boolean, operations: Table): Table =>
  Object.fromEntries(
    Object.entries(operations).map(([name, handler]): [string, OperationHandler] => [
      name,
      (input, call) => {
        const { Bucket, ExpectedBucketOwner, ExpectedSourceBucketOwner } = input
        const isOther = (expected: unknown) => expected !== undefined && expected !== accountId
        if (isOther(ExpectedBucketOwner) && exists(String(Bucket))) throw accessDenied()
        if (isOther(ExpectedSourceBucketOwner)) throw accessDenied()
        return handler(input, call)
      },
    ]),
  )
