/** What ECS offers CodeDeploy: the task sets of a service under the CODE_DEPLOY controller. */
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
  /** AWS time that a task's provisioning takes here, for predicting a deployment's duration on AWS. */
  readonly provisioningMs?: number
  /** Wall-clock time in which a task's application may still be starting, at any speed. */
  readonly startingMs?: number
  /** Undefined when there is no such ACTIVE service. */
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
  /** True if the family:revision or ARN names an ACTIVE revision that has this container and port. */
  hasContainerPort(taskDefinition: string, containerName: string, containerPort: number): boolean
  taskDefinitionExists(taskDefinition: string): boolean
  /** Starts a replacement task set at 100 % of the service's desired count. */
  createTaskSet(options: {
    cluster: string
    service: string
    taskDefinition: string
    targetGroupArn: string
    containerName: string
    containerPort: number
    /** The deployment's id. */
    externalId: string
    /** What the set has of its own; the service's where left out. */
    platformVersion?: string | undefined
    network?: TaskSetNetwork | undefined
    capacityProviderStrategy?: readonly CapacityProviderItem[] | undefined
  }): TaskSetView
  taskSet(cluster: string, service: string, taskSetId: string): TaskSetView | undefined
  /**
   * Resolves at STEADY_STATE (running = desired, none pending, all healthy); rejects with the signal's reason, or
   * once the set can never become steady because it or its service is gone.
   */
  taskSetSteady(cluster: string, service: string, taskSetId: string, signal: AbortSignal): Promise<void>
  setPrimaryTaskSet(cluster: string, service: string, taskSetId: string): void
  /** Drains and stops its tasks; resolves when all of them have stopped. */
  deleteTaskSet(cluster: string, service: string, taskSetId: string): Promise<void>
}
