/**
 * The journal of deployments. Every change is made here, is durable before the call returns, and is published as an
 * event: states under AWS's name, life-cycle events and shifts under the emulator's own, because AWS does not publish
 * them. The journal also records the waits that the clock compresses; they predict the duration on AWS.
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
  /** The deployments of a group, oldest first. */
  ofGroup(deploymentGroupId: string): Deployment[]
  add(deployment: Deployment): void
  update(id: string, patch: Partial<Deployment>): Deployment
  setStatus(id: string, status: DeploymentStatus, patch?: Partial<Deployment>): void
  setEvent(id: string, name: EventName, patch: Partial<LifecycleEvent>): void
  /** Publishes a change of weights on the production or the test route. */
  publishShift(id: string, route: 'production' | 'test', percent: number): void
  /** Waits a duration that AWS decides, and records it. */
  waitAws(id: string, awsMs: number, signal: AbortSignal): Promise<void>
  /** Records a wait of AWS's that passed inside another operation. */
  recordSimulatedWait(id: string, realMs: number, awsMs: number): void
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

/** Without `publish`, the group's triggers send nothing. */
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
  /** A notification that cannot be sent must not undo the change that it reports. */
  const notifyTriggers = (deployment: Deployment) => {
    try {
      notify(context, publish, deployment.plan.triggers ?? [], deployment)
    } catch (error) {
      events.emit('baton.codedeploy', 'CodeDeploy Trigger Failure', {
        deploymentId: deployment.id,
        message: String(error),
      })
    }
  }
  /** Adds the wait to the deployment and to the life-cycle event that is in progress. */
  const recordSimulatedWait = (id: string, realMs: number, awsMs: number) => {
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
    ofGroup: (groupId) => deployments.values().filter((one) => one.deploymentGroupId === groupId),
    add(deployment) {
      deployments.put(deployment.id, deployment)
      notifyTriggers(deployment)
    },
    update,
    recordSimulatedWait,
    setStatus(id, status, patch = {}) {
      const before = get(id)
      const over = isOver({ ...before, status })
      const changed = update(id, { ...patch, status, ...(over ? { completedAt: clock.now() } : {}) })
      notifyTriggers(changed)
      const state = states[status]
      // It starts once, however often it is resumed: after a wait, or when the emulator starts.
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
    publishShift(id, route, percent) {
      const deployment = get(id)
      const placement = (label: 'Blue' | 'Green', weight: number) => {
        const of = label === 'Blue' ? deployment.original : deployment.replacement
        return { label, weight, targetGroup: of?.targetGroupName, taskSet: of?.taskSetId }
      }
      events.emit('baton.codedeploy', 'CodeDeploy Traffic Shift', {
        ...identify(deployment),
        route,
        listeners:
          route === 'production' ? deployment.plan.productionListeners : deployment.plan.testListeners,
        weights: [placement('Blue', 100 - percent), placement('Green', percent)],
      })
    },
    async waitAws(id, awsMs, signal) {
      const from = clock.now()
      try {
        await clock.sleepAws(awsMs, signal)
        recordSimulatedWait(id, clock.now() - from, awsMs)
      } catch (reason) {
        const passed = clock.now() - from
        recordSimulatedWait(id, passed, Math.min(awsMs, passed * clock.speed))
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

/** The duration with every wait that AWS decides at its full length. */
const onAws = (durationMs: number, { realMs, awsMs }: AwsWaits) =>
  Math.round(Math.max(0, durationMs - realMs) + awsMs)
