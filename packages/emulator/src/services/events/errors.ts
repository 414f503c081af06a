/** Errors of EventBridge: https://docs.aws.amazon.com/eventbridge/latest/APIReference/CommonErrors.html */
import { AwsError } from '../../aws-error.ts'

export const noSuchRule = (name: string, bus: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Rule ${name} does not exist on EventBus ${bus}.`)

export const noSuchBus = (name: string): AwsError =>
  new AwsError('ResourceNotFoundException', `Event bus ${name} does not exist.`)

export const invalidPattern = (reason: string): AwsError =>
  new AwsError('InvalidEventPatternException', `Event pattern is not valid. Reason: ${reason}`)
