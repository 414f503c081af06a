/** Instances through RDS's API, made by the same resource type as Terraform's. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html */
import type * as sdk from '@aws-sdk/client-rds'
import { AwsError } from '../../aws-error.ts'
import type { Operations } from '../../protocol/operations.ts'
import type { EmulatorContext } from '../../service.ts'
import type { ApplyContext, Attributes, ResourceType } from '../../terraform/type/resource-type.ts'
import { instanceNotFound, protectedInstance } from './errors.ts'
import { tagsIn } from './group-operations.ts'
import type { Instances } from './instances.ts'
import { identifierOf, instanceView } from './operations.ts'
import type { InstanceRecord, RdsState } from './state.ts'

export function createInstanceOperations(
  { region, accountId }: EmulatorContext,
  state: RdsState,
  instances: Instances,
  type: ResourceType,
) {
  const context: ApplyContext = {
    address: type.type,
    region,
    accountId,
    folder: '',
    signal: new AbortController().signal,
  }
  const find = (identifier: string | undefined): InstanceRecord => {
    const name = identifierOf(identifier) ?? ''
    const instance = state.instances.get(name)
    if (instance === undefined) throw instanceNotFound(name)
    return instance
  }
  return {
    async CreateDBInstance(input) {
      if (input.DBClusterIdentifier !== undefined)
        throw new AwsError(
          'NotImplemented',
          'The emulator has no clusters: create an instance of its own.',
          501,
        )
      // Answered once the instance is there; its server starts meanwhile, as on AWS.
      const made = await new Promise<Attributes>((resolve, reject) => {
        Promise.resolve(type.create(attributesOf(input), context, resolve)).then(resolve, reject)
      }).catch(asWireError)
      return { DBInstance: instanceView(state, find(String(made.identifier))) }
    },
    async ModifyDBInstance(input) {
      const before = find(input.DBInstanceIdentifier)
      const identifier = input.NewDBInstanceIdentifier?.toLowerCase() ?? before.identifier
      if (identifier !== before.identifier) await instances.rename(before.identifier, identifier)
      const { MasterUserPassword: password } = input
      const changed = await instances.change(identifier, {
        ...changesOf(input),
        ...(password === undefined ? {} : { password }),
      })
      return { DBInstance: instanceView(state, changed) }
    },
    async DeleteDBInstance({ DBInstanceIdentifier, SkipFinalSnapshot, FinalDBSnapshotIdentifier }) {
      const instance = find(DBInstanceIdentifier)
      if (instance.deletionProtection) throw protectedInstance()
      if (!SkipFinalSnapshot && FinalDBSnapshotIdentifier === undefined)
        throw new AwsError(
          'InvalidParameterCombination',
          'FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.',
        )
      const view = instanceView(state, { ...instance, status: 'deleting' })
      await instances.remove(instance.identifier)
      return { DBInstance: view }
    },
  } satisfies Operations<typeof sdk>
}

function attributesOf(input: sdk.CreateDBInstanceCommandInput): Attributes {
  const tags = tagsIn(input.Tags)
  const given: { [name: string]: Attributes[string] | undefined } = {
    identifier: input.DBInstanceIdentifier,
    engine: input.Engine,
    engine_version: input.EngineVersion,
    instance_class: input.DBInstanceClass,
    allocated_storage: input.AllocatedStorage,
    max_allocated_storage: input.MaxAllocatedStorage,
    storage_type: input.StorageType,
    storage_encrypted: input.StorageEncrypted,
    db_name: input.DBName,
    username: input.MasterUsername,
    password: input.MasterUserPassword,
    manage_master_user_password: input.ManageMasterUserPassword,
    port: input.Port,
    multi_az: input.MultiAZ,
    publicly_accessible: input.PubliclyAccessible,
    deletion_protection: input.DeletionProtection,
    backup_retention_period: input.BackupRetentionPeriod ?? 1,
    backup_window: input.PreferredBackupWindow,
    maintenance_window: input.PreferredMaintenanceWindow,
    db_subnet_group_name: input.DBSubnetGroupName,
    parameter_group_name: input.DBParameterGroupName,
    vpc_security_group_ids: input.VpcSecurityGroupIds,
    ca_cert_identifier: input.CACertificateIdentifier,
    tags: { ...tags },
  }
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  )
}

function changesOf(input: sdk.ModifyDBInstanceCommandInput): Partial<InstanceRecord> {
  const given = {
    instanceClass: input.DBInstanceClass,
    allocatedStorage: input.AllocatedStorage,
    maxAllocatedStorage: input.MaxAllocatedStorage,
    storageType: input.StorageType,
    multiAz: input.MultiAZ,
    publiclyAccessible: input.PubliclyAccessible,
    deletionProtection: input.DeletionProtection,
    backupRetentionPeriod: input.BackupRetentionPeriod,
    backupWindow: input.PreferredBackupWindow,
    maintenanceWindow: input.PreferredMaintenanceWindow,
    parameterGroup: input.DBParameterGroupName,
    subnetGroup: input.DBSubnetGroupName,
    securityGroups: input.VpcSecurityGroupIds,
    caCertificateIdentifier: input.CACertificateIdentifier,
    port: input.DBPortNumber,
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

/** What the resource type refuses in words is the request's mistake. */
function asWireError(error: unknown): never {
  if (error instanceof AwsError || !(error instanceof Error)) throw error
  throw new AwsError('InvalidParameterValue', error.message)
}
