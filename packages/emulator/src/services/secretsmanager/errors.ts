/** https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html#API_GetSecretValue_Errors */
import { AwsError } from '../../aws-error.ts'

export const secretNotFound = () =>
  new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.")
export const valueNotFound = (what: string) =>
  new AwsError(
    'ResourceNotFoundException',
    `Secrets Manager can't find the specified secret value for ${what}`,
  )
export const secretExists = (name: string) =>
  new AwsError('ResourceExistsException', `The operation failed because the secret ${name} already exists.`)
export const versionExists = (versionId: string) =>
  new AwsError(
    'ResourceExistsException',
    `A version with the ID ${versionId} already exists and has another value.`,
  )
export const secretDeleted = () =>
  new AwsError(
    'InvalidRequestException',
    "You can't perform this operation on the secret because it was marked for deletion.",
  )
export const nameScheduledForDeletion = () =>
  new AwsError(
    'InvalidRequestException',
    "You can't create this secret because a secret with this name is already scheduled for deletion.",
  )
export const invalidParameter = (message: string) => new AwsError('InvalidParameterException', message)
export const invalidRequest = (message: string) => new AwsError('InvalidRequestException', message)
export const invalidNextToken = () =>
  new AwsError('InvalidNextTokenException', 'The NextToken value is invalid.')
