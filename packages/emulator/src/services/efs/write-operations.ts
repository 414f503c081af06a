/** EFS's changing operations. https://docs.aws.amazon.com/efs/latest/ug/API_Operations.html */
import { rm } from 'node:fs/promises'
import type * as sdk from '@aws-sdk/client-efs'
import type { Operations } from '../../protocol/operations.ts'
import type { EmulatorContext } from '../../service.ts'
import {
  accessPointNotFound,
  fileSystemAlreadyExists,
  fileSystemInUse,
  fileSystemNotFound,
  mountTargetConflict,
  mountTargetNotFound,
  policyNotFound,
} from './errors.ts'
import type { EfsState, FileSystemRecord, Tags } from './state.ts'
import { accessPointOut, fileSystemOut, mountTargetOut, tagsIn, tagsOut } from './wire.ts'

export function createWriteOperations(context: EmulatorContext, state: EfsState) {
  const { ids } = context
  const { fileSystems, mountTargets, accessPoints } = state
  const find = (id = ''): FileSystemRecord => {
    const record = fileSystems.get(id.split('/').at(-1) ?? id)
    if (record === undefined) throw fileSystemNotFound(id)
    return record
  }
  const change = (id: string | undefined, changes: Partial<FileSystemRecord>): FileSystemRecord => {
    const record = { ...find(id), ...changes }
    fileSystems.put(record.id, record)
    return record
  }
  const mountTarget = (id = '') => {
    const target = mountTargets.get(id)
    if (target === undefined) throw mountTargetNotFound(id)
    return target
  }
  /** The tags of whatever an id names, after `change`. */
  const tagged = (id = '', work: (tags: Tags) => Tags): Tags => {
    const bare = id.split('/').at(-1) ?? id
    const point = accessPoints.get(bare)
    if (point !== undefined) {
      const tags = work(point.tags ?? {})
      accessPoints.put(bare, { ...point, tags })
      return tags
    }
    const { name: _before, ...record } = find(bare)
    const tags = work(record.tags ?? {})
    fileSystems.put(record.id, { ...record, tags, ...(tags.Name === undefined ? {} : { name: tags.Name }) })
    return tags
  }
  return {
    CreateFileSystem(input) {
      const { CreationToken = '' } = input
      const known = fileSystems.values().find(({ creationToken }) => creationToken === CreationToken)
      if (known !== undefined) throw fileSystemAlreadyExists(known.id)
      const record = state.create({
        creationToken: CreationToken,
        encrypted: input.Encrypted ?? false,
        performanceMode: input.PerformanceMode ?? 'generalPurpose',
        throughputMode: input.ThroughputMode ?? 'bursting',
        provisionedThroughput: input.ProvisionedThroughputInMibps,
        kmsKeyId: input.KmsKeyId,
        tags: tagsIn(input.Tags),
      })
      return fileSystemOut(context, state, record)
    },
    UpdateFileSystem({ FileSystemId, ThroughputMode, ProvisionedThroughputInMibps }) {
      const record = change(FileSystemId, {
        ...(ThroughputMode === undefined ? {} : { throughputMode: ThroughputMode }),
        provisionedThroughput: ProvisionedThroughputInMibps,
      })
      return fileSystemOut(context, state, record)
    },
    async DeleteFileSystem({ FileSystemId }) {
      const { id } = find(FileSystemId)
      const used = [...mountTargets.values(), ...accessPoints.values()]
      if (used.some(({ fileSystemId }) => fileSystemId === id)) throw fileSystemInUse(id)
      // The record goes last: a deletion that was cut off is found and finished.
      await rm(state.directory(id), { recursive: true, force: true })
      fileSystems.delete(id)
      return {}
    },
    PutLifecycleConfiguration({ FileSystemId, LifecyclePolicies = [] }) {
      change(FileSystemId, { lifecycle: LifecyclePolicies })
      return { LifecyclePolicies }
    },
    DescribeLifecycleConfiguration: ({ FileSystemId }) => ({
      LifecyclePolicies: [...(find(FileSystemId).lifecycle ?? [])],
    }),
    UpdateFileSystemProtection({ FileSystemId, ReplicationOverwriteProtection = 'ENABLED' }) {
      change(FileSystemId, { replicationOverwrite: ReplicationOverwriteProtection })
      return { ReplicationOverwriteProtection }
    },
    PutFileSystemPolicy({ FileSystemId = '', Policy }) {
      change(FileSystemId, { policy: Policy })
      return { FileSystemId, Policy }
    },
    DescribeFileSystemPolicy({ FileSystemId = '' }) {
      const { policy } = find(FileSystemId)
      if (policy === undefined) throw policyNotFound(FileSystemId)
      return { FileSystemId, Policy: policy }
    },
    DeleteFileSystemPolicy({ FileSystemId }) {
      change(FileSystemId, { policy: undefined })
      return {}
    },
    PutBackupPolicy({ FileSystemId, BackupPolicy }) {
      change(FileSystemId, { backup: BackupPolicy?.Status ?? 'DISABLED' })
      return { BackupPolicy: { Status: BackupPolicy?.Status } }
    },
    DescribeBackupPolicy: ({ FileSystemId }) => ({
      BackupPolicy: { Status: (find(FileSystemId).backup ?? 'DISABLED') as sdk.Status },
    }),
    CreateMountTarget({ FileSystemId, SubnetId = '', IpAddress, SecurityGroups = [] }) {
      const { id: fileSystemId } = find(FileSystemId)
      const own = mountTargets.values().filter((target) => target.fileSystemId === fileSystemId)
      if (own.some(({ subnetId }) => subnetId === SubnetId)) throw mountTargetConflict(SubnetId)
      const target = {
        id: ids.hex('fsmt-', 17),
        fileSystemId,
        subnetId: SubnetId,
        networkInterfaceId: ids.hex('eni-', 17),
        ipAddress: IpAddress ?? '127.0.0.1',
        securityGroups: SecurityGroups,
      }
      mountTargets.put(target.id, target)
      return mountTargetOut(context, target)
    },
    DeleteMountTarget({ MountTargetId }) {
      mountTargets.delete(mountTarget(MountTargetId).id)
      return {}
    },
    DescribeMountTargetSecurityGroups: ({ MountTargetId }) => ({
      SecurityGroups: [...(mountTarget(MountTargetId).securityGroups ?? [])],
    }),
    ModifyMountTargetSecurityGroups({ MountTargetId, SecurityGroups = [] }) {
      const target = mountTarget(MountTargetId)
      mountTargets.put(target.id, { ...target, securityGroups: SecurityGroups })
      return {}
    },
    CreateAccessPoint({ ClientToken, FileSystemId, PosixUser, RootDirectory, Tags }) {
      const { id: fileSystemId } = find(FileSystemId)
      const again = accessPoints
        .values()
        .find((point) => point.fileSystemId === fileSystemId && point.clientToken === ClientToken)
      if (again !== undefined && ClientToken !== undefined) return accessPointOut(context, again)
      const id = ids.hex('fsap-', 17)
      const record = {
        id,
        arn: state.arn(`access-point/${id}`),
        fileSystemId,
        path: RootDirectory?.Path ?? '/',
        posixUser: PosixUser,
        creationInfo: RootDirectory?.CreationInfo,
        clientToken: ClientToken,
        tags: tagsIn(Tags),
      }
      accessPoints.put(id, record)
      return accessPointOut(context, record)
    },
    DeleteAccessPoint({ AccessPointId = '' }) {
      if (!accessPoints.delete(AccessPointId)) throw accessPointNotFound(AccessPointId)
      return {}
    },
    TagResource({ ResourceId, Tags }) {
      tagged(ResourceId, (tags) => ({ ...tags, ...tagsIn(Tags) }))
      return {}
    },
    UntagResource({ ResourceId, TagKeys = [] }) {
      tagged(ResourceId, (tags) =>
        Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key))),
      )
      return {}
    },
    ListTagsForResource: ({ ResourceId }) => ({ Tags: tagsOut(tagged(ResourceId, (tags) => tags)) }),
  } satisfies Operations<typeof sdk>
}
