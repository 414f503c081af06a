/**
 * The history of a service's deployments under the rolling controller, and the revisions that they went to. It is
 * read off the task sets as they are written: whoever makes, completes, fails or replaces one need not tell.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
 */
import type { ServiceDeploymentStatus } from '@aws-sdk/client-ecs'
import type { EmulatorContext } from '../../../service.ts'
import type { Collection } from '../../../store.ts'
import { rollsBack, type ServiceRecord, type TaskSetRecord } from '../model/model.ts'
import { decimalId, serviceKey } from '../model/service-keys.ts'

export interface ServiceRevisionRecord {
  readonly arn: string
  readonly taskSetId: string
  readonly createdAt: number
  /** The service as it was when the revision was made. */
  readonly service: ServiceRecord
}

export interface ServiceDeploymentRecord {
  readonly arn: string
  readonly serviceArn: string
  readonly clusterName: string
  readonly serviceName: string
  readonly status: ServiceDeploymentStatus
  readonly statusReason?: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly finishedAt?: number
  readonly stoppedAt?: number
  readonly targetRevisionArn: string
  readonly sourceRevisionArns: readonly string[]
  /** The task set whose end is the deployment's: the target's, or, while it rolls back, the source's. */
  readonly taskSetId: string
  readonly failedTasks: number
  /** The alarms that it is watched by, and those that failed it. */
  readonly alarms?: { readonly names: readonly string[]; readonly triggered: readonly string[] }
  readonly rollback?: {
    readonly reason: string
    readonly startedAt: number
    readonly serviceRevisionArn: string
  }
}

export interface ServiceDeployments {
  readonly deployments: Collection<ServiceDeploymentRecord>
  readonly revisions: Collection<ServiceRevisionRecord>
  /** Newest first. */
  of(serviceArn: string): ServiceDeploymentRecord[]
  /** The next deployment of the service is the way back of this one. */
  requestRollback(deployment: ServiceDeploymentRecord, reason: string): void
}

/** What a deployment becomes by: the rest of a task set's changes are none of its own. */
const told = ['status', 'rolloutState', 'failedTasks'] as const

/** Deployments that are kept of one service. */
const KEPT = 100

export function createServiceDeployments(context: EmulatorContext): ServiceDeployments {
  const deployments = context.store.collection<ServiceDeploymentRecord>('ecs.service-deployments')
  const revisions = context.store.collection<ServiceRevisionRecord>('ecs.service-revisions')
  return {
    deployments,
    revisions,
    of: (serviceArn) =>
      deployments
        .values()
        .filter((deployment) => deployment.serviceArn === serviceArn)
        .reverse()
        .sort((a, b) => b.createdAt - a.createdAt),
    requestRollback(deployment, reason) {
      deployments.put(deployment.arn, {
        ...deployment,
        status: 'ROLLBACK_REQUESTED',
        statusReason: reason,
        updatedAt: context.clock.now(),
      })
    },
  }
}

