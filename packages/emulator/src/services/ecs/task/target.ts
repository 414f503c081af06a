/** A task as a target of its service's load balancer: the only file of ECS that calls the load balancer for a target. */
import type { TaskNetwork } from '../../../runtime/index.ts'
import type { StoredImage } from '../../ecr/contract.ts'
import type { Elbv2, Target, TargetHealth } from '../../elbv2/contract.ts'
import { TaskStartError } from '../container/start-error.ts'
import { faultOf } from '../fault/faults.ts'
import { openFaultyTarget } from '../fault/faulty-target.ts'
import type { LoadBalancerAttachment, TaskRecord } from '../model/model.ts'

type TaskTarget = NonNullable<TaskRecord['target']>

/** A task's target while the task runs. */
export interface OpenTarget {
  readonly record: TaskTarget
  /** Call it when the containers get their stop signal. */
  signalled(): void
  close(): void
}

/**
 * The address of the task in its target group; undefined for a service without a load balancer. A task whose image has
 * a fault is reached through the fault.
 */
export async function targetOf(
  attachment: LoadBalancerAttachment | undefined,
  network: TaskNetwork,
  image: StoredImage | undefined,
): Promise<OpenTarget | undefined> {
  if (!attachment) return undefined
  const { targetGroupArn, containerPort } = attachment
  const own = { id: network.address, port: await network.localPort(containerPort) }
  const spec = faultOf(image)
  if (!spec) return { record: { targetGroupArn, ...own }, signalled: nothing, close: nothing }
  const { target, close } = await openFaultyTarget(own, spec)
  return {
    record: { targetGroupArn, ...target },
    signalled: spec.fault === 'exits-at-once' ? close : nothing,
    close,
  }
}

const nothing = () => undefined

const addressOf = ({ id, port }: TaskTarget): Target => ({ id, port })

/** Throws a `TaskStartError` where the target group refuses the target. */
export function registerTarget(elbv2: Elbv2, target: TaskTarget): void {
  const { targetGroupArn } = target
  try {
    elbv2.registerTarget(targetGroupArn, addressOf(target))
  } catch (cause) {
    throw new TaskStartError(`unable to register targets in (target-group ${targetGroupArn}): ${cause}`, {
      cause,
    })
  }
}

/** Resolves when the target has drained, or cannot be deregistered because its target group is deleted. */
export const deregisterTarget = (elbv2: Elbv2, target: TaskTarget): Promise<void> =>
  elbv2.deregisterTarget(target.targetGroupArn, addressOf(target)).catch(() => undefined)

/** Undefined for a task without a target. */
export const targetHealth = (elbv2: Elbv2, { target }: TaskRecord): TargetHealth | undefined =>
  target && elbv2.targetHealth(target.targetGroupArn, addressOf(target))

/** Resolves when the target is healthy; rejects with the signal's reason. */
export const targetHealthy = (elbv2: Elbv2, target: TaskTarget, signal: AbortSignal): Promise<void> =>
  elbv2.targetHealthy(target.targetGroupArn, addressOf(target), signal)
