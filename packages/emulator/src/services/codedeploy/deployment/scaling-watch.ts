/**
 * A scaling event in the middle of a deployment: traffic goes on shifting for five minutes, in which the service
 * must become steady at its new size; otherwise the deployment fails.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html#deployment-type-bluegreen-considerations
 */
import type { Clock } from '../../../clock.ts'
import type { Ecs } from '../../ecs/contract.ts'
import { pollIntervalAwsMs, steadyTimeoutMs } from '../../traffic-shift/time-limits.ts'
import { type DeploymentFailure, neverSteadyAfterScaling } from '../model/failures.ts'
import type { Deployment } from '../model/model.ts'

const steadyAfterScalingAwsMs = 5 * 60_000
const pollAwsMs = 10_000

/** Polls until the returned function is called; `fail` is called at most once. */
export function watchScaling(
  { clock, ecs }: { readonly clock: Clock; readonly ecs: Ecs },
  { plan, original, replacement }: Deployment,
  fail: (reason: DeploymentFailure) => void,
): () => void {
  const placements = [original, replacement].flatMap((placement) => placement ?? [])
  const desiredCount = () => ecs.describeService(plan.clusterName, plan.serviceName)?.desiredCount
  const isSteady = () =>
    placements.every(({ taskSetId }) => {
      const taskSet = ecs.taskSet(plan.clusterName, plan.serviceName, taskSetId)
      return taskSet === undefined || taskSet.stabilityStatus === 'STEADY_STATE'
    })
  let lastCount = desiredCount()
  /** When the present scaling event must be over; undefined while there is none. */
  let deadline: number | undefined
  const poll = () => {
    const count = desiredCount()
    if (count !== lastCount) {
      lastCount = count
      deadline = clock.now() + steadyTimeoutMs(clock, steadyAfterScalingAwsMs, ecs.startingMs)
      return
    }
    if (deadline === undefined) return
    if (isSteady()) deadline = undefined
    else if (clock.now() >= deadline) fail(neverSteadyAfterScaling())
  }
  return clock.everyAws(pollIntervalAwsMs(clock, pollAwsMs), poll)
}
