/** What AWS documents of Secrets Manager, and the emulator does otherwise or not yet. */
import type { Behaviours } from '../../behaviours.ts'

const guide = 'https://docs.aws.amazon.com/secretsmanager/latest/userguide'

export const behaviours: Behaviours = {
  byDesign: [
    {
      behaviour: 'encrypts secrets by a KMS key',
      page: `${guide}/security-encryption.html`,
      why: 'They are plain text in the emulator’s store, a file that only its user may read; KMS keys are names.',
    },
    {
      behaviour: 'deletes a secret when its recovery window ends',
      page: `${guide}/manage_delete-secret.html`,
      why: 'The window follows the wall clock, at any speed.',
    },
  ],
  missing: [
    {
      behaviour: 'rotates secrets',
      page: `${guide}/rotating-secrets.html`,
      why: 'RotateSecret is refused by name; a rotation that Terraform describes is stored without effect.',
    },
    {
      behaviour: 'replicates secrets to other Regions',
      page: `${guide}/replicate-secrets.html`,
      why: 'The API refuses it by name; replicas that Terraform describes are stored without effect.',
    },
    {
      behaviour: 'lets a resource policy decide who reads a secret',
      page: `${guide}/auth-and-access_resource-policies.html`,
      why: 'Policies are stored and not evaluated.',
    },
  ],
}
