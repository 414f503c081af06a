/** What ECS offers other services: RunTask, and the task sets of a service under the CODE_DEPLOY controller. */
import type { RunTaskCommandInput } from '@aws-sdk/client-ecs'
import type { Service } from '../../service.ts'

export interface TaskSetNetwork {
  readonly subnets: readonly string[]
  readonly securityGroups: readonly string[]
  readonly assignPublicIp: 'ENABLED' | 'DISABLED'
}

export interface CapacityProviderItem {
  readonly capacityProvider: string
  readonly weight?: number | undefined
  readonly base?: number | undefined
}

export interface TaskSetView {
  /** `ecs-svc/1234567890123456789`. */
  readonly id: string
  readonly arn: string
  readonly status: 'PRIMARY' | 'ACTIVE' | 'DRAINING'
  readonly taskDefinition: string
  readonly targetGroupArn: string | undefined
  readonly desiredCount: number
  readonly runningCount: number
  readonly pendingCount: number
  readonly stabilityStatus: 'STEADY_STATE' | 'STABILIZING'
  readonly externalId?: string
}

export interface Ecs extends Service {
  /** AWS time that the provisioning of a task takes, for the predicted duration of a deployment on AWS. */
  readonly provisioningMs?: number
  /** Wall-clock time in which the application of a task may still start, at any speed. */
  readonly startingMs?: number
  /** RunTask's operation; the ARNs of the tasks. Throws AWS's errors. */
  runTask(input: RunTaskCommandInput): readonly string[]
  /** Undefined without an ACTIVE service of that name. */
  describeService(
    cluster: string,
    service: string,
  ):
    | {
        arn: string
        deploymentController: 'ECS' | 'CODE_DEPLOY'
        desiredCount: number
        taskSets: TaskSetView[]
      }
    | undefined
  /** Whether the family:revision or ARN names an ACTIVE revision that has this container and port. */
  hasContainerPort(taskDefinition: string, containerName: string, containerPort: number): boolean
  taskDefinitionExists(taskDefinition: string): boolean
  /** Creates a replacement task set with 100 % of the service's desired count. */
  createTaskSet(options: {
    cluster: string
    service: string
    taskDefinition: string
    targetGroupArn: string
    containerName: string
    containerPort: number
    /** The deployment's id. */
    externalId: string
    /** The set's own values; an absent one is the service's. */
    platformVersion?: string | undefined
    network?: TaskSetNetwork | undefined
    capacityProviderStrategy?: readonly CapacityProviderItem[] | undefined
  }): TaskSetView
  taskSet(cluster: string, service: string, taskSetId: string): TaskSetView | undefined
  /**
   * Resolves when the set is steady: running = desired, none pending, all healthy. Rejects with the signal's reason,
   * or with ServiceNotActiveException when the set or its service is being deleted and never becomes steady.
   */
  taskSetSteady(cluster: string, service: string, taskSetId: string, signal: AbortSignal): Promise<void>
  setPrimaryTaskSet(cluster: string, service: string, taskSetId: string): void
  /** Drains the targets and stops the tasks of the set; resolves when the set is deleted. */
  deleteTaskSet(cluster: string, service: string, taskSetId: string): Promise<void>
}
