/**
 * The documents of ECS as plain data, with pure rules over them: how many tasks a task set should have, how long the
 * back-off lasts, when the circuit breaker opens.
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
  /** For ECS Exec and managed storage: stored without effect. */
  readonly configuration?: ClusterConfiguration
  readonly tags: readonly Tag[]
}

export interface CapacityProviderItem {
  readonly capacityProvider: string
  readonly weight?: number | undefined
  readonly base?: number | undefined
}

/** A revision of a task definition: the registered input, with ECS's defaults. */
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
  /** Whether the count of failed tasks starts from 0 when a task becomes healthy; the default is true. */
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
  /** The last deployment of the rolling controller that completed: the target of a rollback. */
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
 * The tasks of one revision within a service: a task set of a CODE_DEPLOY service, or a deployment of a service under
 * the rolling controller. AWS gives both the same form of id.
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
  /** Absent for a set that has its service's. */
  readonly platformVersion?: string
  readonly capacityProviderStrategy?: readonly CapacityProviderItem[]
  readonly externalId?: string
  readonly startedBy?: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly stabilityStatus: 'STEADY_STATE' | 'STABILIZING'
  readonly stabilityStatusAt: number
  /** Tasks that failed since the set was created, for the circuit breaker. */
  readonly failedTasks: number
  /** Tasks in a row that did not reach RUNNING, for the back-off. */
  readonly failedStarts: number
  /** Wall-clock milliseconds: the back-off allows no start before then. */
  readonly retryAt?: number
  readonly rolloutState?: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED'
  readonly rolloutStateReason?: string
  /** Names of the alarms that watch the deployment; absent where none does. */
  readonly alarms?: readonly string[]
  /** Wall-clock milliseconds: the start of the bake time. */
  readonly bakingSince?: number
  /** The alarms that failed it. */
  readonly triggeredAlarms?: readonly string[]
  /** By container: the digest of its image when the first task of the set started. */
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
  /** The subnet of its network interface; undefined for a network mode without one. */
  readonly subnetId?: string
  readonly availabilityZone?: string
  readonly attachment?: NetworkAttachment
  readonly enableExecuteCommand?: boolean
  readonly tags: readonly Tag[]
  /** The number of changes, which orders the events of a task. */
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
  /** Its registration at the load balancer. */
  readonly target?: { readonly targetGroupArn: string; readonly id: string; readonly port: number }
}

/** A container as the API shows it, with what only the metadata endpoint shows. */
export interface ContainerRecord extends Container {
  readonly times?: {
    readonly startedAt?: number
    readonly finishedAt?: number
    readonly healthSince?: number
  }
  /** The number of restarts by its restart policy. */
  readonly restarts?: number
}

/** A change of a container; its time is stored with it. */
export type ContainerChange = Partial<Omit<ContainerRecord, 'times'>>

/** The elastic network interface of a task, with AWS's form of identifiers. */
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
 * The back-off after the n-th task in a row that did not reach RUNNING, in AWS's milliseconds: it grows to at most 27
 * minutes.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-throttle-logic.html
 */
export function backOffMs(failedStarts: number): number {
  if (failedStarts === 0) return 0
  return Math.min(27 * 60_000, 10_000 * 2 ** (failedStarts - 1))
}

/**
 * The number of failed tasks at which the circuit breaker fails a rolling deployment. The default is half of the
 * desired count, at least 3 and at most 200.
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
