/** https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html#API_PutParameter_Errors */
import { AwsError } from '../../aws-error.ts'

// AWS gives this error without a message.
export const parameterNotFound = (name = '') =>
  new AwsError('ParameterNotFound', name && `Parameter ${name} not found.`)
export const parameterVersionNotFound = (name: string, version: string) =>
  new AwsError('ParameterVersionNotFound', `Systems Manager could not find version ${version} of ${name}.`)
export const parameterAlreadyExists = () =>
  new AwsError(
    'ParameterAlreadyExists',
    'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
  )
export const invalidName = () =>
  new AwsError(
    'ValidationException',
    'Parameter name: can\'t be prefixed with "aws" or "ssm" (case-insensitive). If formed as a path, it can consist of ' +
      'sub-paths divided by slash symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_',
  )
export const hierarchyTooDeep = (levels: number) =>
  new AwsError('HierarchyLevelLimitExceededException', `A hierarchy can have a maximum of ${levels} levels.`)
export const unsupportedType = (type: string | undefined) =>
  type === undefined
    ? new AwsError('ValidationException', 'A parameter type is required when you create a parameter.')
    : new AwsError('UnsupportedParameterType', `The parameter type ${type} is not supported.`)
export const valueTooLong = (tier: string, bytes: number) =>
  new AwsError(
    'ValidationException',
    `${tier} tier parameters support a maximum parameter value of ${bytes} characters. ` +
      'To create a larger parameter value, upgrade the parameter to use the advanced-parameter tier.',
  )
export const wrongPattern = (pattern: string) =>
  new AwsError(
    'ParameterPatternMismatchException',
    `Parameter value, cannot be validated against allowedPattern: ${pattern}`,
  )
export const invalidFilter = (key: string | undefined) =>
  new AwsError('InvalidFilterKey', `The filter key ${key} is not one that this emulator knows.`)
export const invalidNextToken = () => new AwsError('InvalidNextToken', 'The specified token is not valid.')
export const invalidResourceId = (id: string | undefined) =>
  new AwsError(
    'InvalidResourceId',
    `The resource ID ${id} is not valid. Verify that you entered the correct ID.`,
  )
