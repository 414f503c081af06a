/**
 * Relational Database Service: each instance is a real PostgreSQL server on this machine, reached under its AWS
 * name, with TLS from the emulator's authority.
 *
 * What AWS documents and the emulator does otherwise or not yet: behaviours.ts.
 */
import * as sdk from '@aws-sdk/client-rds'
import type { EmulatorContext, Service } from '../../service.ts'
import type { CloudWatch } from '../cloudwatch/contract.ts'
import type { SecretsManager } from '../secretsmanager/contract.ts'
import { behaviours } from './behaviours.ts'
import { createGroupOperations } from './group-operations.ts'
import { createInstanceOperations } from './instance-operations.ts'
import { instanceType } from './instance-resource.ts'
import { createInstances } from './instances.ts'
import { measureInstances } from './metrics.ts'
import { createOperations } from './operations.ts'
import { createResourceTypes } from './resources.ts'
import { createState } from './state.ts'

export interface RdsDependencies {
  readonly secretsManager: SecretsManager
  readonly cloudWatch: Pick<CloudWatch, 'record'>
}

export function createRds(
  context: EmulatorContext,
  { secretsManager, cloudWatch }: RdsDependencies,
): Service {
  const state = createState(context)
  const instances = createInstances(context, state, secretsManager)
  let endMeasuring = () => {}
  return {
    name: 'rds',
    behaviours,
    resourceTypes: createResourceTypes(context, state, instances),
    api: {
      signingName: 'rds',
      protocol: 'query',
      sdk,
      operations: {
        ...createOperations(state, instances),
        ...createGroupOperations(state, instances),
        ...createInstanceOperations(context, state, instances, instanceType(state, instances)),
      },
    },
    async start() {
      await instances.startAll()
      endMeasuring = measureInstances(context, state, cloudWatch)
    },
    async stop() {
      endMeasuring()
      await instances.stopAll()
    },
  }
}
