/**
 * Whether a running task is healthy, by the health checks of its containers and of its target group.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html
 */
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { Clock } from '../../../clock.ts'
import type { Elbv2 } from '../../elbv2/contract.ts'
import { isRunning, type TaskRecord } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'
import { targetHealth } from './target.ts'
import { taskHealth } from './view.ts'

/** How long an application may take to start: two failed checks at the default interval of 30 s. */
export const startingMs = 60_000

/** A failed check, in AWS's words. */
export interface CheckFailure {
  readonly event: string
  readonly stoppedReason: string
}

/** The check that fails now; undefined where none does. */
export function checkFailure(state: EcsState, elbv2: Elbv2, task: TaskRecord): CheckFailure | undefined {
  if (taskHealth(definitionsOf(state, task), task.containers) === 'UNHEALTHY') {
    return {
      event: `(task ${task.id}) failed container health checks.`,
      stoppedReason: 'Task failed container health checks',
    }
  }
  const health = targetHealth(elbv2, task)
  if (!task.target || health?.state !== 'unhealthy') return undefined
  const { targetGroupArn, port } = task.target
  return {
    event:
      `(task ${task.id}) (port ${port}) is unhealthy in (target-group ${targetGroupArn}) due to ` +
      `(reason ${health.description ?? health.reason ?? 'Health checks failed'})`,
    stoppedReason: `Task failed ELB health checks in (target-group ${targetGroupArn})`,
  }
}

/** Whether the application has answered a check, with success or without: it has started, and AWS's time applies. */
export function hasAnswered(elbv2: Elbv2, task: TaskRecord): boolean {
  if (task.answered) return true
  if (task.containers.some(({ healthStatus }) => healthStatus === 'HEALTHY')) return true
  const health = targetHealth(elbv2, task)
  return health?.state === 'healthy' || health?.reason === 'Target.ResponseCodeMismatch'
}

/**
 * How long, in wall-clock milliseconds after its start, the failed checks of a task do not count. A grace period is
 * AWS's time. While the application starts, the period is not compressed, because no speed makes an application start
 * faster. It then lasts at least as long as AWS's own checks would leave an application that is still starting.
 */
export function graceMs(clock: Clock, gracePeriodSeconds: number, answered: boolean): number {
  const graceMs = gracePeriodSeconds * 1000
  return answered || clock.speed === 1 ? clock.toReal(graceMs) : Math.max(graceMs, startingMs)
}

/** Whether the task counts for a steady state: it runs, and it passes every check. */
export function isHealthy(state: EcsState, elbv2: Elbv2, task: TaskRecord): boolean {
  if (!isRunning(task)) return false
  const definitions = definitionsOf(state, task)
  if (definitions.some(isChecked) && taskHealth(definitions, task.containers) !== 'HEALTHY') return false
  if (!task.target) return true
  const health = targetHealth(elbv2, task)
  // A target group that no rule forwards to is not checked, so it delays nothing.
  return health?.state === 'healthy' || health?.state === 'unused'
}

/** Seconds that a task without any check must run before it counts. */
const UNCHECKED_SECONDS = 40

/**
 * How long, in wall-clock milliseconds, a healthy task must run before it counts towards the minimum healthy percent:
 * 0 where a check exists, otherwise 40 s of AWS's time.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
 */
export function countsAfterMs(state: EcsState, clock: Clock, task: TaskRecord): number {
  if (task.target || definitionsOf(state, task).some(isChecked)) return 0
  return clock.toReal(UNCHECKED_SECONDS * 1000)
}

const definitionsOf = (state: EcsState, task: TaskRecord) =>
  state.findTaskDefinition(task.taskDefinitionArn)?.input.containerDefinitions ?? []

const isChecked = ({ essential, healthCheck }: ContainerDefinition): boolean =>
  essential !== false && healthCheck !== undefined
