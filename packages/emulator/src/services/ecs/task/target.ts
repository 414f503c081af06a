/** A task as a target of its service's load balancer: the only file of ECS that calls the load balancer for a target. */
import type { TaskNetwork } from '../../../runtime/index.ts'
import type { Elbv2, Target, TargetHealth } from '../../elbv2/contract.ts'
import { TaskStartError } from '../container/start-error.ts'
import type { LoadBalancerAttachment, TaskRecord } from '../model/model.ts'

type TaskTarget = NonNullable<TaskRecord['target']>

/** The address of the task in its target group; undefined for a service without a load balancer. */
export async function targetOf(
  attachment: LoadBalancerAttachment | undefined,
  network: TaskNetwork,
): Promise<TaskTarget | undefined> {
  if (!attachment) return undefined
  const { targetGroupArn, containerPort } = attachment
  return { targetGroupArn, id: network.address, port: await network.localPort(containerPort) }
}

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
