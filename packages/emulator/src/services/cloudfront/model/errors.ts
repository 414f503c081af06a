/** Errors of CloudFront and of its KeyValueStore: https://docs.aws.amazon.com/cloudfront/latest/APIReference/CommonErrors.html */
import { AwsError } from '../../../aws-error.ts'

export const noSuchDistribution = () =>
  new AwsError('NoSuchDistribution', 'The specified distribution does not exist.', 404)

export const noSuchInvalidation = () =>
  new AwsError('NoSuchInvalidation', 'The specified invalidation does not exist.', 404)

export const noSuchFunction = () =>
  new AwsError('NoSuchFunctionExists', 'The specified function does not exist.', 404)

export const noSuchVpcOrigin = () =>
  new AwsError('EntityNotFound', 'The specified VPC origin does not exist.', 404)

export const noSuchKeyValueStore = () =>
  new AwsError('EntityNotFound', 'The specified KeyValueStore does not exist.', 404)

export const entityAlreadyExists = (name: string) =>
  new AwsError('EntityAlreadyExists', `An entity with the name ${name} already exists.`, 409)

export const invalidArgument = (message: string) => new AwsError('InvalidArgument', message, 400)

/** KeyValueStore: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions-kvp.html */
export const storeNotFound = (arn: string) =>
  new AwsError('ResourceNotFoundException', `Key value store ${arn} was not found.`, 404)

export const keyNotFound = (key: string) =>
  new AwsError('ResourceNotFoundException', `Key ${key} was not found.`, 404)

/** Another writer was faster, or the ETag is of long ago: read it again and repeat. */
export const etagMismatch = () => new AwsError('ConflictException', 'Pre-Condition failed', 409)

export const invalidKeys = (message: string) => new AwsError('ValidationException', message, 400)

export const storeTooLarge = () =>
  new AwsError('ServiceQuotaExceededException', 'The key value store would exceed 5 MB.', 402)
