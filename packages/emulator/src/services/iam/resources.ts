/** IAM's Terraform types; each file has those of one subject. */
import type { EmulatorContext } from '../../service.ts'
import type { DataSourceType, ResourceType } from '../../terraform/type/resource-type.ts'
import { lookUpTypes } from './data-sources.ts'
import { policyTypes } from './policies.ts'
import { policyDocument } from './policy-document.ts'
import { identityProviderTypes } from './providers.ts'
import { roleTypes } from './roles.ts'

export const createResourceTypes = (context: EmulatorContext): ResourceType[] => [
  ...roleTypes(context),
  ...policyTypes(context),
  ...identityProviderTypes(context),
]

export const createDataSourceTypes = (context: EmulatorContext): DataSourceType[] => [
  policyDocument,
  ...lookUpTypes(context),
]
