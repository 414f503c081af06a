/** EFS's reading operations. https://docs.aws.amazon.com/efs/latest/ug/API_Operations.html */
import type * as sdk from '@aws-sdk/client-efs'
import type { Operations } from '../../protocol/operations.ts'
import type { EmulatorContext } from '../../service.ts'
import { accessPointNotFound, badRequest, fileSystemNotFound } from './errors.ts'
import type { EfsState } from './state.ts'
import { accessPointOut, fileSystemOut, mountTargetOut } from './wire.ts'

export function createOperations(context: EmulatorContext, state: EfsState) {
  const known = (id: string) => {
    if (!state.fileSystems.has(id)) throw fileSystemNotFound(id)
  }
  return {
    DescribeFileSystems(input) {
      if (input.FileSystemId !== undefined) known(input.FileSystemId)
      return {
        FileSystems: state.fileSystems
          .values()
          .filter(({ id }) => input.FileSystemId === undefined || id === input.FileSystemId)
          .filter(
            ({ creationToken }) => input.CreationToken === undefined || creationToken === input.CreationToken,
          )
          .map((record) => fileSystemOut(context, state, record)),
      }
    },
    DescribeMountTargets(input) {
      if (
        input.FileSystemId === undefined &&
        input.MountTargetId === undefined &&
        input.AccessPointId === undefined
      ) {
        throw badRequest('One of FileSystemId, MountTargetId or AccessPointId must be specified.')
      }
      if (input.FileSystemId !== undefined) known(input.FileSystemId)
      const accessPoint = state.accessPoints.get(input.AccessPointId ?? '')
      const fileSystemId = input.FileSystemId ?? accessPoint?.fileSystemId
      return {
        MountTargets: state.mountTargets
          .values()
          .filter((target) => fileSystemId === undefined || target.fileSystemId === fileSystemId)
          .filter((target) => input.MountTargetId === undefined || target.id === input.MountTargetId)
          .map((target) => mountTargetOut(context, target)),
      }
    },
    DescribeAccessPoints(input) {
      if (input.AccessPointId !== undefined && !state.accessPoints.has(input.AccessPointId)) {
        throw accessPointNotFound(input.AccessPointId)
      }
      return {
        AccessPoints: state.accessPoints
          .values()
          .filter(({ id }) => input.AccessPointId === undefined || id === input.AccessPointId)
          .filter(
            ({ fileSystemId }) => input.FileSystemId === undefined || fileSystemId === input.FileSystemId,
          )
          .map((record) => accessPointOut(context, record)),
      }
    },
  } satisfies Operations<typeof sdk>
}
