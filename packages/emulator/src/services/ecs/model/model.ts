/**
 * What ECS keeps, as plain documents, and the rules over them that need no effect: how many tasks a task set
 * should have, when it is steady, how long to wait before another try.
 */
import type {
  TaskOverride as ApiOverrides,
  ClusterConfiguration,
  Container,
  ContainerDefinition,
  RegisterTaskDefinitionCommandInput,
  Tag,
} from '@aws-sdk/client-ecs'

export interface ClusterRecord {
  readonly name: string
  readonly arn: string
  readonly status: 'ACTIVE' | 'INACTIVE'
  readonly settings: readonly { readonly name: string; readonly value: string }[]
  readonly capacityProviders: readonly string[]
  readonly defaultCapacityProviderStrategy: readonly CapacityProviderItem[]
  /** For ECS Exec and managed storage: kept, without effect. */
  readonly configuration?: ClusterConfiguration
  readonly tags: readonly Tag[]
}

export interface CapacityProviderItem {
  readonly capacityProvider: string
  readonly weight?: number | undefined
  readonly base?: number | undefined
}

/** A revision: what was registered, and what ECS made of it. */
export interface TaskDefinitionRecord {
  readonly arn: string
  readonly family: string
  readonly revision: number
  readonly status: 'ACTIVE' | 'INACTIVE' | 'DELETE_IN_PROGRESS'
  /** Wall-clock milliseconds. */
  readonly registeredAt: number
  readonly registeredBy: string
  readonly deregisteredAt?: number
  readonly deleteRequestedAt?: number
  readonly input: RegisterTaskDefinitionCommandInput & {
    readonly containerDefinitions: ContainerDefinition[]
  }
}

export interface LoadBalancerAttachment {
  readonly targetGroupArn: string
  readonly containerName: string
  readonly containerPort: number
}

