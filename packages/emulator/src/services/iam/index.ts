/**
 * IAM: roles, policies, instance profiles, identity providers, and the data sources that write policies and say who calls.
 * Terraform's types and the API are two doors to the same documents.
 *
 * What AWS documents and the emulator does otherwise or not yet: behaviours.ts.
 */
import * as sdk from '@aws-sdk/client-iam'
import type { EmulatorContext } from '../../service.ts'
import { behaviours } from './behaviours.ts'
import type { Iam } from './contract.ts'
import { createOperations } from './operations.ts'
import { createDataSourceTypes, createResourceTypes } from './resources.ts'
import { createState, readIdentities } from './state.ts'

export function createIam(context: EmulatorContext): Iam {
  const state = createState(context.store)
  const resourceTypes = createResourceTypes(context)
  return {
    name: 'iam',
    behaviours,
    resourceTypes,
    api: {
      signingName: 'iam',
      protocol: 'query',
      sdk,
      operations: createOperations(context, state, resourceTypes),
    },
    dataSourceTypes: createDataSourceTypes(context),
    ...readIdentities(context.store),
  }
}
