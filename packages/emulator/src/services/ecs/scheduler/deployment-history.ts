/**
 * The deployment history of services under the rolling controller. `deployments.ts` records in it each change of a
 * task set that the history shows.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
 */
import type { EmulatorContext } from '../../../service.ts'
import { rollsBack, type ServiceRecord, type TaskSetRecord } from '../model/model.ts'
import type { ServiceDeploymentRecord, ServiceRevisionRecord } from '../model/service-deployments.ts'
import { decimalId, serviceKey } from '../model/service-keys.ts'
import type { EcsState } from '../model/state.ts'

export interface DeploymentHistory {
  /** A deployment started: a new one, or the rollback that the last one requested. */
  recordStart(service: ServiceRecord, taskSet: TaskSetRecord): void
  recordFailedTasks(taskSet: TaskSetRecord): void
  recordCompletion(taskSet: TaskSetRecord): void
  /** `taskSet` has its rollout state and its triggered alarms already. */
  recordFailure(service: ServiceRecord, taskSet: TaskSetRecord): void
  /** The service was deleted during the deployment. */
  recordDeletion(taskSet: TaskSetRecord): void
  /** The next deployment of the service is the rollback of this one. */
  requestRollback(deployment: ServiceDeploymentRecord, reason: string): void
}

/** Deployments that the history keeps of one service. */
const KEPT = 100

export function createDeploymentHistory(context: EmulatorContext, state: EcsState): DeploymentHistory {
  const { serviceDeployments, serviceRevisions } = state
  const now = () => context.clock.now()
  const arnOf = (kind: string, path: string, id: string) => state.arn(`${kind}/${path}/${id}`)
  const patch = (deployment: ServiceDeploymentRecord, change: Partial<ServiceDeploymentRecord>) =>
    serviceDeployments.put(deployment.arn, { ...deployment, ...change, updatedAt: now() })

  const markStopped = (deployment: ServiceDeploymentRecord, statusReason: string) =>
    patch(deployment, { status: 'STOPPED', statusReason, stoppedAt: now(), finishedAt: now() })

  /** The deployment in progress whose result is the task set's. */
  function inProgress(taskSet: TaskSetRecord): ServiceDeploymentRecord | undefined {
    const service = state.serviceOf(taskSet)
    return (
      service &&
      state
        .deploymentsOf(service)
        .find((deployment) => deployment.taskSetId === taskSet.id && isInProgress(deployment))
    )
  }

  function recordRollbackStart(last: ServiceDeploymentRecord, taskSet: TaskSetRecord): void {
    const [serviceRevisionArn = last.targetRevisionArn] = last.sourceRevisionArns
    const revision = serviceRevisions.get(serviceRevisionArn)
    if (revision) serviceRevisions.put(revision.arn, { ...revision, taskSetId: taskSet.id })
    const rollback = { reason: last.statusReason ?? '', startedAt: now(), serviceRevisionArn }
    patch(last, { status: 'ROLLBACK_IN_PROGRESS', taskSetId: taskSet.id, rollback })
  }

  return {
    recordStart(service, taskSet) {
      const [last, ...older] = state.deploymentsOf(service)
      if (last?.status === 'ROLLBACK_REQUESTED') {
        recordRollbackStart(last, taskSet)
        return
      }
      if (last && isInProgress(last)) markStopped(last, 'A newer deployment of the service took its place.')
      const path = serviceKey(service.clusterName, service.name)
      const revision: ServiceRevisionRecord = {
        arn: arnOf('service-revision', path, decimalId(context.ids)),
        taskSetId: taskSet.id,
        createdAt: now(),
        service,
      }
      const sources = state.taskSetsOf(service).filter(({ id }) => id !== taskSet.id)
      const deployment: ServiceDeploymentRecord = {
        arn: arnOf('service-deployment', path, deploymentId(context)),
        serviceArn: service.arn,
        clusterName: service.clusterName,
        serviceName: service.name,
        status: 'IN_PROGRESS',
        createdAt: now(),
        updatedAt: now(),
        targetRevisionArn: revision.arn,
        sourceRevisionArns: serviceRevisions
          .values()
          .filter(({ taskSetId }) => sources.some(({ id }) => id === taskSetId))
          .map(({ arn }) => arn),
        taskSetId: taskSet.id,
        failedTasks: 0,
        ...(taskSet.alarms ? { alarms: { names: taskSet.alarms, triggered: [] } } : {}),
      }
      context.store.transaction(() => {
        serviceRevisions.put(revision.arn, revision)
        serviceDeployments.put(deployment.arn, deployment)
        for (const old of older.slice(KEPT - 2)) {
          serviceDeployments.delete(old.arn)
          serviceRevisions.delete(old.targetRevisionArn)
        }
      })
    },

    recordFailedTasks(taskSet) {
      const deployment = inProgress(taskSet)
      if (deployment && taskSet.failedTasks > deployment.failedTasks)
        patch(deployment, { failedTasks: taskSet.failedTasks })
    },

    recordCompletion(taskSet) {
      const deployment = inProgress(taskSet)
      if (!deployment) return
      const status = deployment.rollback ? 'ROLLBACK_SUCCESSFUL' : 'SUCCESSFUL'
      patch(deployment, { status, finishedAt: now(), failedTasks: taskSet.failedTasks })
    },

    recordFailure(service, taskSet) {
      const deployment = inProgress(taskSet)
      if (!deployment) return
      const target = rollsBack(service, taskSet) ? service.lastCompleted : undefined
      const { triggeredAlarms, failedTasks } = taskSet
      const { alarms } = deployment
      const failure = {
        failedTasks,
        ...(alarms && triggeredAlarms ? { alarms: { ...alarms, triggered: triggeredAlarms } } : {}),
      }
      // The text for the circuit breaker is AWS's. AWS shows none for alarms: that text is the emulator's.
      const cause = triggeredAlarms ? 'alarms were triggered' : 'the circuit breaker threshold was exceeded'
      const end = { finishedAt: now(), stoppedAt: now() }
      if (deployment.rollback) {
        patch(deployment, { status: 'ROLLBACK_FAILED', ...end })
      } else if (target && target.taskDefinitionArn !== taskSet.taskDefinitionArn) {
        const statusReason = `Service deployment rolled back because ${cause}.`
        patch(deployment, { ...failure, status: 'ROLLBACK_REQUESTED', statusReason })
      } else {
        const statusReason = `Service deployment stopped because ${cause}.`
        patch(deployment, { ...failure, ...end, status: 'STOPPED', statusReason })
      }
    },

    recordDeletion(taskSet) {
      const deployment = inProgress(taskSet)
      if (deployment) markStopped(deployment, 'The service was deleted.')
    },

    requestRollback(deployment, statusReason) {
      patch(deployment, { status: 'ROLLBACK_REQUESTED', statusReason })
    },
  }
}

const isInProgress = ({ status }: ServiceDeploymentRecord) =>
  /^(PENDING|IN_PROGRESS|.*_REQUESTED|.*_IN_PROGRESS)$/.test(status)

/** Like `NCWGC2ZR-taawPAYrIaU5`. */
const deploymentId = ({ ids }: EmulatorContext) =>
  Buffer.from(ids.hex('', 32), 'hex').toString('base64url').slice(0, 21)
