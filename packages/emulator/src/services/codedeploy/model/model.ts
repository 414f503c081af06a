/**
 * What CodeDeploy keeps: applications, deployment groups, configurations and deployments, as plain JSON
 * documents. A deployment is written at every life-cycle event and every shift, so after a kill
 * the emulator continues it from there.
 */
import type {
  AlarmConfiguration,
  AutoRollbackConfiguration,
  DeploymentGroupInfo,
  DeploymentStatus,
  ErrorCode,
  LifecycleErrorCode,
  LifecycleEventStatus,
  RevisionLocation,
  TargetStatus,
  TrafficRoutingConfig,
  TriggerConfig,
} from '@aws-sdk/client-codedeploy'
import type { AppSpec, HookName } from './app-spec.ts'

export interface Application {
  readonly id: string
  readonly name: string
  readonly createdAt: number
}

/** Times and last deployments are computed when it is read. */
export type Group = Omit<
  DeploymentGroupInfo,
  'lastSuccessfulDeployment' | 'lastAttemptedDeployment' | 'targetRevision'
> & {
  readonly applicationName: string
  readonly deploymentGroupName: string
  readonly deploymentGroupId: string
  readonly deploymentConfigName: string
}

export interface Configuration {
  readonly id: string
  readonly name: string
  readonly createdAt: number
  readonly routing: TrafficRoutingConfig
}

/** https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html#appspec-hooks-ecs */
export const eventNames = [
  'BeforeInstall',
  'Install',
  'AfterInstall',
  'AllowTestTraffic',
  'AfterAllowTestTraffic',
  'BeforeAllowTraffic',
  'AllowTraffic',
  'AfterAllowTraffic',
] as const
export type EventName = (typeof eventNames)[number]

export interface HookExecution {
  readonly functionName: string
  readonly executionId: string
  /** Kept before it is acknowledged: a hook that has answered is not run again. */
  readonly answer?: 'Succeeded' | 'Failed'
}

export interface LifecycleEvent {
  readonly name: EventName
  readonly status: LifecycleEventStatus
  readonly startedAt?: number
  readonly endedAt?: number
  readonly hook?: HookExecution
  readonly message?: string
  /** Of a hook that failed: how, and the last lines of its function's log. */
  readonly errorCode?: LifecycleErrorCode
  readonly logTail?: string
  /** Waits within this event that AWS decides. */
  readonly awsWaits?: AwsWaits
}

/** How long waits took here, and how long they take on AWS. */
export interface AwsWaits {
  readonly realMs: number
  readonly awsMs: number
}

/** A task set and the target group that it is registered in. */
export interface TaskSetPlacement {
  readonly taskSetId: string
  readonly targetGroupArn: string
  readonly targetGroupName: string
}

/** What the deployment took over from its group when it was created. */
export interface Plan {
  readonly serviceRoleArn?: string
  readonly clusterName: string
  readonly serviceName: string
  readonly targetGroupNames: readonly string[]
  readonly productionListeners: readonly string[]
  readonly testListeners: readonly string[]
  readonly alarms: AlarmConfiguration
  readonly autoRollback: AutoRollbackConfiguration
  readonly readyWaitMinutes: number
  readonly stopWhenUnattended: boolean
  readonly terminationWaitMinutes: number
  readonly routing: TrafficRoutingConfig
  readonly triggers?: readonly TriggerConfig[]
}

export interface Deployment {
  readonly id: string
  readonly applicationName: string
  readonly deploymentGroupName: string
  readonly deploymentGroupId: string
  readonly deploymentConfigName: string
  readonly creator: 'user' | 'codeDeployRollback'
  readonly description?: string
  readonly revision: RevisionLocation
  readonly previousRevision?: RevisionLocation
  readonly overrideAlarmConfiguration?: AlarmConfiguration
  readonly plan: Plan
  /** Undefined until the revision was read, and for rollbacks. */
  readonly appSpec?: AppSpec
  readonly status: DeploymentStatus
  readonly createdAt: number
  readonly startedAt?: number
  readonly completedAt?: number
  readonly updatedAt: number
  readonly error?: { readonly code: ErrorCode; readonly message: string }
  readonly rollback?: {
    readonly deploymentId?: string
    readonly triggeringDeploymentId?: string
    readonly message: string
  }
  readonly events: readonly LifecycleEvent[]
  /** The blue side, which has the traffic when the deployment starts. */
  readonly original?: TaskSetPlacement
  /** The green side, which the deployment creates. */
  readonly replacement?: TaskSetPlacement
  /** Share of production traffic that the replacement has. */
  readonly replacementWeight: number
  /** How far AllowTraffic has come: number of steps of the shift that are done. */
  readonly shiftedSteps: number
  readonly readyDeadline?: number
  /** The ready wait ended by ContinueDeployment or was not asked for. */
  readonly ready: boolean
  readonly terminationDeadline?: number
  /** StopDeployment was acknowledged; whether it asked for a rollback, where it said so. */
  readonly stop?: { readonly rollback?: boolean }
  /** Waits that AWS decides, all of them. */
  readonly awsWaits: AwsWaits
}

export const isOver = (deployment: Deployment): boolean =>
  ['Succeeded', 'Failed', 'Stopped'].includes(deployment.status)

/** A target's id on ECS: `<cluster>:<service>`. */
export const targetIdOf = (deployment: Deployment): string =>
  `${deployment.plan.clusterName}:${deployment.plan.serviceName}`

export function targetStatusOf(deployment: Deployment): TargetStatus {
  if (deployment.status === 'Created' || deployment.status === 'Queued') return 'Pending'
  if (deployment.status === 'Succeeded' || deployment.status === 'Ready') return deployment.status
  return isOver(deployment) ? 'Failed' : 'InProgress'
}

export const newEvents = (names: readonly EventName[]): LifecycleEvent[] =>
  names.map((name) => ({ name, status: 'Pending' }))

export const hookOf = (appSpec: AppSpec | undefined, name: EventName): string | undefined =>
  appSpec?.hooks[name as HookName]
