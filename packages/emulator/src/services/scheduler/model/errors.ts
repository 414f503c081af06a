/** https://docs.aws.amazon.com/scheduler/latest/APIReference/CommonErrors.html */
import { AwsError } from '../../../aws-error.ts'

export const invalid = (message: string) =>
  new AwsError('ValidationException', message, 400, { Message: message })
const conflict = (message: string) => new AwsError('ConflictException', message, 409, { Message: message })
const missing = (message: string) =>
  new AwsError('ResourceNotFoundException', message, 404, { Message: message })

export const scheduleNotFound = (name: string) => missing(`Schedule ${name} does not exist.`)
export const groupNotFound = (name: string) => missing(`Schedule group ${name} does not exist.`)
export const resourceNotFound = (arn: string) => missing(`Resource ${arn} does not exist.`)
export const scheduleExists = (name: string) => conflict(`Schedule ${name} already exists.`)
export const groupExists = (name: string) => conflict(`Schedule group ${name} already exists.`)
export const invalidExpression = (expression: string) => invalid(`Invalid Schedule Expression ${expression}.`)
export const roleNotAssumable = () =>
  invalid('The execution role you provide must allow AWS EventBridge Scheduler to assume the role.')
export const notImplemented = (what: string) =>
  new AwsError('NotImplemented', `The emulator's EventBridge Scheduler does not have ${what}.`, 501)
