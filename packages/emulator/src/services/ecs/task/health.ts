/**
 * Whether a running task is well, by its containers' own checks and by its target group.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/healthcheck.html
 */
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { Clock } from '../../../clock.ts'
import type { Elbv2 } from '../../elbv2/contract.ts'
import { isRunning, type TaskRecord } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'
import { taskHealth } from './view.ts'

/** How long an application may take to start: two failed checks at the default interval of 30 s. */
export const startingMs = 60_000

/** Why a task has to be replaced, in AWS's words; undefined while nothing says so. */
export function unhealthyReason(
  state: EcsState,
  elbv2: Elbv2,
  task: TaskRecord,
): { event: string; stoppedReason: string } | undefined {
  if (taskHealth(definitionsOf(state, task), task.containers) === 'UNHEALTHY') {
    return {
      event: `(task ${task.id}) failed container health checks.`,
      stoppedReason: 'Task failed container health checks',
    }
  }
  if (!task.target) return undefined
  const { targetGroupArn, ...target } = task.target
  const health = elbv2.targetHealth(targetGroupArn, target)
  if (health?.state !== 'unhealthy') return undefined
  return {
    event:
      `(task ${task.id}) (port ${target.port}) is unhealthy in (target-group ${targetGroupArn}) due to ` +
      `(reason ${health.description ?? health.reason ?? 'Health checks failed'})`,
    stoppedReason: `Task failed ELB health checks in (target-group ${targetGroupArn})`,
  }
}

/** Whether the application has answered a check, be it badly: it has started, and AWS's time counts for it. */
export function hasAnswered(elbv2: Elbv2, task: TaskRecord): boolean {
  if (task.answered) return true
  if (task.containers.some(({ healthStatus }) => healthStatus === 'HEALTHY')) return true
  if (!task.target) return false
  const { targetGroupArn, ...target } = task.target
  const health = elbv2.targetHealth(targetGroupArn, target)
  return health?.state === 'healthy' || health?.reason === 'Target.ResponseCodeMismatch'
}

/**
 * How long, in wall-clock milliseconds from when it runs, a task's failed checks do not count. A grace period is
 * AWS's time, but while the application starts it races the application, which no speed makes start faster: it is
 * not compressed then, and leaves at least the time in which compressed checks would fail a task that AWS would
 * still see starting.
 */
export function graceMs(clock: Clock, gracePeriodSeconds: number, answered: boolean): number {
  const graceMs = gracePeriodSeconds * 1000
  return answered || clock.speed === 1 ? clock.toReal(graceMs) : Math.max(graceMs, startingMs)
}

/** Whether the task counts for a steady state: running, and passed by everything that checks it. */
export function isHealthy(state: EcsState, elbv2: Elbv2, task: TaskRecord): boolean {
  if (!isRunning(task)) return false
  const definitions = definitionsOf(state, task)
  if (definitions.some(isChecked) && taskHealth(definitions, task.containers) !== 'HEALTHY') return false
  if (!task.target) return true
  const { targetGroupArn, ...target } = task.target
  const health = elbv2.targetHealth(targetGroupArn, target)
  // A target group that no rule forwards to is not checked, and so holds nothing up.
  return health?.state === 'healthy' || health?.state === 'unused'
}

/** Seconds that a running task has to last before it counts, where nothing checks it. */
const UNCHECKED_SECONDS = 40

/**
 * How long, in wall-clock milliseconds, until a healthy task counts towards the minimum healthy percent: at once
 * where something checks it, else after 40 s of running.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
 */
export function countsInMs(state: EcsState, clock: Clock, task: TaskRecord): number {
  if (task.target || definitionsOf(state, task).some(isChecked)) return 0
  return Math.max(0, (task.startedAt ?? 0) + clock.toReal(UNCHECKED_SECONDS * 1000) - clock.now())
}

const definitionsOf = (state: EcsState, task: TaskRecord) =>
  state.findTaskDefinition(task.taskDefinitionArn)?.input.containerDefinitions ?? []

const isChecked = ({ essential, healthCheck }: ContainerDefinition): boolean =>
  essential !== false && healthCheck !== undefined
