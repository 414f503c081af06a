/** EFS's errors by exact code and status. */
import { AwsError } from '../../aws-error.ts'

export const fileSystemNotFound = (id: string) =>
  new AwsError('FileSystemNotFound', `File system '${id}' does not exist.`, 404, {
    ErrorCode: 'FileSystemNotFound',
  })
export const accessPointNotFound = (id: string) =>
  new AwsError('AccessPointNotFound', `Access Point ${id} does not exist.`, 404, {
    ErrorCode: 'AccessPointNotFound',
  })
export const badRequest = (message: string) =>
  new AwsError('BadRequest', message, 400, { ErrorCode: 'BadRequest' })

const conflict = (code: string, message: string, members: Record<string, unknown> = {}) =>
  new AwsError(code, message, 409, { ErrorCode: code, ...members })

export const fileSystemAlreadyExists = (id: string) =>
  conflict('FileSystemAlreadyExists', `File system '${id}' already exists with that creation token.`, {
    FileSystemId: id,
  })
export const fileSystemInUse = (id: string) =>
  conflict('FileSystemInUse', `File system '${id}' still has mount targets or access points.`)
export const mountTargetConflict = (subnet: string) =>
  conflict('MountTargetConflict', `The file system has a mount target in ${subnet} already.`)
export const mountTargetNotFound = (id: string) =>
  new AwsError('MountTargetNotFound', `Mount target '${id}' does not exist.`, 404, {
    ErrorCode: 'MountTargetNotFound',
  })
export const policyNotFound = (id: string) =>
  new AwsError('PolicyNotFound', `File system '${id}' has no policy.`, 404, { ErrorCode: 'PolicyNotFound' })
