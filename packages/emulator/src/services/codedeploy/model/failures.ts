/**
 * Why a deployment does not succeed: one of its life-cycle events fails, or a call, an alarm or a time limit stops
 * it. The codes are those of its error information: https://docs.aws.amazon.com/codedeploy/latest/userguide/error-codes.html
 */
import type {
  AutoRollbackConfiguration,
  AutoRollbackEvent,
  ErrorCode,
  LifecycleErrorCode,
} from '@aws-sdk/client-codedeploy'
import { AwsError } from '../../../aws-error.ts'
import type { AlarmFinding } from '../../traffic-shift/alarm-watch.ts'

/** What the event that failed shows of its cause. */
export interface FailureDiagnostics {
  readonly errorCode: LifecycleErrorCode
  readonly logTail?: string
}

/** A life-cycle event failed. */
export class DeploymentFailure extends Error {
  override name = 'DeploymentFailure'
  readonly code: ErrorCode
  readonly diagnostics: FailureDiagnostics | undefined
  constructor(code: ErrorCode, message: string, diagnostics?: FailureDiagnostics) {
    super(message)
    this.code = code
    this.diagnostics = diagnostics
  }
}

/** The deployment was stopped: by a call, by an alarm, or because no call continued it in time. */
export class DeploymentStop extends Error {
  override name = 'DeploymentStop'
  readonly code: ErrorCode
  /** Whether to roll back, where the call said so; otherwise the configuration decides. */
  readonly rollback: boolean | undefined
  readonly event: AutoRollbackEvent
  constructor(code: ErrorCode, message: string, event: AutoRollbackEvent, rollback?: boolean) {
    super(message)
    this.code = code
    this.event = event
    this.rollback = rollback
  }
}

/** The emulator stops; the deployment continues at its next start. */
export class EmulatorStopping extends Error {
  override name = 'EmulatorStopping'
}

export const rollsBack = (configuration: AutoRollbackConfiguration, event: AutoRollbackEvent): boolean =>
  configuration.enabled === true && (configuration.events ?? []).includes(event)

const alarmsActive = (alarms: readonly string[]) =>
  new DeploymentStop(
    'ALARM_ACTIVE',
    'One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the ' +
      `affected deployments have been stopped. Activated alarms: ${alarms.map((name) => `<${name}>`).join(' ')}`,
    'DEPLOYMENT_STOP_ON_ALARM',
  )

const alarmsUnreadable = (alarms: readonly string[]) =>
  new DeploymentStop(
    'ALARM_ACTIVE',
    `The state of the following alarms could not be retrieved: ${alarms.map((name) => `<${name}>`).join(' ')}`,
    'DEPLOYMENT_STOP_ON_ALARM',
  )

export const stopReasonFromAlarms = ({ kind, names }: AlarmFinding): DeploymentStop =>
  kind === 'in-alarm' ? alarmsActive(names) : alarmsUnreadable(names)

export const stoppedByRequest = (rollback: boolean | undefined) =>
  new DeploymentStop(
    'MANUAL_STOP',
    'The deployment was stopped by a user.',
    'DEPLOYMENT_STOP_ON_REQUEST',
    rollback,
  )

export const readyWaitTimedOut = (minutes: number) =>
  new DeploymentStop(
    'TIMEOUT',
    `The deployment timed out while waiting for a notification to continue. This time out period is ${minutes} minutes.`,
    'DEPLOYMENT_STOP_ON_REQUEST',
  )

export const neverHealthy = () =>
  new DeploymentFailure(
    'TIMEOUT',
    'The deployment timed out while waiting for the replacement task set to become healthy. ' +
      'This time out period is 60 minutes.',
  )

export const neverSteadyAfterScaling = () =>
  new DeploymentFailure(
    'TIMEOUT',
    'The deployment timed out while waiting for the ECS service to reach a steady state after a scaling event. ' +
      'This time out period is 5 minutes.',
  )

/** Its function answered `Failed`, or does not exist. */
export const hookFailed = (diagnostics: FailureDiagnostics) =>
  new DeploymentFailure(
    'HOOK_EXECUTION_FAILURE',
    'The deployment failed because one or more of the lifecycle event validation functions failed.',
    diagnostics,
  )

export const hookUnanswered = (logTail?: string) =>
  new DeploymentFailure(
    'HOOK_EXECUTION_FAILURE',
    'The deployment timed out while waiting for a status callback. CodeDeploy expects a status callback within ' +
      'one hour after a deployment hook is invoked.',
    { errorCode: 'ScriptTimedOut', ...(logTail === undefined ? {} : { logTail }) },
  )

export const serviceInvalid = (service: string) =>
  new DeploymentFailure('INVALID_ECS_SERVICE', `The ECS service ${service} cannot be found.`)

export const ecsUpdateError = (reason: string) =>
  new DeploymentFailure(
    'ECS_UPDATE_ERROR',
    `The ECS service cannot be updated due to the following error: ${reason}`,
  )

export const loadBalancerUpdateError = (reason: string) =>
  new DeploymentFailure(
    'ELASTIC_LOAD_BALANCING_INVALID',
    `The ELB could not be updated due to the following error: ${reason}`,
  )

export const roleMissing = (group: string) =>
  new DeploymentFailure('IAM_ROLE_MISSING', `IAM Role is missing for deployment group: ${group}`)

/** Calls another service, and turns its refusal into the failure that CodeDeploy shows for it. */
export function mapError<T>(work: () => T, failure: (reason: string) => DeploymentFailure): T {
  try {
    return work()
  } catch (error) {
    throw error instanceof AwsError ? failure(error.message) : error
  }
}

/** Anything else than a failure or a stop is a fault of the emulator, and an internal error of the deployment. */
export const toFailure = (reason: unknown): DeploymentFailure | DeploymentStop =>
  reason instanceof DeploymentFailure || reason instanceof DeploymentStop
    ? reason
    : new DeploymentFailure('INTERNAL_ERROR', `There was an internal error: ${String(reason)}`)
