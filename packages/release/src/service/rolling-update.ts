/**
 * The release of a service without traffic, which CodeDeploy cannot shift: ECS's own rolling update, watched to its end
 * with the same outcome as a CodeDeploy deployment. ECS rolls back by itself where its circuit breaker or an alarm fails the
 * update; this stops it where the release gives up or is interrupted.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 */
import { ConflictException, type ServiceDeployment, StopServiceDeploymentCommand } from '@aws-sdk/client-ecs'
import type { ServiceManifest } from '@baton/config'
import { retryTransientErrors } from '../aws/retry-transient-errors.ts'
import { type Clock, startFloorMs } from '../clock.ts'
import type { DeploymentOutcome, LifecycleStep } from './deployment.ts'
import {
  describe,
  type Ecs,
  isFirst,
  isUnderWay,
  resultOf,
  scaleToZero,
  unwatched,
} from './service-deployment.ts'
import { settle } from './settling.ts'

/** Watches it to its end, and to the end of its rollback where ECS rolls it back. */
export async function watchRollingUpdate(
  clients: Ecs,
  deploymentId: string,
  options: {
    readonly manifest: ServiceManifest
    readonly giveUpAfterMs: number
    readonly clock: Clock
    readonly onStep?: (step: LifecycleStep) => void
    readonly signal?: AbortSignal
  },
): Promise<DeploymentOutcome> {
  const { clock, signal } = options
  const startedAt = clock.now()
  const giveUpAt = startedAt + Math.max(clock.toReal(options.giveUpAfterMs), startFloorMs)
  let stopped: DeploymentOutcome['stopped']
  let steps: readonly LifecycleStep[] = []
  const lost = (cause: unknown) => unwatched(deploymentId, cause)
  for (;;) {
    const look = () => describe(clients, deploymentId)
    const deployment = await retryTransientErrors(look, { clock, signal, lost })
    const now = stepsOf(deployment)
    for (const each of now) {
      if (steps.find(({ name }) => name === each.name)?.status !== each.status) options.onStep?.(each)
    }
    steps = now
    if (!isUnderWay(deployment)) {
      const ended =
        deployment.status === 'SUCCESSFUL' && !stopped
          ? await settle(clients, deployment, { ...options, steps })
          : { ...resultOf(deployment), ...(stopped ? { stopped } : {}), steps }
      return { deploymentId, ...ended, durationMs: clock.now() - startedAt }
    }
    const target = deployment.targetServiceRevision
    const started = (target?.runningTaskCount ?? 0) >= (target?.requestedTaskCount ?? 1)
    // The circuit breaker would go back to the template, which no task can run.
    const backToNothing =
      deployment.status?.startsWith('ROLLBACK_') && (await isFirst(clients, options, deployment))
    if (!stopped && (signal?.aborted || (!started && clock.now() >= giveUpAt)))
      stopped = signal?.aborted ? 'interrupted' : 'gave-up'
    else if (!backToNothing) {
      await clock.sleep(5_000)
      continue
    }
    if (await stopRollingUpdate(clients, deploymentId, options)) {
      const { message, errorCode } = resultOf(deployment)
      return {
        deploymentId,
        status: stopped ? 'Stopped' : 'Failed',
        rolledBack: false,
        ...(errorCode === undefined ? {} : { errorCode }),
        ...(message === undefined ? {} : { message }),
        ...(stopped ? { stopped } : {}),
        steps: steps.map((each) => (each.status === 'InProgress' ? { ...each, status: 'Failed' } : each)),
        durationMs: clock.now() - startedAt,
      }
    }
  }
}

/**
 * Rolls it back. A first one has nothing to go back to: its tasks are stopped, so that the next release is the first again,
 * and the result is true. One that ended in between needs neither.
 */
export async function stopRollingUpdate(
  clients: Ecs,
  serviceDeploymentArn: string,
  options: { readonly manifest: ServiceManifest },
): Promise<boolean> {
  if (await isFirst(clients, options, await describe(clients, serviceDeploymentArn))) {
    await scaleToZero(clients, options.manifest)
    return true
  }
  try {
    await clients.ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ROLLBACK' }))
  } catch (error) {
    if (!(error instanceof ConflictException)) throw error
  }
  return false
}

/** How a deployment that is over ended; undefined for one that is not. */
export async function rollingUpdateResult(clients: Ecs, deploymentId: string) {
  const deployment = await describe(clients, deploymentId)
  if (isUnderWay(deployment)) return undefined
  return { ...resultOf(deployment), finishedAt: deployment.finishedAt }
}

function stepsOf(deployment: ServiceDeployment): LifecycleStep[] {
  const { status, rollback, startedAt, finishedAt } = deployment
  const times = (from: Date | undefined, to: Date | undefined) => ({
    ...(from ? { startedAt: from.getTime() } : {}),
    ...(to ? { endedAt: to.getTime() } : {}),
  })
  const name = 'RollingUpdate'
  if (status === 'SUCCESSFUL') return [{ name, status: 'Succeeded', ...times(startedAt, finishedAt) }]
  if (isUnderWay(deployment) && !rollback)
    return [{ name, status: 'InProgress', ...times(startedAt, undefined) }]
  const failed = { name, status: 'Failed', ...times(startedAt, rollback?.startedAt ?? finishedAt) }
  if (!rollback) return [failed]
  const ended = { ROLLBACK_SUCCESSFUL: 'Succeeded', ROLLBACK_FAILED: 'Failed' } as const
  const state = ended[status as keyof typeof ended] ?? 'InProgress'
  return [failed, { name: 'Rollback', status: state, ...times(rollback.startedAt, finishedAt) }]
}
