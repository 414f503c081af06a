/**
 * Systems Manager's Parameter Store: configuration and the manifest that the release code reads. Parameters,
 * their versions and tags are durable.
 *
 * What AWS documents and the emulator does otherwise or not yet: behaviours.ts.
 */
import * as sdk from '@aws-sdk/client-ssm'
import type { EmulatorContext } from '../../service.ts'
import { behaviours } from './behaviours.ts'
import type { Ssm } from './contract.ts'
import { createOperations } from './operations.ts'
import { createDataSourceTypes, createEphemeralTypes, createResourceTypes } from './resources.ts'
import { createState } from './state.ts'

export function createSsm(context: EmulatorContext): Ssm {
  const parameters = createState(context)
  return {
    name: 'ssm',
    behaviours,
    resourceTypes: createResourceTypes(parameters, `arn:aws:iam::${context.accountId}:root`),
    dataSourceTypes: createDataSourceTypes(parameters),
    ephemeralTypes: createEphemeralTypes(parameters),
    api: { signingName: 'ssm', protocol: 'json-1.1', sdk, operations: createOperations(parameters) },
    parameter: (nameOrArn) => parameters.get(nameOrArn)?.versions.at(-1)?.value,
  }
}
