/**
 * Elastic File System: a file system is a directory below the emulator's state directory; an access point is a
 * directory within it.
 *
 * What AWS documents and the emulator does otherwise or not yet: behaviours.ts.
 */
import { mkdirSync } from 'node:fs'
import { join, normalize, sep } from 'node:path'
import * as sdk from '@aws-sdk/client-efs'
import type { EmulatorContext } from '../../service.ts'
import { behaviours } from './behaviours.ts'
import type { Efs } from './contract.ts'
import { createOperations } from './operations.ts'
import { createResourceTypes } from './resources.ts'
import { createState } from './state.ts'
import { createWriteOperations } from './write-operations.ts'

export function createEfs(context: EmulatorContext): Efs {
  const state = createState(context)
  return {
    name: 'elasticfilesystem',
    behaviours,
    resourceTypes: createResourceTypes(context, state),
    api: {
      signingName: 'elasticfilesystem',
      protocol: 'rest-json',
      sdk,
      operations: { ...createOperations(context, state), ...createWriteOperations(context, state) },
    },
    directory({ fileSystemId, rootDirectory, accessPointId }) {
      if (!state.fileSystems.has(fileSystemId)) return undefined
      if (!state.mountTargets.values().some((target) => target.fileSystemId === fileSystemId))
        return undefined
      const accessPoint = accessPointId === undefined ? undefined : state.accessPoints.get(accessPointId)
      if (accessPointId !== undefined && accessPoint?.fileSystemId !== fileSystemId) return undefined
      const root = state.directory(fileSystemId)
      // With an access point, its own root counts and `rootDirectory` must be `/`.
      const directory = normalize(join(root, accessPoint?.path ?? rootDirectory ?? '/'))
      if (directory !== root && !directory.startsWith(root + sep)) return undefined
      mkdirSync(directory, { recursive: true })
      return directory.endsWith(sep) ? directory.slice(0, -1) : directory
    },
  }
}
