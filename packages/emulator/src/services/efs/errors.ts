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
