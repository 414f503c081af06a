/** What AWS documents of KMS, and the emulator does otherwise or not yet. */
import type { Behaviours } from '../../behaviours.ts'

const guide = 'https://docs.aws.amazon.com/kms/latest/developerguide'

export const behaviours: Behaviours = {
  byDesign: [
    {
      behaviour: 'encrypts what other services keep',
      page: `${guide}/service-integration.html`,
      why: 'Keys are records: the services keep their data as it is, in a directory that only its user may read.',
    },
  ],
  missing: [
    {
      behaviour: 'encrypts, decrypts and signs for its callers',
      page: `${guide}/kms-cryptography.html`,
      why: 'Encrypt, Decrypt, GenerateDataKey, Sign and the rest of them are refused by name.',
    },
    {
      behaviour: 'lets key policies and grants decide who uses a key',
      page: `${guide}/control-access.html`,
      why: 'Policies are kept and not evaluated; grants are refused by name.',
    },
    {
      behaviour: 'refuses data whose key is disabled or deleted',
      page: `${guide}/deleting-keys.html`,
      why: 'A service goes on with its data, whatever happens to the key that it names.',
    },
    {
      behaviour: 'makes asymmetric, HMAC and multi-Region replica keys, and imports key material',
      page: `${guide}/key-types.html`,
      why: 'Only symmetric keys for encryption exist.',
    },
  ],
}
