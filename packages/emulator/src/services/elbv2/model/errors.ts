/**
 * Elastic Load Balancing's errors, by their exact codes on the wire.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/CommonErrors.html and each operation's page.
 */
import { AwsError } from '../../../aws-error.ts'
import { missingMembersMessage } from '../../../protocol/validation.ts'

export const validationError = (message: string) => new AwsError('ValidationError', message)

/** As the service writes a member that its model requires: `targetGroupArn`, not `TargetGroupArn`. */
export const missingMembers = (_operation: string, paths: readonly string[]) =>
  validationError(
    missingMembersMessage(
      paths.map((path) => path.charAt(0).toLowerCase() + path.slice(1)),
      'Value null',
    ),
  )
export const invalidArn = (arn: string, what: string) =>
  validationError(`'${arn}' is not a valid ${what} ARN`)
export const tooManyDescribed = (what: string, most: number) =>
  validationError(`You cannot describe more than '${most}' ${what} at a time`)

export const loadBalancerNotFound = (name?: string) =>
  new AwsError(
    'LoadBalancerNotFound',
    name === undefined ? 'One or more load balancers not found' : `Load balancers '[${name}]' not found`,
  )
export const targetGroupNotFound = () =>
  new AwsError('TargetGroupNotFound', 'One or more target groups not found')
export const listenerNotFound = () => new AwsError('ListenerNotFound', 'One or more listeners not found')
export const ruleNotFound = () => new AwsError('RuleNotFound', 'One or more rules not found')
export const sslPolicyNotFound = (name: string) =>
  new AwsError('SSLPolicyNotFound', `SSL policy '${name}' not found`)
export const trustStoreNotFound = () =>
  new AwsError('TrustStoreNotFound', 'One or more trust stores not found')
export const resourceNotFound = (arn: string) =>
  new AwsError('ResourceNotFound', `Resource '${arn}' not found`)
export const certificateNotFound = (arn: string) =>
  new AwsError('CertificateNotFound', `Certificate '${arn}' not found`)

export const duplicateLoadBalancer = (name: string) =>
  new AwsError(
    'DuplicateLoadBalancerName',
    `A load balancer with the same name '${name}' exists, but with different settings`,
  )
export const duplicateTargetGroup = (name: string) =>
  new AwsError(
    'DuplicateTargetGroupName',
    `A target group with the same name '${name}' exists, but with different settings`,
  )
export const duplicateListener = (loadBalancerArn: string) =>
  new AwsError(
    'DuplicateListener',
    `A listener already exists on this port for this load balancer '${loadBalancerArn}'`,
  )

export const priorityInUse = (priority: number) =>
  new AwsError('PriorityInUse', `Priority '${priority}' is currently in use`)
export const targetGroupInUse = (arn: string) =>
  new AwsError('ResourceInUse', `Target group '${arn}' is currently in use by a listener or a rule`)
export const targetGroupAssociationLimit = (arn: string) =>
  new AwsError(
    'TargetGroupAssociationLimit',
    `The following target groups cannot be associated with more than one load balancer: ${arn}`,
  )
export const operationNotPermitted = (message: string) => new AwsError('OperationNotPermitted', message)
export const invalidConfiguration = (message: string) => new AwsError('InvalidConfigurationRequest', message)
export const invalidTarget = (message: string) => new AwsError('InvalidTarget', message)
export const invalidAction = (message: string) => new AwsError('InvalidLoadBalancerAction', message)
export const unsupportedProtocol = (message: string) => new AwsError('UnsupportedProtocol', message)
/** An option of an operation that AWS has and the emulator has not. */
export const notImplemented = (what: string) =>
  new AwsError('NotImplemented', `The emulator's load balancer does not have ${what}`, 501)
