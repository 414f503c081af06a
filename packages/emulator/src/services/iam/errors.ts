/** Errors of IAM: https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html */
import { AwsError } from '../../aws-error.ts'

export const noSuchEntity = (message: string): AwsError => new AwsError('NoSuchEntity', message, 404)

export const deleteConflict = (message: string): AwsError =>
  new AwsError('DeleteConflict', `Cannot delete entity, must ${message}`, 409)
