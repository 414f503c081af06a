/** What AWS documents of Parameter Store, and the emulator does otherwise or not yet. */
import type { Behaviours } from '../../behaviours.ts'

const guide = 'https://docs.aws.amazon.com/systems-manager/latest/userguide'

export const behaviours: Behaviours = {
  byDesign: [
    {
      behaviour: 'encrypts a SecureString by a KMS key',
      page: `${guide}/secure-string-parameter-kms-encryption.html`,
      why: 'It is plain text in the emulator’s store, a file that only its user may read; without decryption a client gets an opaque value, as on AWS.',
    },
  ],
  missing: [
    {
      behaviour: 'labels versions of a parameter',
      page: `${guide}/sysman-paramstore-labels.html`,
      why: 'Refused by name.',
    },
    {
      behaviour: 'expires parameters by policies',
      page: `${guide}/parameter-store-policies.html`,
      why: 'Refused by name.',
    },
    {
      behaviour: 'does everything else of Systems Manager',
      page: `${guide}/what-is-systems-manager.html`,
      why: 'Refused by name: only the Parameter Store is implemented.',
    },
  ],
}
