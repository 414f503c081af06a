/** What AWS documents of IAM, and the emulator does otherwise or not yet. */
import type { Behaviours } from '../../behaviours.ts'

const guide = 'https://docs.aws.amazon.com/IAM/latest/UserGuide'

export const behaviours: Behaviours = {
  byDesign: [
    {
      behaviour: 'has users, groups and access keys',
      page: `${guide}/id_users.html`,
      why: 'A platform has none; credentials come from STS.',
    },
    {
      behaviour: 'knows the documents of AWS managed policies',
      page: `${guide}/access_policies_managed-vs-inline.html`,
      why: 'They are accepted by their ARN; their documents are not part of the emulator.',
    },
  ],
  missing: [
    {
      behaviour: 'refuses what the policies of a principal do not allow',
      page: `${guide}/reference_policies_evaluation-logic.html`,
      why: 'Policies are stored and not evaluated, as everywhere in the emulator.',
    },
  ],
}
