/** Errors of EC2: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
import { AwsError } from '../../../aws-error.ts'

/** `notFound('InvalidVpcID', 'vpc ID', 'vpc-1')` */
export const notFound = (code: string, what: string, id: string): AwsError =>
  new AwsError(`${code}.NotFound`, `The ${what} '${id}' does not exist`)

export const dependencyViolation = (what: string, id: string, user: string): AwsError =>
  new AwsError(
    'DependencyViolation',
    `The ${what} '${id}' has dependencies and cannot be deleted: ${user} uses it.`,
  )

export const invalidParameter = (message: string): AwsError => new AwsError('InvalidParameterValue', message)

export const missingParameter = (name: string): AwsError =>
  new AwsError('MissingParameter', `The request must contain the parameter ${name}`)

export const duplicateRule = (what: string): AwsError =>
  new AwsError('InvalidPermission.Duplicate', `the specified rule "${what}" already exists`)

export const noSuchRule = (): AwsError =>
  new AwsError('InvalidPermission.NotFound', 'The specified rule does not exist in this security group.')

/** What AWS has and the emulator has not, by its name. */
export const notImplemented = (what: string): AwsError =>
  new AwsError('NotImplemented', `The emulator's network has no ${what}.`, 501)
