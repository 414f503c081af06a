/**
 * Rolling back: a new deployment by `codeDeployRollback` that gives all traffic back to the original task set at
 * once and removes the replacement. It needs no task to start, so it is over in the same turn in which it began.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployments-rollback-and-redeploy.html
 */
import type { AutoRollbackEvent } from '@aws-sdk/client-codedeploy'
import type { Clock } from '../../../clock.ts'
import type { EmulatorContext } from '../../../service.ts'
import type { Store } from '../../../store.ts'
import type { Ecs } from '../../ecs/contract.ts'
import type { Elbv2 } from '../../elbv2/contract.ts'
import { route } from '../../traffic-shift/listener-weights.ts'
import { allAtOnce } from '../model/configurations.ts'
import {
  DeploymentFailure,
  type DeploymentStop,
  ecsUpdateError,
  orFail,
  rollsBack,
} from '../model/failures.ts'
import type { Journal } from '../model/journal.ts'
import { type Deployment, newEvents } from '../model/model.ts'

/**
 * Adds the rollback's deployment to the journal where one is due; undefined where none is. Before a replacement
 * exists there is nothing to go back from: a failing BeforeInstall hook cannot roll back.
 */
export function planRollback(
  { clock, ids }: Pick<EmulatorContext, 'clock' | 'ids'>,
  journal: Journal,
  failedId: string,
  stop: DeploymentStop | undefined,
): { id: string; message: string } | undefined {
  const failed = journal.get(failedId)
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
 * Repeating it changes nothing, so a rollback that was cut short is simply carried out again.
 */
export function carryOutRollback(
  dependencies: {
    clock: Clock
    store: Store
    ecs: Ecs
    elbv2: Elbv2
    journal: Journal
  },
  id: string,
): void {
  const { store, ecs, elbv2, journal } = dependencies
  const { now } = dependencies.clock
  const { original, replacement, plan } = journal.get(id)
  journal.setStatus(id, 'InProgress')
  journal.setEvent(id, 'AllowTraffic', { status: 'InProgress', startedAt: now() })
  try {
    if (original !== undefined && replacement !== undefined) {
      const back = { from: replacement.targetGroupArn, to: original.targetGroupArn, percent: 100 }
      store.transaction(() => {
        orFail(
          () => ecs.setPrimaryTaskSet(plan.clusterName, plan.serviceName, original.taskSetId),
          ecsUpdateError,
        )
        route(elbv2, plan.productionListeners, back)
        journal.update(id, { replacementWeight: 0 })
      })
      journal.noteShift(id, 'production', 0)
      if (plan.testListeners.length > 0) {
        store.transaction(() => route(elbv2, plan.testListeners, back))
        journal.noteShift(id, 'test', 0)
      }
      ecs.deleteTaskSet(plan.clusterName, plan.serviceName, replacement.taskSetId).catch(() => undefined)
    }
    journal.setEvent(id, 'AllowTraffic', { status: 'Succeeded', endedAt: now() })
    journal.setStatus(id, 'Succeeded')
  } catch (error) {
    const failure =
      error instanceof DeploymentFailure ? error : new DeploymentFailure('INTERNAL_ERROR', String(error))
    journal.setEvent(id, 'AllowTraffic', { status: 'Failed', endedAt: now(), message: failure.message })
    journal.setStatus(id, 'Failed', { error: { code: failure.code, message: failure.message } })
  }
}

/** `d-ABCDEF123`. */
export const deploymentId = (ids: EmulatorContext['ids']): string => ids.upper('d-', 9)
