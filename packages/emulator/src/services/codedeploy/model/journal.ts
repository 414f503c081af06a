/**
 * The journal of deployments: every change goes through here, is durable before the call returns, and is told
 * as an event: its state by AWS's name, events and shifts by the emulator's own, since AWS tells nobody of them. It also keeps the books of AWS's own waits, from which the duration on AWS is predicted.
 */
import type { DeploymentStatus } from '@aws-sdk/client-codedeploy'
import type { EmulatorContext } from '../../../service.ts'
import type { DeploymentTiming } from '../contract.ts'
import { type AwsWaits, type Deployment, type EventName, isOver, type LifecycleEvent } from './model.ts'
import { notify, type Publish } from './triggers.ts'

export interface Journal {
  get(id: string): Deployment
  find(id: string): Deployment | undefined
  /** Oldest first. */
  all(): Deployment[]
  add(deployment: Deployment): void
  update(id: string, patch: Partial<Deployment>): Deployment
  setStatus(id: string, status: DeploymentStatus, patch?: Partial<Deployment>): void
  setEvent(id: string, name: EventName, patch: Partial<LifecycleEvent>): void
  /** Tells the timeline of a change of weights on the production or the test route. */
  noteShift(id: string, route: 'production' | 'test', percent: number): void
  /** Waits for what AWS decides, and keeps the books. */
  waitAws(id: string, awsMs: number, signal: AbortSignal): Promise<void>
  /** Books a wait of AWS's that passed inside of something else. */
  bookAws(id: string, realMs: number, awsMs: number): void
  timing(id: string): DeploymentTiming | undefined
}

/** https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-cloudwatch-events.html */
const states: Readonly<Partial<Record<DeploymentStatus, string>>> = {
  InProgress: 'START',
  Succeeded: 'SUCCESS',
  Failed: 'FAILURE',
  Stopped: 'STOP',
  Ready: 'READY',
}

/** Without `publish`, nobody is told by the group's triggers. */
export function createJournal(context: EmulatorContext, publish: Publish = () => false): Journal {
  const { accountId, clock, events, region, store } = context
  const deployments = store.collection<Deployment>('codedeploy.deployments')

  const get = (id: string): Deployment => {
    const found = deployments.get(id)
    if (found === undefined) throw new Error(`invariant: the journal holds deployment ${id}`)
    return found
  }
  const update = (id: string, patch: Partial<Deployment>): Deployment => {
    const changed = { ...get(id), ...patch, updatedAt: clock.now() }
    deployments.put(id, changed)
    return changed
  }
  const identify = (deployment: Deployment) => ({
    region,
    application: deployment.applicationName,
    deploymentGroup: deployment.deploymentGroupName,
    deploymentId: deployment.id,
    instanceGroupId: deployment.deploymentGroupId,
    cluster: deployment.plan.clusterName,
    service: deployment.plan.serviceName,
  })
  /** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscodedeploy.html#awscodedeploy-resources-for-iam-policies */
  const resourcesOf = ({ applicationName, deploymentGroupName }: Deployment) =>
    [`application:${applicationName}`, `deploymentgroup:${applicationName}/${deploymentGroupName}`].map(
      (name) => `arn:aws:codedeploy:${region}:${accountId}:${name}`,
    )
  /** A notice that cannot be sent must not undo what it tells. */
  const tell = (deployment: Deployment) => {
    try {
      notify(context, publish, deployment.plan.triggers ?? [], deployment)
    } catch (error) {
      events.emit('baton.codedeploy', 'CodeDeploy Trigger Failure', {
        deploymentId: deployment.id,
        message: String(error),
      })
    }
  }
  /** To the account of the deployment, and of the event that is under way. */
  const bookAws = (id: string, realMs: number, awsMs: number) => {
    const { awsWaits, events } = get(id)
    const add = ({ realMs: real, awsMs: aws }: AwsWaits = noWaits): AwsWaits => ({
      realMs: real + realMs,
      awsMs: aws + awsMs,
    })
    update(id, {
      awsWaits: add(awsWaits),
      events: events.map((event) =>
        event.status === 'InProgress' ? { ...event, awsWaits: add(event.awsWaits) } : event,
      ),
    })
  }

  return {
    get,
    find: (id) => deployments.get(id),
    all: () => deployments.values(),
    add(deployment) {
      deployments.put(deployment.id, deployment)
      tell(deployment)
    },
    update,
    bookAws,
    setStatus(id, status, patch = {}) {
      const before = get(id)
      const over = isOver({ ...before, status })
      const changed = update(id, { ...patch, status, ...(over ? { completedAt: clock.now() } : {}) })
      tell(changed)
      const state = states[status]
      // It has started once, however often it is taken up again: after a wait, by an emulator that starts.
      if (state === undefined || (state === 'START' && before.status !== 'Created')) return
      const detail = {
        ...identify(changed),
        state,
        creator: changed.creator,
        ...(changed.error === undefined
          ? {}
          : { errorCode: changed.error.code, message: changed.error.message }),
        ...(changed.rollback === undefined ? {} : { rollback: changed.rollback }),
      }
      const type = 'CodeDeploy Deployment State-change Notification'
      events.emit('aws.codedeploy', type, detail, resourcesOf(changed))
    },
    setEvent(id, name, patch) {
      const changed = update(id, {
        events: get(id).events.map((event) => (event.name === name ? { ...event, ...patch } : event)),
      })
      if (patch.status === undefined) return
      events.emit('baton.codedeploy', 'CodeDeploy Lifecycle Event', {
        ...identify(changed),
        lifecycleEvent: name,
        status: patch.status,
        ...(patch.message === undefined ? {} : { message: patch.message }),
        original: changed.original?.targetGroupName,
        replacement: changed.replacement?.targetGroupName,
      })
    },
    noteShift(id, route, percent) {
      const deployment = get(id)
      const side = (label: 'Blue' | 'Green', weight: number) => {
        const of = label === 'Blue' ? deployment.original : deployment.replacement
        return { label, weight, targetGroup: of?.targetGroupName, taskSet: of?.taskSetId }
      }
      events.emit('baton.codedeploy', 'CodeDeploy Traffic Shift', {
        ...identify(deployment),
        route,
        listeners:
          route === 'production' ? deployment.plan.productionListeners : deployment.plan.testListeners,
        weights: [side('Blue', 100 - percent), side('Green', percent)],
      })
    },
    async waitAws(id, awsMs, signal) {
      const from = clock.now()
      try {
        await clock.sleepAws(awsMs, signal)
        bookAws(id, clock.now() - from, awsMs)
      } catch (reason) {
        const passed = clock.now() - from
        bookAws(id, passed, Math.min(awsMs, passed * clock.speed))
        throw reason
      }
    },
    timing(id) {
      const deployment = deployments.get(id)
      if (deployment === undefined) return undefined
      const durationMs = (deployment.completedAt ?? clock.now()) - deployment.createdAt
      return {
        durationMs,
        predictedAwsDurationMs: onAws(durationMs, deployment.awsWaits),
        steps: deployment.events.flatMap(({ name, startedAt, endedAt, awsWaits = noWaits }) => {
          if (startedAt === undefined || endedAt === undefined) return []
          const took = endedAt - startedAt
          return [{ name, durationMs: took, predictedAwsDurationMs: onAws(took, awsWaits) }]
        }),
      }
    },
  }
}

const noWaits: AwsWaits = { realMs: 0, awsMs: 0 }

/** With every wait that AWS decides at its full length. */
const onAws = (durationMs: number, { realMs, awsMs }: AwsWaits) =>
  Math.round(Math.max(0, durationMs - realMs) + awsMs)
