/**
 * Amazon VPC and EC2, as far as Terraform describes a network with them: records with ids, to which other resources refer.
 * Terraform's types and EC2's API are two doors to the same documents.
 *
 * What AWS documents and the emulator does otherwise or not yet: behaviours.ts.
 */
import type { EmulatorContext } from '../../service.ts'
import { behaviours } from './behaviours.ts'
import type { Ec2 } from './contract.ts'
import { createModel } from './model/model.ts'
import { createOperations } from './operations.ts'
import { createDataSourceTypes, createResourceTypes } from './resources.ts'

export function createEc2(context: EmulatorContext): Ec2 {
  const model = createModel(context)
  const resourceTypes = createResourceTypes(model)
  return {
    name: 'ec2',
    behaviours,
    resourceTypes,
    dataSourceTypes: createDataSourceTypes(model),
    api: {
      signingName: 'ec2',
      protocol: 'ec2',
      version: '2016-11-15',
      // 0.4 s and 90 MB, which an emulator without such calls does not need.
      sdk: () => import('@aws-sdk/client-ec2'),
      operations: createOperations(model, resourceTypes),
    },
    zoneOf(subnetId) {
      const zone = model.state.subnets.get(subnetId)?.availability_zone
      return typeof zone === 'string' ? zone : undefined
    },
  }
}
