/** RDS's errors by exact code, message and status. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/CommonErrors.html */
import { AwsError } from '../../aws-error.ts'

export const instanceNotFound = (identifier: string) =>
  new AwsError('DBInstanceNotFound', `DBInstance ${identifier} not found.`, 404)
export const instanceExists = () => new AwsError('DBInstanceAlreadyExists', 'DB instance already exists', 400)
export const protectedInstance = () =>
  new AwsError(
    'InvalidParameterCombination',
    'Cannot delete protected DB Instance, please disable deletion protection and try again.',
  )
export const majorUpgradeNotAllowed = () =>
  new AwsError(
    'InvalidParameterCombination',
    'The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.',
  )
export const subnetGroupNotFound = (name: string) =>
  new AwsError('DBSubnetGroupNotFoundFault', `DB subnet group '${name}' does not exist.`, 404)
export const parameterGroupNotFound = (name: string) =>
  new AwsError('DBParameterGroupNotFound', `DBParameterGroup not found: ${name}`, 404)
export const optionGroupNotFound = (name: string) =>
  new AwsError('OptionGroupNotFoundFault', `Specified OptionGroupName: ${name} not found.`, 404)
export const invalidState = (message: string) => new AwsError('InvalidDBInstanceState', message)
export const groupExists = (code: string, name: string) =>
  new AwsError(code, `A group named ${name} already exists.`)
export const groupInUse = (name: string, user: string) =>
  new AwsError('InvalidDBParameterGroupState', `${name} cannot be deleted: ${user} uses it.`)
