/**
 * Scaling is suspended while a service deploys: scale-in would pause by itself, scale-out would not, and a count
 * that moves in mid-shift gives the new task set five minutes to follow or fail.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-suspend-resume-scaling.html
 */
import {
  DescribeScalableTargetsCommand,
  RegisterScalableTargetCommand,
  type SuspendedState,
} from '@aws-sdk/client-application-auto-scaling'
import type { Clients } from '../aws/clients.ts'
import { ReleaseError } from '../release-error.ts'

const everything: SuspendedState = {
  DynamicScalingInSuspended: true,
  DynamicScalingOutSuspended: true,
  ScheduledScalingSuspended: true,
}
const nothing: SuspendedState = {
  DynamicScalingInSuspended: false,
  DynamicScalingOutSuspended: false,
  ScheduledScalingSuspended: false,
}

/**
 * Runs `work` with scaling suspended, and puts it back to what it was, however the work ends. Wholly suspended is
 * what a release leaves that was killed in its middle, so that is resumed.
 */
export async function withScalingSuspended<T>(
  clients: Clients,
  scalableTarget: string,
  work: () => Promise<T>,
): Promise<T> {
  const before = await suspendedState(clients, scalableTarget)
  if (!before) return work()
  await suspend(clients, scalableTarget, everything)
  let result: T
  try {
    result = await work()
  } catch (error) {
    // How the work failed matters more than that scaling stays suspended: the next release resumes it.
    await suspend(clients, scalableTarget, before).catch(() => undefined)
    throw error
  }
  try {
    await suspend(clients, scalableTarget, before)
  } catch (cause) {
    throw new ReleaseError(
      'scaling-suspended',
      `The deployment has ended, but scaling of ${scalableTarget} is still suspended: ${cause instanceof Error ? cause.message : cause}.`,
      'Release again, or resume it with `aws application-autoscaling register-scalable-target --suspended-state`.',
      { cause },
    )
  }
  return result
}

/** Undefined for a service that does not scale. */
async function suspendedState(clients: Clients, resourceId: string): Promise<SuspendedState | undefined> {
  const { ScalableTargets } = await clients.autoScaling.send(
    new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs', ResourceIds: [resourceId] }),
  )
  const [target] = ScalableTargets ?? []
  if (!target) return undefined
  const { SuspendedState = {} } = target
  const wholly = Object.keys(everything).every((key) => SuspendedState[key as keyof SuspendedState])
  return { ...nothing, ...(wholly ? {} : SuspendedState) }
}

async function suspend(clients: Clients, resourceId: string, state: SuspendedState): Promise<void> {
  await clients.autoScaling.send(
    new RegisterScalableTargetCommand({
      ServiceNamespace: 'ecs',
      ScalableDimension: 'ecs:service:DesiredCount',
      ResourceId: resourceId,
      SuspendedState: state,
    }),
  )
}
