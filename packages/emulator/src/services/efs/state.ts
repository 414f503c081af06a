/** What EFS keeps: file systems, mount targets, access points, and the directory behind each file system. */
import { join } from 'node:path'
import type { EmulatorContext } from '../../service.ts'
import type { Collection } from '../../store.ts'

export interface FileSystemRecord {
  readonly id: string
  readonly arn: string
  readonly creationToken: string
  readonly createdAt: number
  readonly encrypted: boolean
  readonly performanceMode: string
  readonly throughputMode: string
  readonly name?: string
}

export interface MountTargetRecord {
  readonly id: string
  readonly fileSystemId: string
  readonly subnetId: string
  readonly networkInterfaceId: string
  readonly ipAddress: string
}

export interface AccessPointRecord {
  readonly id: string
  readonly arn: string
  readonly fileSystemId: string
  /** Within the file system, absolute. */
  readonly path: string
}

export interface EfsState {
  readonly fileSystems: Collection<FileSystemRecord>
  readonly mountTargets: Collection<MountTargetRecord>
  readonly accessPoints: Collection<AccessPointRecord>
  arn(resource: string): string
  dnsName(fileSystemId: string): string
  /** The file system's root on this machine. */
  directory(fileSystemId: string): string
}

export function createState(context: EmulatorContext): EfsState {
  const collection = <T>(noun: string) => context.store.collection<T>(`efs.${noun}`)
  return {
    fileSystems: collection('file-systems'),
    mountTargets: collection('mount-targets'),
    accessPoints: collection('access-points'),
    arn: (resource) => `arn:aws:elasticfilesystem:${context.region}:${context.accountId}:${resource}`,
    dnsName: (fileSystemId) => `${fileSystemId}.efs.${context.region}.amazonaws.com`,
    directory: (fileSystemId) => join(context.stateDir, 'efs', fileSystemId),
  }
}
