/**
 * IAM as Terraform describes it: roles, policies, instance profiles, identity providers, and the data sources that
 * write policies and say who calls.
 *
 * Gaps: no wire API yet; policies are kept (`iam.…` collections, read through `Identities`), and not yet evaluated.
 * By design: no users, groups or access keys, because a platform has none. Quirk: AWS managed policies are accepted
 * by their ARN, their documents are not known here.
 */
import type { EmulatorContext } from '../../service.ts'
import type { Iam } from './contract.ts'
import { createDataSourceTypes } from './data-sources.ts'
import { policyTypes } from './policies.ts'
import { policyDocument } from './policy-document.ts'
import { identityProviderTypes } from './providers.ts'
import { roleTypes } from './roles.ts'
import { readIdentities } from './state.ts'

export function createIam(context: EmulatorContext): Iam {
  return {
    name: 'iam',
    resourceTypes: [...roleTypes(context), ...policyTypes(context), ...identityProviderTypes(context)],
    dataSourceTypes: [policyDocument, ...createDataSourceTypes(context)],
    ...readIdentities(context.store),
  }
}