export interface NetworkConfiguration {
  readonly subnets: readonly string[]
  readonly securityGroups: readonly string[]
  readonly assignPublicIp: 'ENABLED' | 'DISABLED'
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentCircuitBreaker.html */
export interface CircuitBreaker {
  readonly enable: boolean
  readonly rollback: boolean
  /** Whether a task that becomes healthy has the failures counted anew; true where it is silent. */
  readonly resetOnHealthyTask?: boolean
  readonly thresholdConfiguration?: {
    readonly type: 'COUNT' | 'BOUNDED_PERCENT' | 'UNBOUNDED_PERCENT'
    readonly value: number
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentAlarms.html */
export interface AlarmSettings {
  readonly alarmNames: readonly string[]
  readonly enable: boolean
  readonly rollback: boolean
}

export interface ServiceRecord {
  readonly arn: string
  readonly name: string
  readonly clusterName: string
  readonly status: 'ACTIVE' | 'DRAINING' | 'INACTIVE'
  readonly controller: 'ECS' | 'CODE_DEPLOY'
  readonly desiredCount: number
  /** Revision of the PRIMARY task set. */
  readonly taskDefinitionArn: string
  readonly loadBalancers: readonly LoadBalancerAttachment[]
  readonly network: NetworkConfiguration | undefined
  readonly gracePeriodSeconds: number
  readonly minimumHealthyPercent: number
  readonly maximumPercent: number
  readonly circuitBreaker: CircuitBreaker
  readonly alarms?: AlarmSettings
  /** The last deployment of the rolling controller that completed: where the circuit breaker rolls back to. */
  readonly lastCompleted?: { readonly id: string; readonly taskDefinitionArn: string }
  readonly launchType: string | undefined
  readonly capacityProviderStrategy: readonly CapacityProviderItem[]
  readonly platformVersion: string
  readonly propagateTags: string
  readonly enableEcsManagedTags: boolean
  readonly enableExecuteCommand: boolean
  readonly tags: readonly Tag[]
  readonly createdAt: number
  readonly createdBy: string
}

/**
 * A task set of a CODE_DEPLOY service, or a deployment of a service under ECS's own rolling controller: the
 * tasks of one revision within a service. AWS gives both the same form of id.
 */
export interface TaskSetRecord {
  readonly id: string
  readonly arn: string
  readonly serviceArn: string
  readonly clusterName: string
  readonly serviceName: string
  readonly status: 'PRIMARY' | 'ACTIVE' | 'DRAINING'
  readonly taskDefinitionArn: string
  readonly loadBalancer: LoadBalancerAttachment | undefined
  readonly network: NetworkConfiguration | undefined
  /** Where the set has its own; otherwise the service's. */
  readonly platformVersion?: string
  readonly capacityProviderStrategy?: readonly CapacityProviderItem[]
  readonly externalId?: string
  readonly startedBy?: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly stabilityStatus: 'STEADY_STATE' | 'STABILIZING'
  readonly stabilityStatusAt: number
  /** Tasks that failed since the set was made, for the circuit breaker. */
  readonly failedTasks: number
  /** Tasks in a row that never reached RUNNING, for the back-off. */
  readonly failedStarts: number
  /** Wall-clock milliseconds: before then the back-off lets no other task start. */
  readonly retryAt?: number
  readonly rolloutState?: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED'
  readonly rolloutStateReason?: string
  /** Names of the alarms that can fail the deployment; absent where it is not watched. */
  readonly alarms?: readonly string[]
  /** Wall-clock milliseconds: since when nothing but the alarms stands between the deployment and its end. */
  readonly bakingSince?: number
  /** Those that failed it. */
  readonly triggeredAlarms?: readonly string[]
  /** By container: what an image's tag meant when the set's first task started. */
  readonly imageDigests?: Readonly<Record<string, string>>
}

export type TaskStatus =
  | 'PROVISIONING'
  | 'PENDING'
  | 'ACTIVATING'
  | 'RUNNING'
  | 'DEACTIVATING'
  | 'STOPPING'
  | 'DEPROVISIONING'
  | 'STOPPED'

export interface TaskRecord {
  readonly id: string
  readonly arn: string
  readonly clusterName: string
  readonly serviceName?: string
  readonly taskSetId?: string
  readonly taskDefinitionArn: string
  readonly group: string
  readonly startedBy?: string
  readonly launchType: string
  readonly lastStatus: TaskStatus
  readonly desiredStatus: 'RUNNING' | 'STOPPED'
  readonly containers: readonly ContainerRecord[]
  readonly overrides: TaskOverrides
  readonly network: NetworkConfiguration | undefined
  /** Where its network interface is; undefined where the network mode has none. */
  readonly subnetId?: string
  readonly availabilityZone?: string
  readonly attachment?: NetworkAttachment
  readonly enableExecuteCommand?: boolean
  readonly tags: readonly Tag[]
  /** Counts the changes, so that a late event is told from a newer one. */
  readonly version?: number
  readonly createdAt: number
  readonly connectivityAt?: number
  readonly pullStartedAt?: number
  readonly pullStoppedAt?: number
  readonly startedAt?: number
  readonly stoppingAt?: number
  readonly executionStoppedAt?: number
  readonly stoppedAt?: number
  readonly stopCode?:
    | 'TaskFailedToStart'
    | 'EssentialContainerExited'
    | 'UserInitiated'
    | 'ServiceSchedulerInitiated'
    | 'TerminationNotice'
  readonly stoppedReason?: string
  readonly address?: string
  /** Whether its application has answered a check, with success or without: it is no longer starting. */
  readonly answered?: boolean
  /** Whether it has been healthy once. */
  readonly wasHealthy?: boolean
  /** Why its service replaces it, as its `stoppedReason`: it failed its checks after the grace period. */
  readonly failedChecks?: string | undefined
  /** Where it is registered at the load balancer. */
  readonly target?: { readonly targetGroupArn: string; readonly id: string; readonly port: number }
}

/** A container as the API shows it, and what only its metadata tells. */
export interface ContainerRecord extends Container {
  readonly times?: {
    readonly startedAt?: number
    readonly finishedAt?: number
    readonly healthSince?: number
  }
  /** How often its restart policy has started it again. */
  readonly restarts?: number
}

/** What becomes known of a container; when it did is noted with it. */
export type ContainerChange = Partial<Omit<ContainerRecord, 'times'>>

/** A task's elastic network interface, by the identifiers that AWS gives it. */
export interface NetworkAttachment {
  readonly id: string
  readonly networkInterfaceId: string
  readonly macAddress: string
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html */
export type TaskOverrides = Readonly<ApiOverrides>

/** Whether the task is neither stopped nor asked to stop. */
export const isLive = (task: TaskRecord): boolean => task.desiredStatus === 'RUNNING'
export const isRunning = (task: TaskRecord): boolean => isLive(task) && task.lastStatus === 'RUNNING'
export const isPending = (task: TaskRecord): boolean => isLive(task) && task.lastStatus !== 'RUNNING'

/** Whether the service rolls back what failed the deployment: its circuit breaker or its alarms. */
export const rollsBack = (service: ServiceRecord, failed: TaskSetRecord): boolean =>
  (failed.triggeredAlarms ? service.alarms : service.circuitBreaker)?.rollback === true

/**
 * The number of tasks that a task set should have: that of its service. It is 0 for a task set that drains, and for
 * the task sets of earlier deployments of the rolling controller.
 */
export function computedDesiredCount(service: ServiceRecord, taskSet: TaskSetRecord): number {
  const replaced = service.controller === 'ECS' && taskSet.status !== 'PRIMARY'
  return replaced || taskSet.status === 'DRAINING' || service.status !== 'ACTIVE' ? 0 : service.desiredCount
}

/**
 * How long the scheduler waits after the n-th task in a row that never reached RUNNING, in AWS's milliseconds:
 * growing, at most 27 minutes.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
 */
export function backOffMs(failedStarts: number): number {
  if (failedStarts === 0) return 0
  return Math.min(27 * 60_000, 10_000 * 2 ** (failedStarts - 1))
}

/**
 * FailedTasks after which the circuit breaker fails a rolling deployment: half of the desired count, 3 to 200, unless
 * it is told otherwise.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
 */
export function circuitBreakerThreshold(
  desiredCount: number,
  { type, value }: NonNullable<CircuitBreaker['thresholdConfiguration']> = {
    type: 'BOUNDED_PERCENT',
    value: 50,
  },
): number {
  if (type === 'COUNT') return value
  const share = Math.ceil((desiredCount * value) / 100)
  return type === 'BOUNDED_PERCENT' ? Math.min(200, Math.max(3, share)) : Math.max(1, share)
}
