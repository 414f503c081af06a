/** https://docs.aws.amazon.com/autoscaling/application/APIReference/CommonErrors.html */
import { AwsError } from '../../aws-error.ts'
import type { TargetId } from './model.ts'

const of = ({ serviceNamespace, resourceId, scalableDimension }: TargetId) =>
  `service namespace: ${serviceNamespace}, resource ID: ${resourceId}, scalable dimension: ${scalableDimension}`

export const targetNotFound = (id: TargetId) =>
  new AwsError('ObjectNotFoundException', `No scalable target found for ${of(id)}`)
export const targetNotRegistered = (id: TargetId) =>
  new AwsError('ObjectNotFoundException', `No scalable target registered for ${of(id)}`)
export const policyNotFound = (name: string, id: TargetId) =>
  new AwsError('ObjectNotFoundException', `No scaling policy found named ${name} for ${of(id)}`)
export const actionNotFound = (name: string, id: TargetId) =>
  new AwsError('ObjectNotFoundException', `No scheduled action found named ${name} for ${of(id)}`)
export const invalid = (message: string) => new AwsError('ValidationException', message)
export const invalidNextToken = () => new AwsError('InvalidNextTokenException', 'Invalid NextToken')
