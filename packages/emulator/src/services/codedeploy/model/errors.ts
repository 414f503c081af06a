/**
 * CodeDeploy's errors on the wire. Codes are those of its API model; messages are AWS's where they are known.
 * https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeployment.html#API_CreateDeployment_Errors
 */
import { AwsError } from '../../../aws-error.ts'

export const applicationNameRequired = () =>
  new AwsError('ApplicationNameRequiredException', 'Application name is required')
export const applicationDoesNotExist = (name: string) =>
  new AwsError('ApplicationDoesNotExistException', `No application found for name: ${name}`)
export const applicationAlreadyExists = (name: string) =>
  new AwsError('ApplicationAlreadyExistsException', `Application already exists: ${name}`)
export const invalidComputePlatform = (message: string) =>
  new AwsError('InvalidComputePlatformException', message)
export const deploymentGroupNameRequired = () =>
  new AwsError('DeploymentGroupNameRequiredException', 'Deployment group name is required')
export const deploymentGroupDoesNotExist = (name: string) =>
  new AwsError('DeploymentGroupDoesNotExistException', `No Deployment Group found for name: ${name}`)
export const deploymentGroupAlreadyExists = (name: string) =>
  new AwsError('DeploymentGroupAlreadyExistsException', `Deployment group name already exists: ${name}`)
export const deploymentConfigNameRequired = () =>
  new AwsError('DeploymentConfigNameRequiredException', 'Deployment configuration name is required')
export const deploymentConfigDoesNotExist = (name: string) =>
  new AwsError('DeploymentConfigDoesNotExistException', `No Deployment Config found for name: ${name}`)
export const deploymentConfigAlreadyExists = (name: string) =>
  new AwsError('DeploymentConfigAlreadyExistsException', `Deployment config already exists: ${name}`)
export const deploymentConfigInUse = (name: string) =>
  new AwsError('DeploymentConfigInUseException', `Deployment config ${name} is in use`)
export const invalidOperation = (message: string) => new AwsError('InvalidOperationException', message)
export const invalidTrafficRouting = (message: string) =>
  new AwsError('InvalidTrafficRoutingConfigurationException', message)
export const deploymentIdRequired = () =>
  new AwsError('DeploymentIdRequiredException', 'Deployment id is required')
export const deploymentDoesNotExist = (id: string) =>
  new AwsError('DeploymentDoesNotExistException', `The deployment ${id} could not be found`)
export const deploymentLimitExceeded = (group: string, active: string) =>
  new AwsError(
    'DeploymentLimitExceededException',
    `The Deployment Group '${group}' already has an active Deployment '${active}'`,
  )
export const deploymentAlreadyCompleted = (id: string) =>
  new AwsError('DeploymentAlreadyCompletedException', `Deployment ${id} is already completed`)
export const deploymentIsNotInReadyState = (id: string) =>
  new AwsError('DeploymentIsNotInReadyStateException', `Deployment ${id} is not in a wait state`)
export const invalidWaitType = (type: string | undefined) =>
  new AwsError('InvalidDeploymentWaitTypeException', `The wait type ${type} is invalid`)
export const revisionRequired = () =>
  new AwsError('RevisionRequiredException', 'RevisionLocation must be specified')
export const invalidRevision = (message: string) => new AwsError('InvalidRevisionException', message)
export const targetDoesNotExist = (id: string) =>
  new AwsError('DeploymentTargetDoesNotExistException', `The deployment target ${id} does not exist`)
export const targetIdRequired = () =>
  new AwsError('DeploymentTargetIdRequiredException', 'A deployment target id is required')
export const batchLimitExceeded = (limit: number) =>
  new AwsError('BatchLimitExceededException', `The maximum number of names or ids is ${limit}`)
export const invalidHookExecutionId = () =>
  new AwsError(
    'InvalidLifecycleEventHookExecutionIdException',
    'The lifecycle event hook execution id is invalid',
  )
export const invalidHookStatus = () =>
  new AwsError(
    'InvalidLifecycleEventHookExecutionStatusException',
    'The lifecycle event hook execution status must be Succeeded or Failed',
  )
export const lifecycleEventAlreadyCompleted = () =>
  new AwsError('LifecycleEventAlreadyCompletedException', 'The lifecycle event has already completed')
export const invalidEcsService = (message: string) => new AwsError('InvalidECSServiceException', message)
export const ecsServiceMappingLimitExceeded = (service: string) =>
  new AwsError(
    'ECSServiceMappingLimitExceededException',
    `The Amazon ECS service ${service} is associated with another deployment group`,
  )
export const invalidDeploymentStyle = (message: string) =>
  new AwsError('InvalidDeploymentStyleException', message)
export const invalidBlueGreen = (message: string) =>
  new AwsError('InvalidBlueGreenDeploymentConfigurationException', message)
export const invalidTargetGroupPair = (message: string) =>
  new AwsError('InvalidTargetGroupPairException', message)
export const invalidLoadBalancerInfo = (message: string) =>
  new AwsError('InvalidLoadBalancerInfoException', message)
