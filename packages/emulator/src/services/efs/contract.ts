/** What EFS offers ECS: the directory behind a volume. */
import type { Service } from '../../service.ts'

export interface Efs extends Service {
  /**
   * The directory of this machine that holds a path of a file system; undefined when the file system or the
   * access point does not exist, or has no mount target.
   */
  directory(options: {
    readonly fileSystemId: string
    readonly rootDirectory?: string | undefined
    readonly accessPointId?: string | undefined
  }): string | undefined
}
