/** What AWS documents of STS, and the emulator does otherwise or not yet. */
import type { Behaviours } from '../../behaviours.ts'

const guide = 'https://docs.aws.amazon.com/IAM/latest/UserGuide'
const reference = 'https://docs.aws.amazon.com/STS/latest/APIReference'

export const behaviours: Behaviours = {
  byDesign: [
    {
      behaviour: 'ends a session after its duration',
      page: `${guide}/id_credentials_temp_use-resources.html`,
      why: 'The duration follows the wall clock, at any speed, because clients renew their credentials by it.',
    },
  ],
  missing: [
    {
      behaviour: 'lets the trust policy of a role decide who assumes it',
      page: `${guide}/id_roles_create_for-user.html`,
      why: 'Trust policies are not evaluated: any client gets a session of any role of the account.',
    },
    {
      behaviour: 'verifies a web identity token',
      page: `${reference}/API_AssumeRoleWithWebIdentity.html`,
      why: 'Its signature, audience and age are not verified.',
    },
    {
      behaviour: 'restricts a session by session policies and tags',
      page: `${guide}/access_policies.html#policies_session`,
      why: 'Both are ignored.',
    },
    {
      behaviour: 'federates users, and gives session tokens to users',
      page: `${reference}/API_GetFederationToken.html`,
      why: 'GetSessionToken, GetFederationToken and SAML are refused by name.',
    },
  ],
}
