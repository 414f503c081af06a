/** https://docs.aws.amazon.com/STS/latest/APIReference/CommonErrors.html */
import { AwsError } from '../../aws-error.ts'

export const validationError = (message: string) => new AwsError('ValidationError', message)
export const accessDenied = (action: string, resource: string) =>
  new AwsError('AccessDenied', `Not authorized to perform ${action} on ${resource}`, 403)
export const invalidIdentityToken = (message: string) => new AwsError('InvalidIdentityToken', message)