export const invalidAutoRollback = (message: string) =>
  new AwsError('InvalidAutoRollbackConfigException', message)
export const invalidAlarmConfig = (message: string) => new AwsError('InvalidAlarmConfigException', message)
export const alarmsLimitExceeded = () =>
  new AwsError(
    'AlarmsLimitExceededException',
    'The maximum number of alarms for a deployment group (10) was exceeded',
  )
export const roleRequired = () => new AwsError('RoleRequiredException', 'A service role ARN is required')
export const invalidNextToken = () => new AwsError('InvalidNextTokenException', 'The next token is invalid')

const error = (code: string, message: string) => new AwsError(`${code}Exception`, message)

export const invalidDeploymentId = (id: string) =>
  error('InvalidDeploymentId', `Specified DeploymentId is not in the valid format: ${id}`)
export const invalidName = (what: 'Application' | 'DeploymentGroup' | 'DeploymentConfig', name: string) =>
  error(`Invalid${what}Name`, `The name is longer than 100 characters: ${name}`)
export const reservedConfigName = (name: string) =>
  error('InvalidDeploymentConfigName', `The prefix CodeDeployDefault. is reserved: ${name}`)
export const instancesNotOfEcs = () =>
  invalidComputePlatform('A deployment to ECS has no instances: ask for its deployment targets')
export const instanceNameRequired = () => error('InstanceNameRequired', 'An instance name is required')
export const instanceNotRegistered = (name: string) =>
  error('InstanceNotRegistered', `The on-premises instance ${name} is not registered`)
export const invalidRegistrationStatus = () =>
  error('InvalidRegistrationStatus', 'The registration status must be Registered or Deregistered')
export const gitHubAccountTokenNameRequired = () =>
  error('GitHubAccountTokenNameRequired', 'A name of a GitHub account connection is required')
export const gitHubAccountTokenDoesNotExist = (name: string) =>
  error('GitHubAccountTokenDoesNotExist', `No GitHub account connection exists with the name ${name}`)
export const revisionDoesNotExist = () =>
  error('RevisionDoesNotExist', 'The revision is not registered with the application')
export const invalidSortBy = () => error('InvalidSortBy', 'The column to sort by is not valid')
export const invalidSortOrder = () => error('InvalidSortOrder', 'The order to sort in is not valid')
export const invalidDeployedStateFilter = () =>
  error('InvalidDeployedStateFilter', 'The filter of deployed revisions is not valid')
export const bucketNameFilterRequired = () =>
  error('BucketNameFilterRequired', 'A prefix of keys needs a bucket')
export const invalidDeploymentStatus = (status: string) =>
  error('InvalidDeploymentStatus', `The deployment status ${status} is not valid`)
export const invalidTimeRange = () =>
  error('InvalidTimeRange', 'The start of the range must be before its end')
export const invalidTargetFilterName = (name: string) =>
  error('InvalidTargetFilterName', `The target filter ${name} is not valid for ECS`)
export const targetListSizeExceeded = (most: number) =>
  error('DeploymentTargetListSizeExceeded', `The maximum number of targets is ${most}`)
export const resourceArnRequired = () => error('ResourceArnRequired', 'A resource ARN is required')
export const invalidArn = (arn: string) => error('InvalidArn', `The ARN is not valid: ${arn}`)
export const arnNotSupported = (arn: string) =>
  error('ArnNotSupported', `The ARN is not one of an application or a deployment group: ${arn}`)
export const tagRequired = () => error('TagRequired', 'At least one tag is required')
export const invalidTagsToAdd = () => error('InvalidTagsToAdd', 'The tags are not valid')
/** Options of deployments to instances. */
export const notForEcs = (code: string, member: string) =>
  error(code, `For Lambda, ECS and Kubernetes deployment, ${member} can not be specified`)

/** CodeDeploy has a separate error for each member that a request must have. */
export function missingMembers(_operation: string, [path = '']: readonly string[]): AwsError | undefined {
  const own: Readonly<Record<string, () => AwsError>> = {
    applicationName: applicationNameRequired,
    deploymentGroupName: deploymentGroupNameRequired,
    currentDeploymentGroupName: deploymentGroupNameRequired,
    deploymentConfigName: deploymentConfigNameRequired,
    deploymentId: deploymentIdRequired,
    deploymentIds: deploymentIdRequired,
    targetId: targetIdRequired,
    targetIds: targetIdRequired,
    revision: revisionRequired,
    revisions: revisionRequired,
    serviceRoleArn: roleRequired,
    applicationNames: applicationNameRequired,
    deploymentGroupNames: deploymentGroupNameRequired,
    instanceName: instanceNameRequired,
    instanceNames: instanceNameRequired,
    ResourceArn: resourceArnRequired,
    Tags: tagRequired,
    TagKeys: tagRequired,
  }
  return own[path]?.()
}
export const invalidTrigger = (message: string) => new AwsError('InvalidTriggerConfigException', message)
export const triggersLimitExceeded = () =>
  new AwsError(
    'TriggerTargetsLimitExceededException',
    'The maximum number of triggers for a deployment group (10) was exceeded',
  )
