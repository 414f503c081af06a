/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html#API_Publish_Errors */
import { AwsError } from '../../aws-error.ts'

export const topicNotFound = () => new AwsError('NotFoundException', 'Topic does not exist', 404)
export const subscriptionNotFound = () =>
  new AwsError('NotFoundException', 'Subscription does not exist', 404)
export const resourceNotFound = () =>
  new AwsError('ResourceNotFoundException', 'Resource does not exist', 404)
export const invalidParameter = (message: string) =>
  new AwsError('InvalidParameterException', `Invalid parameter: ${message}`)
export const batchError = (code: string, message: string) => new AwsError(`${code}Exception`, message)
