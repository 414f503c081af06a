/**
 * IAM as Terraform describes it: roles, policies, instance profiles, identity providers, and the data sources that
 * write policies and say who calls.
 *
 * What AWS documents and the emulator does otherwise or not yet: behaviours.ts.
 */
import type { EmulatorContext } from '../../service.ts'
import { behaviours } from './behaviours.ts'
import type { Iam } from './contract.ts'
import { createDataSourceTypes, createResourceTypes } from './resources.ts'
import { readIdentities } from './state.ts'

export function createIam(context: EmulatorContext): Iam {
  return {
    name: 'iam',
    behaviours,
    resourceTypes: createResourceTypes(context),
    dataSourceTypes: createDataSourceTypes(context),
    ...readIdentities(context.store),
  }
}
