/**
 * Rolling back: a new deployment by `codeDeployRollback` that gives all traffic back to the original task set at
 * once and removes the replacement. It needs no task to start, so it ends in the same turn in which it starts.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html
 */
import type { AutoRollbackEvent } from '@aws-sdk/client-codedeploy'
import type { Clock } from '../../../clock.ts'
import type { EmulatorContext } from '../../../service.ts'
import type { Store } from '../../../store.ts'
import type { Ecs } from '../../ecs/contract.ts'
import type { Elbv2 } from '../../elbv2/contract.ts'
import { allAtOnce } from '../model/configurations.ts'
import {
  type DeploymentFailure,
  DeploymentStop,
  ecsUpdateError,
  mapError,
  rollsBack,
  toFailure,
} from '../model/failures.ts'
import type { Journal } from '../model/journal.ts'
import { type Deployment, newEvents } from '../model/model.ts'
import { endDeployment } from './ending.ts'
import { routeTraffic } from './traffic.ts'

/**
 * Adds the rollback's deployment to the journal where one is due; undefined where none is. Before a replacement
 * exists there is nothing to go back from: a failing BeforeInstall hook cannot roll back.
 */
export function planRollback(
  { clock, ids }: Pick<EmulatorContext, 'clock' | 'ids'>,
  journal: Journal,
  failedId: string,
  failure: DeploymentFailure | DeploymentStop,
): { id: string; message: string } | undefined {
  const failed = journal.get(failedId)
  const stop = failure instanceof DeploymentStop ? failure : undefined
  const event: AutoRollbackEvent = stop?.event ?? 'DEPLOYMENT_FAILURE'
  const due = stop?.rollback ?? rollsBack(failed.plan.autoRollback, event)
  if (!due || failed.original === undefined) return undefined
  const id = deploymentId(ids)
  const now = clock.now()
  const {
    appSpec: _,
    readyDeadline: __,
    terminationDeadline: ___,
    error: ____,
    stop: _____,
    ...kept
  } = failed
  const rollback: Deployment = {
    ...kept,
    id,
    creator: 'codeDeployRollback',
    deploymentConfigName: allAtOnce,
    revision: failed.previousRevision ?? failed.revision,
    description: `Rollback of ${failedId}`,
    status: 'Created',
    events: newEvents(['AllowTraffic']),
    createdAt: now,
    startedAt: now,
    updatedAt: now,
    rollback: {
      triggeringDeploymentId: failedId,
      message: `Deployment ${id} is triggered to roll back deployment ${failedId}.`,
    },
    awsWaits: { realMs: 0, awsMs: 0 },
  }
  journal.add(rollback)
  return {
    id,
    message: `Deployment ${failedId} terminated. Automatic rollback is triggered with a DeploymentId ${id}.`,
  }
}

/**
 * What live traffic needs goes back in one step or not at all: traffic on a task set that ECS does not hold for the
 * PRIMARY would be lost with it. The test route follows; where it cannot, the rollback fails, and users are safe.
 * Repeating it changes nothing, so after a restart a rollback that was cut short is carried out once more.
 */
export function carryOutRollback(
  dependencies: {
    readonly clock: Clock
    readonly store: Store
    readonly ecs: Ecs
    readonly elbv2: Elbv2
    readonly journal: Journal
  },
  id: string,
): void {
  const { clock, journal } = dependencies
  journal.setStatus(id, 'InProgress')
  journal.setEvent(id, 'AllowTraffic', { status: 'InProgress', startedAt: clock.now() })
  try {
    giveTrafficBack(dependencies, id)
    journal.setEvent(id, 'AllowTraffic', { status: 'Succeeded', endedAt: clock.now() })
    endDeployment(dependencies, id, 'succeeded')
  } catch (error) {
    endDeployment(dependencies, id, { failure: toFailure(error) })
  }
}

function giveTrafficBack(
  dependencies: {
    readonly store: Store
    readonly ecs: Ecs
    readonly elbv2: Elbv2
    readonly journal: Journal
  },
  id: string,
): void {
  const { store, ecs, journal } = dependencies
  const { original, replacement, plan } = journal.get(id)
  if (original === undefined || replacement === undefined) return
  store.transaction(() => {
    mapError(
      () => ecs.setPrimaryTaskSet(plan.clusterName, plan.serviceName, original.taskSetId),
      ecsUpdateError,
    )
    routeTraffic(dependencies, id, 'production', 0)
  })
  if (plan.testListeners.length > 0) routeTraffic(dependencies, id, 'test', 0)
  ecs.deleteTaskSet(plan.clusterName, plan.serviceName, replacement.taskSetId).catch(() => undefined)
}

/** `d-ABCDEF123`. */
export const deploymentId = (ids: EmulatorContext['ids']): string => ids.upper('d-', 9)
