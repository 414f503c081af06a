/**
 * Systems Manager's Parameter Store: configuration and the manifest that the release code reads. Parameters,
 * their versions and tags are durable.
 *
 * - By design: a SecureString is kept in plain text in the emulator's store, whose file is the user's own; without
 *   decryption a caller gets something opaque, as on AWS.
 * - Gaps, refused by name: labels of versions, parameter policies, KMS keys, and everything of Systems Manager
 *   that is not the Parameter Store.
 */
import * as sdk from '@aws-sdk/client-ssm'
import type { EmulatorContext } from '../../service.ts'
import type { Ssm } from './contract.ts'
import { createOperations } from './operations.ts'
import { createDataSourceTypes, createEphemeralTypes, createResourceTypes } from './resources.ts'
import { createState } from './state.ts'

export function createSsm(context: EmulatorContext): Ssm {
  const parameters = createState(context)
  return {
    name: 'ssm',
    resourceTypes: createResourceTypes(parameters, `arn:aws:iam::${context.accountId}:root`),
    dataSourceTypes: createDataSourceTypes(parameters),
    ephemeralTypes: createEphemeralTypes(parameters),
    api: { signingName: 'ssm', protocol: 'json-1.1', sdk, operations: createOperations(parameters) },
    parameter: (nameOrArn) => parameters.get(nameOrArn)?.versions.at(-1)?.value,
  }
}
