/** EFS's Terraform types. AWS provider's documentation, aws_efs_file_system */
import { rm } from 'node:fs/promises'
import type { LifecyclePolicy } from '@aws-sdk/client-efs'
import type { EmulatorContext } from '../../service.ts'
import {
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
  recordType,
  type Value,
} from '../../terraform/type/resource-type.ts'
import { blocks, firstBlock, number, stringList, stringMap, text } from '../../terraform/type/values.ts'
import type { AccessPointRecord, EfsState, FileSystemRecord } from './state.ts'

const replaced = { forceNew: true }

export function createResourceTypes(context: EmulatorContext, state: EfsState): ResourceType[] {
  return [
    fileSystemType(context, state),
    mountTargetType(context, state),
    accessPointType(context, state),
    recordType({
      type: 'aws_efs_file_system_policy',
      attributes: {
        id: computed(),
        file_system_id: implemented(replaced),
        policy: ignored('policies are not evaluated'),
        bypass_policy_lockout_safety_check: ignored('policies are not evaluated'),
      },
      compute: (planned) => ({ id: planned.file_system_id ?? null }),
      keep: (id, attributes) => change(state, id, { policy: text(attributes?.policy) }),
    }),
    recordType({
      type: 'aws_efs_backup_policy',
      attributes: {
        id: computed(),
        file_system_id: implemented(replaced),
        backup_policy: block({ status: ignored('nothing is backed up') }),
      },
      compute: (planned) => ({ id: planned.file_system_id ?? null }),
      keep: (id, attributes) =>
        change(state, id, { backup: text(firstBlock(attributes?.backup_policy)?.status) ?? 'DISABLED' }),
    }),
  ]
}

/** Changes a file system that is there; one that went before its policy is no mistake. */
function change(state: EfsState, id: string, changes: Partial<FileSystemRecord>): void {
  const record = state.fileSystems.get(id)
  if (record !== undefined) state.fileSystems.put(id, { ...record, ...changes })
}

function fileSystemType(context: EmulatorContext, state: EfsState): ResourceType {
  return {
    type: 'aws_efs_file_system',
    attributes: {
      id: computed(),
      arn: computed(),
      dns_name: computed(),
      owner_id: computed(),
      name: computed(),
      number_of_mount_targets: computed(),
      size_in_bytes: computed(),
      availability_zone_id: computed(),
      availability_zone_name: ignored('there is one machine', { ...replaced, computed: true }),
      creation_token: implemented({ ...replaced, computed: true }),
      encrypted: ignored('files are kept as they are', { ...replaced, computed: true }),
      kms_key_id: ignored('files are kept as they are', { ...replaced, computed: true }),
      performance_mode: ignored('the disk of this machine is used', { ...replaced, computed: true }),
      provisioned_throughput_in_mibps: ignored('the disk of this machine is used'),
      throughput_mode: ignored('the disk of this machine is used', { default: 'bursting' }),
      lifecycle_policy: block({
        transition_to_ia: ignored('there are no storage classes'),
        transition_to_archive: ignored('there are no storage classes'),
        transition_to_primary_storage_class: ignored('there are no storage classes'),
      }),
      protection: block({ replication_overwrite: ignored('there is no replication') }),
      tags: implemented(),
    },
    create(planned) {
      const record = state.create({
        creationToken: String(planned.creation_token ?? context.ids.uuid()),
        encrypted: planned.encrypted === true,
        performanceMode: text(planned.performance_mode) ?? 'generalPurpose',
        ...settingsOf(planned),
      })
      return {
        ...planned,
        id: record.id,
        arn: record.arn,
        dns_name: state.dnsName(record.id),
        owner_id: context.accountId,
        name: record.name ?? '',
        number_of_mount_targets: 0,
        size_in_bytes: [{ value: 0, value_in_ia: 0, value_in_standard: 0 }],
        availability_zone_id: '',
        availability_zone_name: planned.availability_zone_name ?? '',
        creation_token: record.creationToken,
        encrypted: record.encrypted,
        kms_key_id: planned.kms_key_id ?? '',
        performance_mode: record.performanceMode,
      }
    },
    read(prior) {
      const record = state.fileSystems.get(String(prior.id))
      return (
        record && {
          ...prior,
          throughput_mode: record.throughputMode,
          name: record.name ?? '',
          ...(record.tags === undefined ? {} : { tags_all: { ...record.tags } }),
        }
      )
    },
    update(planned, prior) {
      const record = state.fileSystems.get(String(prior.id))
      const attributes = { ...prior, ...planned }
      if (record) state.fileSystems.put(record.id, { ...record, ...settingsOf(attributes) })
      return attributes
    },
    async delete(prior) {
      const id = String(prior.id)
      if (state.mountTargets.values().some((target) => target.fileSystemId === id)) {
        throw new Error(`file system ${id} still has mount targets: delete them first`)
      }
      // The record goes last: a deletion that was cut off is found and finished.
      await rm(state.directory(id), { recursive: true, force: true })
      state.fileSystems.delete(id)
    },
  }
}

