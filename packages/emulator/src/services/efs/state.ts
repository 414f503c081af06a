/** What EFS keeps: file systems, mount targets, access points, and the directory behind each file system. */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { CreationInfo, LifecyclePolicy, PosixUser } from '@aws-sdk/client-efs'
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
  readonly kmsKeyId?: string | undefined
  readonly provisionedThroughput?: number | undefined
  readonly tags?: Tags
  /** What is kept and changes nothing here, in the API's shapes. */
  readonly lifecycle?: readonly LifecyclePolicy[]
  readonly replicationOverwrite?: string
  readonly policy?: string | undefined
  readonly backup?: string
}

export type Tags = Readonly<Record<string, string>>

export interface MountTargetRecord {
  readonly id: string
  readonly fileSystemId: string
  readonly subnetId: string
  readonly networkInterfaceId: string
  readonly ipAddress: string
  readonly securityGroups?: readonly string[]
}

export interface AccessPointRecord {
  readonly id: string
  readonly arn: string
  readonly fileSystemId: string
  /** Within the file system, absolute. */
  readonly path: string
  readonly posixUser?: PosixUser | undefined
  readonly creationInfo?: CreationInfo | undefined
  readonly clientToken?: string | undefined
  readonly tags?: Tags
}

export interface EfsState {
  readonly fileSystems: Collection<FileSystemRecord>
  readonly mountTargets: Collection<MountTargetRecord>
  readonly accessPoints: Collection<AccessPointRecord>
  arn(resource: string): string
  dnsName(fileSystemId: string): string
  /** The file system's root on this machine. */
  directory(fileSystemId: string): string
  /** Adds a file system and its directory. */
  create(given: Omit<FileSystemRecord, 'id' | 'arn' | 'createdAt' | 'name'>): FileSystemRecord
}

export function createState(context: EmulatorContext): EfsState {
  const collection = <T>(noun: string) => context.store.collection<T>(`efs.${noun}`)
  const fileSystems = collection<FileSystemRecord>('file-systems')
  const arn = (resource: string) =>
    `arn:aws:elasticfilesystem:${context.region}:${context.accountId}:${resource}`
  const directory = (fileSystemId: string) => join(context.stateDir, 'efs', fileSystemId)
  return {
    fileSystems,
    create(given) {
      const id = context.ids.hex('fs-', 17)
      mkdirSync(directory(id), { recursive: true })
      const name = given.tags?.Name
      const record: FileSystemRecord = {
        ...given,
        id,
        arn: arn(`file-system/${id}`),
        createdAt: context.clock.now(),
        ...(name === undefined ? {} : { name }),
      }
      fileSystems.put(id, record)
      return record
    },
    mountTargets: collection('mount-targets'),
    accessPoints: collection('access-points'),
    arn,
    dnsName: (fileSystemId) => `${fileSystemId}.efs.${context.region}.amazonaws.com`,
    directory,
  }
}
