/**
 * The directories behind the mount points of a container: of a file system, or of the task. The containers of a task
 * share its directories, and they are deleted with the task.
 */
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { Mount } from '../../../runtime/index.ts'
import type { EcsDependencies } from '../model/dependencies.ts'
import type { TaskDefinitionRecord } from '../model/model.ts'
import { resourceInitialization } from './start-error.ts'

/**
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
 */
export function containerMounts(
  dependencies: EcsDependencies,
  definition: TaskDefinitionRecord,
  container: ContainerDefinition,
  taskDirectory: string,
): Mount[] {
  return (container.mountPoints ?? []).map(({ sourceVolume = '', containerPath = '', readOnly }) => {
    const access = readOnly ? { readOnly } : {}
    const volume = definition.input.volumes?.find(({ name }) => name === sourceVolume)
    const efs = volume?.efsVolumeConfiguration
    if (!efs) {
      const directory = join(taskDirectory, sourceVolume)
      mkdirSync(directory, { recursive: true })
      return { containerPath, directory, ...access }
    }
    const directory = dependencies.efs?.directory({
      fileSystemId: efs.fileSystemId ?? '',
      rootDirectory: efs.rootDirectory,
      accessPointId: efs.authorizationConfig?.accessPointId,
    })
    if (directory === undefined) {
      throw resourceInitialization(
        `failed to invoke EFS utils commands to set up EFS volumes: stderr: Failed to resolve "${efs.fileSystemId}": ` +
          'check that the file system, its access point and a mount target exist : unsuccessful EFS utils command execution',
      )
    }
    return { containerPath, directory, ...access }
  })
}
