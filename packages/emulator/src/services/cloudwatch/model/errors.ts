/**
 * CloudWatch's errors, by the names of their shapes in its API model.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html#API_PutMetricAlarm_Errors
 */
import { AwsError } from '../../../aws-error.ts'

export const invalidParameterValue = (message: string) =>
  new AwsError('InvalidParameterValueException', message)
export const invalidParameterCombination = (message: string) =>
  new AwsError('InvalidParameterCombinationException', message)
export const missingParameter = (message: string) =>
  new AwsError('MissingRequiredParameterException', message)
export const validationError = (message: string) => new AwsError('ValidationError', message)
export const resourceNotFound = (message: string) => new AwsError('ResourceNotFound', message, 404)
export const resourceNotFoundException = (arn: string | undefined) =>
  new AwsError('ResourceNotFoundException', `Unknown resource: ${arn}`, 404)
export const invalidFormat = () =>
  new AwsError('InvalidFormatFault', 'StateReasonData is not syntactically valid JSON.')
export const invalidNextToken = () => new AwsError('InvalidNextToken', 'The next token is not valid.')
