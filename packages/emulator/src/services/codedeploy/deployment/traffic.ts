/**
 * Moves a deployment's traffic between its two target groups, and puts what the load balancer refuses into
 * CodeDeploy's words.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html#deployment-steps-what-happens
 */
import type { Store } from '../../../store.ts'
import {
  checkListeners,
  ListenerError,
  type ListenerRules,
  type Shares,
  setWeights,
} from '../../traffic-shift/listener-weights.ts'
import { shiftTraffic } from '../../traffic-shift/shift.ts'
import { shiftSteps } from '../../traffic-shift/steps.ts'
import { strategyOf } from '../model/configurations.ts'
import { DeploymentFailure, loadBalancerUpdateError } from '../model/failures.ts'
import type { Journal } from '../model/journal.ts'
import type { Plan } from '../model/model.ts'

export interface TrafficDependencies {
  readonly store: Store
  readonly elbv2: ListenerRules
  readonly journal: Journal
}

/** Gives the replacement `percent` of the production or of the test traffic. */
export function routeTraffic(
  { store, elbv2, journal }: TrafficDependencies,
  id: string,
  route: 'production' | 'test',
  percent: number,
): void {
  const { original, replacement, plan } = journal.get(id)
  if (original === undefined || replacement === undefined) {
    throw new Error(`invariant: deployment ${id} has both of its task sets when traffic moves`)
  }
  const listeners = route === 'production' ? plan.productionListeners : plan.testListeners
  const shares = { from: original.targetGroupArn, to: replacement.targetGroupArn, percent }
  // All rules or none: after a kill at any moment, no listener has only some of its rules changed.
  store.transaction(() => {
    setListenerWeights(elbv2, listeners, shares)
    if (route === 'production') journal.update(id, { replacementWeight: percent })
  })
  journal.publishShift(id, route, percent)
}

/** AllowTraffic: the shift that the deployment's configuration prescribes, from the step that comes next. */
export async function shiftProduction(
  dependencies: TrafficDependencies,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const { journal } = dependencies
  const { plan, shiftedSteps } = journal.get(id)
  await shiftTraffic(
    {
      steps: shiftSteps(strategyOf(plan.routing)),
      completedSteps: shiftedSteps,
      setPercent: (percent) => routeTraffic(dependencies, id, 'production', percent),
      wait: (awsMs, aborted) => journal.waitAws(id, awsMs, aborted),
      stepCompleted: (count) => void journal.update(id, { shiftedSteps: count }),
    },
    signal,
  )
}

export const setListenerWeights = (
  elbv2: ListenerRules,
  listeners: readonly string[],
  shares: Shares,
): void => mapListenerError(() => setWeights(elbv2, listeners, shares))

/** Throws a `DeploymentFailure` where the live target group is not behind every listener of the plan. */
export const checkPlanListeners = (
  elbv2: ListenerRules,
  plan: Plan,
  pair: readonly string[],
  liveTargetGroup: string,
): void =>
  mapListenerError(() =>
    checkListeners(elbv2, [...plan.productionListeners, ...plan.testListeners], pair, liveTargetGroup),
  )

function mapListenerError(work: () => void): void {
  try {
    work()
  } catch (error) {
    if (!(error instanceof ListenerError)) throw error
    throw error.kind === 'no-listener'
      ? new DeploymentFailure('ELASTIC_LOAD_BALANCING_INVALID', error.message)
      : loadBalancerUpdateError(error.message)
  }
}
