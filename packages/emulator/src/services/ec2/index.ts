/**
 * Amazon VPC, as far as Terraform describes a network with it: records with ids, to which other resources refer.
 *
 * What AWS documents and the emulator does otherwise or not yet: behaviours.ts.
 */
import type { EmulatorContext } from '../../service.ts'
import { behaviours } from './behaviours.ts'
import type { Ec2 } from './contract.ts'
import { createDataSourceTypes, createResourceTypes } from './resources.ts'

export function createEc2(context: EmulatorContext): Ec2 {
  const subnets = context.store.collection<{ availability_zone?: string }>('ec2.subnets')
  return {
    name: 'ec2',
    behaviours,
    resourceTypes: createResourceTypes(context),
    dataSourceTypes: createDataSourceTypes(context),
    zoneOf: (subnetId) => subnets.get(subnetId)?.availability_zone,
  }
}
