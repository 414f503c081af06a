/** Errors of KMS: https://docs.aws.amazon.com/kms/latest/APIReference/API_DescribeKey.html#API_DescribeKey_Errors */
import { AwsError } from '../../aws-error.ts'

export const keyNotFound = (arn: string) =>
  new AwsError(
    'NotFoundException',
    arn.includes(':alias/') ? `Alias ${arn} is not found.` : `Key '${arn}' does not exist`,
  )

export const aliasExists = (arn: string) =>
  new AwsError('AlreadyExistsException', `An alias with the name ${arn} already exists`)

export const invalidAlias = (name: string) =>
  new AwsError(
    'InvalidAliasNameException',
    `${name} is no name of an alias: it begins with alias/, not with alias/aws/, and has letters, digits, /, _ and -.`,
  )

export const keyPendingDeletion = (arn: string) =>
  new AwsError('KMSInvalidStateException', `${arn} is pending deletion.`)

export const notPendingDeletion = (arn: string) =>
  new AwsError('KMSInvalidStateException', `${arn} is not pending deletion.`)

export const disabledKey = (arn: string) => new AwsError('DisabledException', `${arn} is disabled.`)

export const malformedPolicy = () =>
  new AwsError(
    'MalformedPolicyDocumentException',
    'The policy is no policy document: it must be JSON with statements.',
  )

/** https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html#prevent-unmanageable-key */
export const unmanageableKey = () =>
  new AwsError(
    'MalformedPolicyDocumentException',
    'The new key policy will not allow you to update the key policy in the future.',
  )

export const unsupported = (what: string) =>
  new AwsError('UnsupportedOperationException', `The emulator does not rehearse ${what}.`)

export const invalidDays = (what: string, from: number, to: number) =>
  new AwsError('ValidationException', `${what} must be from ${from} to ${to} days.`)

export const invalidMarker = () => new AwsError('InvalidMarkerException', 'The marker is not valid.')
