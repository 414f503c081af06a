/**
 * AWS-managed prefix lists. Their entries are AWS's own addresses, of which this machine has none: they are empty.
 * https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html
 */
import { createHash } from 'node:crypto'

/** An id in AWS's format that is the same for the same name. */
export function prefixListId(name: string): string {
  return `pl-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
}

/** Names of AWS's own lists in a region. */
export const PREFIX_LISTS = (region: string): string[] => [
  `com.amazonaws.${region}.s3`,
  `com.amazonaws.${region}.dynamodb`,
  'com.amazonaws.global.cloudfront.origin-facing',
]