/** The collection of task sets, with an eye on those that are deployments of the rolling controller. */
export function observeDeployments(
  context: EmulatorContext,
  history: ServiceDeployments,
  taskSets: Collection<TaskSetRecord>,
  services: Collection<ServiceRecord>,
): Collection<TaskSetRecord> {
  const now = () => context.clock.now()
  const { deployments, revisions } = history
  const patch = (deployment: ServiceDeploymentRecord, change: Partial<ServiceDeploymentRecord>) =>
    deployments.put(deployment.arn, { ...deployment, ...change, updatedAt: now() })
  const underWay = ({ status }: ServiceDeploymentRecord) =>
    /^(PENDING|IN_PROGRESS|.*_REQUESTED|.*_IN_PROGRESS)$/.test(status)

  const stopped = (deployment: ServiceDeploymentRecord, statusReason: string) =>
    patch(deployment, { status: 'STOPPED', statusReason, stoppedAt: now(), finishedAt: now() })

  function began(taskSet: TaskSetRecord): void {
    const service = services.get(serviceKey(taskSet.clusterName, taskSet.serviceName))
    if (!service) return
    const [last, ...older] = history.of(service.arn)
    const path = serviceKey(taskSet.clusterName, taskSet.serviceName)
    if (last?.status === 'ROLLBACK_REQUESTED') {
      const [serviceRevisionArn = last.targetRevisionArn] = last.sourceRevisionArns
      const revision = revisions.get(serviceRevisionArn)
      if (revision) revisions.put(revision.arn, { ...revision, taskSetId: taskSet.id })
      const rollback = { reason: last.statusReason ?? '', startedAt: now(), serviceRevisionArn }
      patch(last, { status: 'ROLLBACK_IN_PROGRESS', taskSetId: taskSet.id, rollback })
      return
    }
    if (last && underWay(last)) {
      stopped(last, 'A newer deployment of the service took its place.')
    }
    const revision: ServiceRevisionRecord = {
      arn: arnOf('service-revision', path, decimalId(context.ids)),
      taskSetId: taskSet.id,
      createdAt: now(),
      service,
    }
    const live = taskSets.values().filter((each) => each.serviceArn === service.arn && each.id !== taskSet.id)
    const deployment: ServiceDeploymentRecord = {
      arn: arnOf('service-deployment', path, identifier(context)),
      serviceArn: service.arn,
      clusterName: taskSet.clusterName,
      serviceName: taskSet.serviceName,
      status: 'IN_PROGRESS',
      createdAt: now(),
      updatedAt: now(),
      targetRevisionArn: revision.arn,
      sourceRevisionArns: revisions
        .values()
        .filter((each) => live.some(({ id }) => id === each.taskSetId))
        .map(({ arn }) => arn),
      taskSetId: taskSet.id,
      failedTasks: 0,
      ...(taskSet.alarms ? { alarms: { names: taskSet.alarms, triggered: [] } } : {}),
    }
    context.store.transaction(() => {
      revisions.put(revision.arn, revision)
      deployments.put(deployment.arn, deployment)
      for (const old of older.slice(KEPT - 2)) {
        deployments.delete(old.arn)
        revisions.delete(old.targetRevisionArn)
      }
    })
  }

  function changed(taskSet: TaskSetRecord): void {
    const deployment = history.of(taskSet.serviceArn).find(({ taskSetId }) => taskSetId === taskSet.id)
    if (!deployment || !underWay(deployment)) return
    const goesBack = deployment.rollback !== undefined
    if (taskSet.status === 'DRAINING') {
      stopped(deployment, 'The service was deleted.')
      return
    }
    if (taskSet.rolloutState === 'COMPLETED') {
      const status = goesBack ? 'ROLLBACK_SUCCESSFUL' : 'SUCCESSFUL'
      patch(deployment, { status, finishedAt: now(), failedTasks: taskSet.failedTasks })
    } else if (taskSet.rolloutState === 'FAILED') {
      failed(taskSet, deployment)
    } else if (taskSet.failedTasks > deployment.failedTasks) {
      patch(deployment, { failedTasks: taskSet.failedTasks })
    }
  }

  function failed(taskSet: TaskSetRecord, deployment: ServiceDeploymentRecord): void {
    const service = services.get(serviceKey(taskSet.clusterName, taskSet.serviceName))
    const back = service && rollsBack(service, taskSet) ? service.lastCompleted : undefined
    const { triggeredAlarms, failedTasks } = taskSet
    const { alarms } = deployment
    const found = {
      failedTasks,
      ...(alarms && triggeredAlarms ? { alarms: { ...alarms, triggered: triggeredAlarms } } : {}),
    }
    // AWS's words for the circuit breaker, and the emulator's for alarms: AWS shows none.
    const cause = triggeredAlarms ? 'alarms went off' : 'the circuit breaker threshold was exceeded'
    const ended = { finishedAt: now(), stoppedAt: now() }
    if (deployment.rollback !== undefined) {
      patch(deployment, { status: 'ROLLBACK_FAILED', ...ended })
    } else if (back && back.taskDefinitionArn !== taskSet.taskDefinitionArn) {
      const statusReason = `Service deployment rolled back because ${cause}.`
      patch(deployment, { ...found, status: 'ROLLBACK_REQUESTED', statusReason })
    } else {
      const statusReason = `Service deployment stopped because ${cause}.`
      patch(deployment, { ...found, ...ended, status: 'STOPPED', statusReason })
    }
  }

  const arnOf = (kind: string, path: string, id: string) =>
    `arn:aws:ecs:${context.region}:${context.accountId}:${kind}/${path}/${id}`

  return {
    ...taskSets,
    put(key, taskSet) {
      const before = taskSets.get(key)
      taskSets.put(key, taskSet)
      if (taskSet.rolloutState === undefined) return
      if (before === undefined) began(taskSet)
      else if (told.some((key) => before[key] !== taskSet[key])) changed(taskSet)
    },
  }
}

/** Like `NCWGC2ZR-taawPAYrIaU5`. */
const identifier = ({ ids }: EmulatorContext) =>
  Buffer.from(ids.hex('', 32), 'hex').toString('base64url').slice(0, 21)
