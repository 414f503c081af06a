/** `encryption`: whose key encrypts what is kept. */
import { z } from 'zod'

export const encryption = z
  .strictObject({
    customerManagedKey: z.boolean().default(false).meta({
      description:
        'Whether the platform has a KMS key of its own, rotated every year, and encrypts with it: database, log files, log groups, images, secrets, the origin header, notices, and the buckets of sites and resources. Without it AWS encrypts all but the notices with its own keys. The buckets `logs` and `state` stay with SSE-S3. AWS charges 1 USD per key and month, 1 USD more after each of the first two rotations, and 0.03 USD per 10,000 requests. Choose before the first apply: a change replaces database, file system and repositories.',
      becomes: '`aws_kms_key`, `aws_kms_alias`, `kms_key_id` of what it encrypts',
    }),
  })
  .meta({ description: 'Whose key encrypts what is kept.' })