function mountTargetType(context: EmulatorContext, state: EfsState): ResourceType {
  return recordType({
    type: 'aws_efs_mount_target',
    attributes: {
      id: computed(),
      file_system_id: implemented(replaced),
      subnet_id: implemented(replaced),
      security_groups: ignored('security groups do not decide yet what is reached', {
        set: true,
        computed: true,
      }),
      ip_address: implemented({ ...replaced, computed: true }),
      ip_address_type: ignored('a directory has no address', { ...replaced, computed: true }),
      ipv6_address: ignored('a directory has no address', { ...replaced, computed: true }),
      file_system_arn: computed(),
      dns_name: computed(),
      mount_target_dns_name: computed(),
      network_interface_id: computed(),
      owner_id: computed(),
      availability_zone_id: computed(),
      availability_zone_name: computed(),
    },
    compute(planned) {
      const fileSystemId = String(planned.file_system_id)
      return {
        id: context.ids.hex('fsmt-', 17),
        file_system_arn: state.arn(`file-system/${fileSystemId}`),
        dns_name: state.dnsName(fileSystemId),
        mount_target_dns_name: state.dnsName(fileSystemId),
        network_interface_id: context.ids.hex('eni-', 17),
        owner_id: context.accountId,
        ip_address: planned.ip_address ?? '127.0.0.1',
        availability_zone_id: '',
        availability_zone_name: '',
        security_groups: planned.security_groups ?? [],
      }
    },
    keep(id, attributes) {
      if (!attributes) return void state.mountTargets.delete(id)
      state.mountTargets.put(id, {
        id,
        fileSystemId: String(attributes.file_system_id),
        subnetId: String(attributes.subnet_id),
        networkInterfaceId: String(attributes.network_interface_id),
        ipAddress: String(attributes.ip_address),
        securityGroups: stringList(attributes.security_groups),
      })
    },
  })
}

function accessPointType(context: EmulatorContext, state: EfsState): ResourceType {
  return recordType({
    type: 'aws_efs_access_point',
    attributes: {
      id: computed(),
      arn: computed(),
      owner_id: computed(),
      file_system_arn: computed(),
      file_system_id: implemented(replaced),
      posix_user: block(
        {
          uid: ignored('tasks run as the emulator’s user'),
          gid: ignored('tasks run as the emulator’s user'),
          secondary_gids: ignored('tasks run as the emulator’s user'),
        },
        { ...replaced, maxItems: 1 },
      ),
      root_directory: block(
        {
          path: implemented({ default: '/' }),
          creation_info: block({
            owner_uid: ignored('tasks run as the emulator’s user'),
            owner_gid: ignored('tasks run as the emulator’s user'),
            permissions: ignored('tasks run as the emulator’s user'),
          }),
        },
        { ...replaced, maxItems: 1 },
      ),
      tags: implemented(),
    },
    compute(planned) {
      const id = context.ids.hex('fsap-', 17)
      return {
        id,
        arn: state.arn(`access-point/${id}`),
        owner_id: context.accountId,
        file_system_arn: state.arn(`file-system/${planned.file_system_id}`),
      }
    },
    keep(id, attributes) {
      if (!attributes) return void state.accessPoints.delete(id)
      state.accessPoints.put(id, {
        id,
        arn: String(attributes.arn),
        fileSystemId: String(attributes.file_system_id),
        path: rootPath(attributes.root_directory),
        tags: stringMap(attributes.tags_all ?? attributes.tags),
        ...ownersOf(attributes),
      })
    },
  })
}

/** Who an access point acts as, and who gets the directory that it makes. */
function ownersOf(attributes: Attributes): Pick<AccessPointRecord, 'posixUser' | 'creationInfo'> {
  const user = firstBlock(attributes.posix_user)
  const info = firstBlock(firstBlock(attributes.root_directory)?.creation_info)
  return {
    posixUser: user && {
      Uid: Number(user.uid),
      Gid: Number(user.gid),
      SecondaryGids: stringList(user.secondary_gids).map(Number),
    },
    creationInfo: info && {
      OwnerUid: Number(info.owner_uid),
      OwnerGid: Number(info.owner_gid),
      Permissions: String(info.permissions),
    },
  }
}

function rootPath(rootDirectory: Value | undefined): string {
  const [root] = Array.isArray(rootDirectory) ? rootDirectory : []
  return root !== null && typeof root === 'object' && !Array.isArray(root) ? String(root.path ?? '/') : '/'
}

/** What of a file system can be changed. */
function settingsOf(attributes: Attributes) {
  const replicationOverwrite = text(firstBlock(attributes.protection)?.replication_overwrite)
  return {
    throughputMode: text(attributes.throughput_mode) ?? 'bursting',
    provisionedThroughput: number(attributes.provisioned_throughput_in_mibps),
    kmsKeyId: text(attributes.kms_key_id),
    tags: stringMap(attributes.tags_all ?? attributes.tags),
    lifecycle: blocks(attributes.lifecycle_policy).map(
      (policy): LifecyclePolicy => ({
        ...(policy.transition_to_ia ? { TransitionToIA: String(policy.transition_to_ia) as never } : {}),
        ...(policy.transition_to_archive
          ? { TransitionToArchive: String(policy.transition_to_archive) as never }
          : {}),
        ...(policy.transition_to_primary_storage_class
          ? { TransitionToPrimaryStorageClass: String(policy.transition_to_primary_storage_class) as never }
          : {}),
      }),
    ),
    ...(replicationOverwrite === undefined ? {} : { replicationOverwrite }),
  }
}
