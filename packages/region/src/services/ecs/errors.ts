/** ECS's errors by exact code and message. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/CommonErrors.html */
import { AwsError } from '../../protocol/api.ts'

export const clusterNotFound = () => new AwsError('ClusterNotFoundException', 'Cluster not found.')
export const serviceNotFound = () => new AwsError('ServiceNotFoundException', 'Service not found.')
export const serviceNotActive = () => new AwsError('ServiceNotActiveException', 'Service was not ACTIVE.')
export const invalidParameter = (message: string) => new AwsError('InvalidParameterException', message)
export const clientException = (message: string) => new AwsError('ClientException', message)
export const taskDefinitionNotFound = () => clientException('Unable to describe task definition.')
export const taskDefinitionUnknown = () => clientException('TaskDefinition not found.')
export const taskDefinitionInactive = () => clientException('TaskDefinition is inactive')
export const taskNotFound = () => invalidParameter('The referenced task was not found.')
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

/** Only services under the EXTERNAL controller, which the region has not, let callers handle task sets. */
export const notExternal = () =>
  invalidParameter('The service is not using the EXTERNAL deployment controller.')
