/** RDS's API as far as a release or an incident needs it. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_Operations.html */
import type * as sdk from '@aws-sdk/client-rds'
import type { Operations } from '../../protocol/operations.ts'
import {
  instanceNotFound,
  invalidState,
  optionGroupNotFound,
  parameterGroupNotFound,
  subnetGroupNotFound,
} from './errors.ts'
import { optionGroupOut, parameterGroupOut, subnetGroupOut } from './group-operations.ts'
import type { Instances } from './instances.ts'
import type { InstanceRecord, RdsState } from './state.ts'

export function createOperations(state: RdsState, instances: Instances) {
  return {
    DescribeDBInstances: (input) => {
      const name = identifierOf(input.DBInstanceIdentifier)
      if (name !== undefined && !state.instances.has(name)) throw instanceNotFound(name)
      return {
        DBInstances: state.instances
          .values()
          .filter(({ identifier }) => name === undefined || identifier === name)
          .map((instance) => instanceView(state, instance)),
      }
    },
    RebootDBInstance: async (input) => {
      if (input.ForceFailover)
        throw invalidState('The emulator has no fail-over: reboot without ForceFailover.')
      return { DBInstance: instanceView(state, await instances.reboot(input.DBInstanceIdentifier ?? '')) }
    },
    DescribeDBSubnetGroups: (input) => {
      const name = input.DBSubnetGroupName
      if (name !== undefined && !state.subnetGroups.has(name)) throw subnetGroupNotFound(name)
      return {
        DBSubnetGroups: state.subnetGroups
          .values()
          .filter((group) => name === undefined || group.name === name)
          .map(subnetGroupOut),
      }
    },
    DescribeDBParameterGroups: (input) => {
      const name = input.DBParameterGroupName
      if (name !== undefined && !state.parameterGroups.has(name)) throw parameterGroupNotFound(name)
      return {
        DBParameterGroups: state.parameterGroups
          .values()
          .filter((group) => name === undefined || group.name === name)
          .map(parameterGroupOut),
      }
    },
    /** Only those that were set: the engine's own defaults are not listed. */
    DescribeDBParameters: (input) => {
      const group = state.parameterGroups.get(input.DBParameterGroupName ?? '')
      if (!group) throw parameterGroupNotFound(input.DBParameterGroupName ?? '')
      return {
        Parameters: group.parameters.map(({ name, value, applyMethod }) => ({
          ParameterName: name,
          ParameterValue: value,
          ApplyMethod: applyMethod as 'immediate',
          Source: 'user',
        })),
      }
    },
    DescribeOptionGroups: (input) => {
      const name = input.OptionGroupName
      if (name !== undefined && !state.optionGroups.has(name)) throw optionGroupNotFound(name)
      return {
        OptionGroupsList: state.optionGroups
          .values()
          .filter((group) => name === undefined || group.name === name)
          .map(optionGroupOut),
      }
    },
  } satisfies Operations<typeof sdk>
}

/** Identifiers are case-insensitive and stored in lower case; an ARN is accepted too. */
export const identifierOf = (nameOrArn: string | undefined) =>
  nameOrArn?.slice(nameOrArn.lastIndexOf(':') + 1).toLowerCase()

export function instanceView(state: RdsState, instance: InstanceRecord): sdk.DBInstance {
  const subnetGroup = state.subnetGroups.get(instance.subnetGroup)
  return {
    DBInstanceIdentifier: instance.identifier,
    DBInstanceArn: instance.arn,
    DbiResourceId: instance.resourceId,
    DBInstanceClass: instance.instanceClass,
    DBInstanceStatus: instance.status,
    Engine: instance.engine,
    EngineVersion: instance.engineVersion,
    MasterUsername: instance.username,
    DBName: instance.dbName,
    Endpoint: { Address: instance.address, Port: instance.port },
    AllocatedStorage: instance.allocatedStorage,
    MaxAllocatedStorage: instance.maxAllocatedStorage,
    InstanceCreateTime: new Date(instance.createdAt),
    BackupRetentionPeriod: instance.backupRetentionPeriod,
    PreferredBackupWindow: instance.backupWindow,
    PreferredMaintenanceWindow: instance.maintenanceWindow,
    VpcSecurityGroups: instance.securityGroups.map((id) => ({ VpcSecurityGroupId: id, Status: 'active' })),
    DBParameterGroups: [{ DBParameterGroupName: instance.parameterGroup, ParameterApplyStatus: 'in-sync' }],
    ...(subnetGroup
      ? {
          DBSubnetGroup: {
            DBSubnetGroupName: subnetGroup.name,
            DBSubnetGroupArn: subnetGroup.arn,
            SubnetGroupStatus: 'Complete',
            Subnets: subnetGroupOut(subnetGroup).Subnets,
          },
        }
      : {}),
    MultiAZ: instance.multiAz,
    PubliclyAccessible: instance.publiclyAccessible,
    StorageType: instance.storageType,
    StorageEncrypted: instance.storageEncrypted,
    CACertificateIdentifier: instance.caCertificateIdentifier,
    DeletionProtection: instance.deletionProtection,
    ...(instance.masterSecretArn === undefined
      ? {}
      : { MasterUserSecret: { SecretArn: instance.masterSecretArn, SecretStatus: 'active' } }),
    TagList: Object.entries(instance.tags).map(([Key, Value]) => ({ Key, Value })),
  }
}
