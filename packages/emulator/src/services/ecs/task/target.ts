/** A task as a target of its service's load balancer. */
import type { TaskNetwork } from '../../../runtime/index.ts'
import { TaskStartError } from '../container/start-error.ts'
import type { EcsDependencies } from '../model/dependencies.ts'
import type { LoadBalancerAttachment, TaskRecord } from '../model/model.ts'

type TaskTarget = NonNullable<TaskRecord['target']>

/** Where the task is reached; undefined where no load balancer asks. */
export async function targetOf(
  attachment: LoadBalancerAttachment | undefined,
  network: TaskNetwork,
): Promise<TaskTarget | undefined> {
  if (!attachment) return undefined
  const { targetGroupArn, containerPort } = attachment
  return { targetGroupArn, id: network.address, port: await network.localPort(containerPort) }
}

/** Throws the `TaskStartError` of a task whose target group does not take it. */
export function registerTarget(
  dependencies: EcsDependencies,
  { targetGroupArn, ...target }: TaskTarget,
): void {
  try {
    dependencies.elbv2.registerTarget(targetGroupArn, target)
  } catch (cause) {
    throw new TaskStartError(`unable to register targets in (target-group ${targetGroupArn}): ${cause}`, {
      cause,
    })
  }
}
