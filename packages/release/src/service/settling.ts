/**
 * The time after a rolling update: ECS calls an update complete as soon as its tasks run, and a task without traffic runs from
 * its first moment on. So its tasks have to stay up for a while.
 */
import { DescribeTasksCommand, ListTasksCommand, type ServiceDeployment } from '@aws-sdk/client-ecs'
import type { ServiceManifest } from '@baton/config'
import { retryTransientErrors } from '../aws/retry-transient-errors.ts'
import type { Clock } from '../clock.ts'
import type { DeploymentOutcome, LifecycleStep } from './deployment.ts'
import {
  describe,
  type Ecs,
  isFirst,
  isUnderWay,
  resultOf,
  scaleToZero,
  startRollingUpdate,
  taskDefinitionOf,
  unwatched,
} from './service-deployment.ts'

/** How long the tasks have to stay up after the update, in AWS's time, and at least on the wall clock. */
const settlingMs = 60_000
const settlingFloorMs = 5_000

export interface SettlingOptions {
  readonly manifest: ServiceManifest
  readonly clock: Clock
  /** Steps of the update itself. */
  readonly steps: readonly LifecycleStep[]
  readonly onStep?: (step: LifecycleStep) => void
  readonly signal?: AbortSignal
}

type Ended = Omit<DeploymentOutcome, 'deploymentId' | 'durationMs'>

/** Where a task ends by itself, or the caller is interrupted, the update is taken back. */
export async function settle(
  clients: Ecs,
  deployment: ServiceDeployment,
  options: SettlingOptions,
): Promise<Ended> {
  const { manifest, clock, signal, onStep, steps } = options
  const taskDefinition = await taskDefinitionOf(clients, deployment.targetServiceRevision?.arn)
  const until = clock.now() + Math.max(clock.toReal(settlingMs), settlingFloorMs)
  for (;;) {
    const exit = await ownExit(clients, manifest, taskDefinition)
    const stopped = signal?.aborted ? ('interrupted' as const) : undefined
    if (exit === undefined && !stopped) {
      if (clock.now() >= until) return { ...resultOf(deployment), steps }
      await clock.sleep(5_000, signal).catch(() => undefined)
      continue
    }
    const failed = steps.map((each) => ({ ...each, status: 'Failed' }))
    const reason = {
      ...(exit === undefined ? {} : { errorCode: 'TASKS_EXITED', message: exit }),
      ...(stopped ? { stopped } : {}),
    }
    const status = stopped ? 'Stopped' : 'Failed'
    const before = deployment.sourceServiceRevisions?.at(-1)?.arn
    if (before === undefined || (await isFirst(clients, options, deployment))) {
      await scaleToZero(clients, manifest)
      return { status, rolledBack: false, ...reason, steps: failed }
    }
    onStep?.({ name: 'Rollback', status: 'InProgress' })
    const earlier = { manifest, taskDefinition: await taskDefinitionOf(clients, before), first: false }
    const id = await startRollingUpdate(clients, earlier, clock)
    const rolledBack = await hasSucceeded(clients, id, clock)
    const rollback = { name: 'Rollback', status: rolledBack ? 'Succeeded' : 'Failed' }
    onStep?.(rollback)
    return { status, rolledBack, rollbackDeploymentId: id, ...reason, steps: [...failed, rollback] }
  }
}

async function hasSucceeded(clients: Ecs, deploymentId: string, clock: Clock): Promise<boolean> {
  const lost = (cause: unknown) => unwatched(deploymentId, cause)
  for (;;) {
    const look = () => describe(clients, deploymentId)
    const deployment = await retryTransientErrors(look, { clock, lost })
    if (!isUnderWay(deployment)) return deployment.status === 'SUCCESSFUL'
    await clock.sleep(5_000)
  }
}

/** Why a task of the revision ended by itself, in ECS's words; undefined where none did. */
async function ownExit(
  { ecs }: Ecs,
  { cluster, service }: ServiceManifest,
  taskDefinition: string,
): Promise<string | undefined> {
  const { taskArns = [] } = await ecs.send(
    new ListTasksCommand({ cluster, serviceName: service, desiredStatus: 'STOPPED' }),
  )
  if (taskArns.length === 0) return undefined
  const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns.slice(0, 100) }))
  const task = tasks.find(
    (each) => each.taskDefinitionArn === taskDefinition && each.stopCode === 'EssentialContainerExited',
  )
  if (task === undefined) return undefined
  const container = task.containers?.find(({ exitCode }) => exitCode !== undefined)
  return `a task ended by itself soon after its start: ${container?.name} exited with code ${container?.exitCode}`
}
