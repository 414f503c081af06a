/** Where a stack's state is kept: in the state bucket, with a lock file instead of a table. */
import { bucketName } from '@baton/config'
import { S3Backend } from 'cdktn'
import type { BatonStack } from './stack.ts'

export const stateBackend = (stack: BatonStack): S3Backend =>
  new S3Backend(stack, {
    bucket: bucketName(stack.platform, 'state'),
    key: `${stack.node.id}.tfstate`,
    region: stack.platform.region,
    encrypt: true,
    useLockfile: true,
    ...(stack.platform.account === undefined ? {} : { allowedAccountIds: [stack.platform.account] }),
  })
