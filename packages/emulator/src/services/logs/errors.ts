/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/CommonErrors.html */
import { AwsError } from '../../aws-error.ts'

export const groupNotFound = () =>
  new AwsError('ResourceNotFoundException', 'The specified log group does not exist.')
export const streamNotFound = () =>
  new AwsError('ResourceNotFoundException', 'The specified log stream does not exist.')
export const groupExists = () =>
  new AwsError('ResourceAlreadyExistsException', 'The specified log group already exists')
export const streamExists = () =>
  new AwsError('ResourceAlreadyExistsException', 'The specified log stream already exists')
export const invalidParameter = (message: string) => new AwsError('InvalidParameterException', message)
export const invalidToken = () => invalidParameter('The specified nextToken is invalid.')
export const patternNotServed = (pattern: string) =>
  new AwsError(
    'NotImplemented',
    `This emulator filters by terms only; it does not have the pattern ${pattern}. AWS has.`,
    501,
  )
