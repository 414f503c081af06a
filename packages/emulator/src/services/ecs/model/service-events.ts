/**
 * The list of events of a service, in AWS's words, newest first. Those that AWS sends to EventBridge go to the
 * emulator's event log by AWS's names, the others by the emulator's own.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_events.html
 */
import type { EmulatorContext } from '../../../service.ts'
import type { ServiceRecord, TaskSetRecord } from './model.ts'
import type { EcsState } from './state.ts'

/** DescribeServices returns at most the 100 most recent events. */
const KEPT = 100

export interface ServiceEvents {
  /** Adds `(service name) …`; a message that says the same as the last one is left out. */
  add(service: ServiceRecord, taskSet: TaskSetRecord, what: string): void
  /** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html */
  deployment(
    service: ServiceRecord,
    taskSet: TaskSetRecord,
    state: 'IN_PROGRESS' | 'COMPLETED' | 'FAILED',
    reason: string,
  ): void
}

export function createServiceEvents(context: EmulatorContext, state: EcsState): ServiceEvents {
  const of = (service: ServiceRecord) => ({
    clusterArn: state.arn(`cluster/${service.clusterName}`),
    serviceArn: service.arn,
  })
  return {
    add(service, taskSet, what) {
      const subject =
        service.controller === 'CODE_DEPLOY'
          ? `(service ${service.name}, taskSet ${taskSet.id})`
          : `(service ${service.name})`
      const message = `${subject} ${what}`
      const known = state.serviceEvents.get(service.arn) ?? []
      if (known[0]?.message === message) return
      const createdAt = context.clock.now()
      const event = { id: context.ids.uuid(), createdAt, message }
      state.serviceEvents.put(service.arn, [event, ...known].slice(0, KEPT))
      const action = actionOf(service, what)
      const at = { ...of(service), createdAt: new Date(createdAt).toISOString() }
      if (action) {
        context.events.emit('aws.ecs', 'ECS Service Action', { ...action, ...at }, [service.arn])
      } else context.events.emit('baton.ecs', 'Service Event', { ...at, message })
    },
    deployment(service, taskSet, rolloutState, reason) {
      const detail = {
        eventType: rolloutState === 'FAILED' ? 'ERROR' : 'INFO',
        eventName: `SERVICE_DEPLOYMENT_${rolloutState}`,
        deploymentId: taskSet.id,
        updatedAt: new Date(context.clock.now()).toISOString(),
        reason,
        ...of(service),
      }
      context.events.emit('aws.ecs', 'ECS Deployment State Change', detail, [service.arn])
    },
  }
}

/** What AWS calls the event on EventBridge; undefined for what it only lists. */
function actionOf(
  service: ServiceRecord,
  what: string,
): { eventType: 'INFO' | 'WARN'; eventName: string } | undefined {
  if (what.startsWith('has reached a steady state')) {
    const eventName = service.controller === 'CODE_DEPLOY' ? 'TASKSET_STEADY_STATE' : 'SERVICE_STEADY_STATE'
    return { eventType: 'INFO', eventName }
  }
  if (what.startsWith('has stopped')) return { eventType: 'INFO', eventName: 'TASKS_STOPPED' }
  if (what.startsWith('is unable to consistently start'))
    return { eventType: 'WARN', eventName: 'SERVICE_TASK_START_IMPAIRED' }
  return undefined
}
