/**
 * Key Management Service: keys of the customer and their aliases, as the configuration of other services names them.
 * Keys are records with a policy, rotation and a waiting period before they are deleted; nothing is encrypted by them.
 *
 * What AWS documents and the emulator does otherwise or not yet: behaviours.ts.
 */
import * as sdk from '@aws-sdk/client-kms'
import type { EmulatorContext, Service } from '../../service.ts'
import { behaviours } from './behaviours.ts'
import { createOperations } from './operations.ts'
import { createDataSourceTypes, createResourceTypes } from './resources.ts'
import { createState } from './state.ts'

export function createKms(context: EmulatorContext): Service {
  const state = createState(context)
  return {
    name: 'kms',
    behaviours,
    resourceTypes: createResourceTypes(state),
    dataSourceTypes: createDataSourceTypes(state),
    api: {
      signingName: 'kms',
      protocol: 'json-1.1',
      sdk,
      operations: createOperations(state, context.accountId),
    },
  }
}
