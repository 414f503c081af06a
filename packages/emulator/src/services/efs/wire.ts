/** Records as EFS's API shows them. */
import type * as sdk from '@aws-sdk/client-efs'
import type { EmulatorContext } from '../../service.ts'
import type { AccessPointRecord, EfsState, FileSystemRecord, MountTargetRecord, Tags } from './state.ts'

export const tagsOut = (tags: Tags | undefined): sdk.Tag[] =>
  Object.entries(tags ?? {}).map(([Key, Value]) => ({ Key, Value }))

export const tagsIn = (tags: readonly sdk.Tag[] | undefined): Tags =>
  Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))

export function fileSystemOut(
  { accountId }: EmulatorContext,
  { mountTargets }: EfsState,
  record: FileSystemRecord,
) {
  const { id, name, kmsKeyId, provisionedThroughput } = record
  return {
    OwnerId: accountId,
    CreationToken: record.creationToken,
    FileSystemId: id,
    FileSystemArn: record.arn,
    CreationTime: new Date(record.createdAt),
    LifeCycleState: 'available' as const,
    NumberOfMountTargets: mountTargets.values().filter((target) => target.fileSystemId === id).length,
    SizeInBytes: { Value: 0, ValueInIA: 0, ValueInStandard: 0 },
    PerformanceMode: record.performanceMode as sdk.PerformanceMode,
    ThroughputMode: record.throughputMode as sdk.ThroughputMode,
    Encrypted: record.encrypted,
    FileSystemProtection: {
      ReplicationOverwriteProtection: (record.replicationOverwrite ?? 'ENABLED') as 'ENABLED',
    },
    ...(name === undefined ? {} : { Name: name }),
    ...(kmsKeyId === undefined ? {} : { KmsKeyId: kmsKeyId }),
    ...(provisionedThroughput === undefined ? {} : { ProvisionedThroughputInMibps: provisionedThroughput }),
    // One of before tags were kept has its name only.
    Tags: tagsOut(record.tags ?? (name === undefined ? {} : { Name: name })),
  }
}

export function mountTargetOut({ accountId }: EmulatorContext, target: MountTargetRecord) {
  return {
    OwnerId: accountId,
    MountTargetId: target.id,
    FileSystemId: target.fileSystemId,
    SubnetId: target.subnetId,
    LifeCycleState: 'available' as const,
    IpAddress: target.ipAddress,
    NetworkInterfaceId: target.networkInterfaceId,
  }
}

export function accessPointOut({ accountId }: EmulatorContext, record: AccessPointRecord) {
  const { posixUser, creationInfo, tags, clientToken } = record
  return {
    AccessPointId: record.id,
    AccessPointArn: record.arn,
    FileSystemId: record.fileSystemId,
    RootDirectory: { Path: record.path, ...(creationInfo && { CreationInfo: creationInfo }) },
    ...(posixUser && { PosixUser: posixUser }),
    ...(clientToken === undefined ? {} : { ClientToken: clientToken }),
    OwnerId: accountId,
    LifeCycleState: 'available' as const,
    ...(tags?.Name === undefined ? {} : { Name: tags.Name }),
    Tags: tagsOut(tags),
  }
}
