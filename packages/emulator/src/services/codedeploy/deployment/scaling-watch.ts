/**
 * A scaling event in the middle of a deployment: traffic goes on shifting for five minutes, in which the service
 * has to become steady again at its new size; otherwise the deployment fails.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html#deployment-type-bluegreen-considerations
 */
import type { Clock } from '../../../clock.ts'
import type { Ecs } from '../../ecs/contract.ts'
import { leastPollMs } from '../../traffic-shift/alarm-watch.ts'
import { type DeploymentFailure, neverSteadyAfterScaling } from '../model/failures.ts'
import type { Deployment } from '../model/model.ts'
import { patienceMs } from './install.ts'

const steadyAgainAwsMs = 5 * 60_000
const lookAwsMs = 10_000

/** Looks until the returned function is called; `fail` is called at most once. */
export function watchScaling(
  { clock, ecs }: { clock: Clock; ecs: Ecs },
  { plan, original, replacement }: Deployment,
  fail: (reason: DeploymentFailure) => void,
): () => void {
  const sides = [original, replacement].flatMap((side) => side ?? [])
  const size = () => ecs.describeService(plan.clusterName, plan.serviceName)?.desiredCount
  const steady = () =>
    sides.every(({ taskSetId }) => {
      const taskSet = ecs.taskSet(plan.clusterName, plan.serviceName, taskSetId)
      return taskSet === undefined || taskSet.stabilityStatus === 'STEADY_STATE'
    })
  let known = size()
  /** When the present scaling event has to be over; undefined while there is none. */
  let deadline: number | undefined
  const look = () => {
    const now = size()
    if (now !== known) {
      known = now
      deadline = clock.now() + patienceMs({ clock, ecs }, steadyAgainAwsMs)
      return
    }
    if (deadline === undefined) return
    if (steady()) deadline = undefined
    else if (clock.now() >= deadline) fail(neverSteadyAfterScaling())
  }
  return clock.everyAws(Math.max(lookAwsMs, leastPollMs * clock.speed), look)
}
