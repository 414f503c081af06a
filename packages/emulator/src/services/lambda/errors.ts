/**
 * Lambda's errors on the wire.
 * https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors
 */
import { AwsError } from '../../aws-error.ts'

const of = (code: string, message: string, status: number) =>
  new AwsError(code, message, status, { Type: 'User', Message: message })

export const functionNotFound = (arn: string) =>
  of('ResourceNotFoundException', `Function not found: ${arn}`, 404)
export const aliasNotFound = (arn: string) =>
  of('ResourceNotFoundException', `Cannot find alias arn: ${arn}`, 404)
export const invalidParameterValue = (message: string) => of('InvalidParameterValueException', message, 400)
export const invalidRequestContent = (message: string) => of('InvalidRequestContentException', message, 400)
export const requestTooLarge = (message: string) => of('RequestTooLargeException', message, 413)
export const resourceConflict = (message: string) => of('ResourceConflictException', message, 409)
export const eventInvokeConfigNotFound = (arn: string) =>
  of('ResourceNotFoundException', `The function ${arn} doesn't have an EventInvokeConfig`, 404)
export const notImplemented = (what: string) =>
  new AwsError('NotImplemented', `${what} are not implemented by this emulator`, 501)

export const invalidFunctionName = (name: string) =>
  new AwsError(
    'ValidationException',
    `1 validation error detected: Value '${name.slice(0, 200)}' at 'functionName' failed to satisfy constraint: ` +
      'Member must satisfy regular expression pattern: [a-zA-Z0-9-_]{1,64}',
  )
