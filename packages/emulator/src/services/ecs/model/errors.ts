/** ECS's errors by exact code and message. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html */
import { AwsError } from '../../../aws-error.ts'

export const clusterNotFound = () => new AwsError('ClusterNotFoundException', 'Cluster not found.')
export const serviceNotFound = () => new AwsError('ServiceNotFoundException', 'Service not found.')
export const serviceNotActive = () => new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.')
export const invalidParameter = (message: string) => new AwsError('InvalidParameterException', message)
export const emptyList = (what: string) => invalidParameter(`${what} cannot be empty.`)
/** AWS's words for services: `service names can have at most 10 items.` */
export const tooMany = (what: string, most: number) =>
  invalidParameter(`${what} can have at most ${most} items.`)
export const notImplemented = (what: string) =>
  new AwsError('NotImplemented', `The emulator's ECS does not have ${what}.`, 501)
export const clientException = (message: string) => new AwsError('ClientException', message)
export const familyBlank = () => clientException('Family should not be null or blank.')
export const containerListEmpty = () => clientException('Container list cannot be empty.')
export const taskDefinitionNotFound = () => clientException('Unable to describe task definition.')
export const taskDefinitionBlank = () => invalidParameter('Task Definition can not be blank.')
export const taskDefinitionUnknown = () => clientException('TaskDefinition not found.')
export const taskDefinitionInactive = () => clientException('TaskDefinition is inactive')
/** RunTask has another code for it than the operations on services. */
export const taskDefinitionInactiveToRun = () => invalidParameter('TaskDefinition is inactive')
export const taskNotFound = () => invalidParameter('The referenced task was not found.')
export const wrongTaskId = () => invalidParameter('taskId length should be one of [32,36]')
export const serviceExists = () => invalidParameter('Creation of service was not idempotent.')
export const scaledAboveZero = () =>
  invalidParameter('The service cannot be stopped while it is scaled above 0.')
export const clusterContainsServices = () =>
  new AwsError('ClusterContainsServicesException', 'The Cluster cannot be deleted while Services are active.')
export const clusterContainsTasks = () =>
  new AwsError('ClusterContainsTasksException', 'The Cluster cannot be deleted while Tasks are active.')

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html */
export const refusedUnderCodeDeploy = (what: string) =>
  invalidParameter(
    `Unable to update ${what} on services with a CODE_DEPLOY deployment controller. ` +
      'Use AWS CodeDeploy to trigger a new deployment.',
  )

/** Callers handle task sets only under the EXTERNAL controller, which the emulator does not implement. */
export const notExternal = () =>
  invalidParameter('The service is not using the EXTERNAL deployment controller.')

/** ECS checks required members one after the other, and has its own error for some. */
export function missingMembers(_operation: string, [path = '']: readonly string[]): AwsError {
  switch (path) {
    case 'services':
      return emptyList('Services')
    case 'tasks':
      return emptyList('Tasks')
    case 'taskDefinition':
      return taskDefinitionBlank()
    case 'family':
      return familyBlank()
    case 'containerDefinitions':
      return containerListEmpty()
    default:
      return invalidParameter(`${path.charAt(0).toUpperCase()}${path.slice(1)} can not be blank.`)
  }
}
