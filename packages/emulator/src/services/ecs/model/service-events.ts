/**
 * The events of a service, in AWS's words, newest first. Events that AWS sends to EventBridge are in the emulator's
 * event log under AWS's names, the others under the emulator's names.
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
  /** Adds `(service name) message`, unless the last event has the same message. */
  add(service: ServiceRecord, taskSet: TaskSetRecord, message: string): void
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
    add(service, taskSet, text) {
      const subject =
        service.controller === 'CODE_DEPLOY'
          ? `(service ${service.name}, taskSet ${taskSet.id})`
          : `(service ${service.name})`
      const message = `${subject} ${text}`
      const earlier = state.serviceEvents.get(service.arn) ?? []
      if (earlier[0]?.message === message) return
      const createdAt = context.clock.now()
      const event = { id: context.ids.uuid(), createdAt, message }
      state.serviceEvents.put(service.arn, [event, ...earlier].slice(0, KEPT))
      const action = actionOf(service, text)
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

/** AWS's name of the event on EventBridge; undefined for one that DescribeServices alone shows. */
function actionOf(
  service: ServiceRecord,
  text: string,
): { eventType: 'INFO' | 'WARN'; eventName: string } | undefined {
  if (text.startsWith('has reached a steady state')) {
    const eventName = service.controller === 'CODE_DEPLOY' ? 'TASKSET_STEADY_STATE' : 'SERVICE_STEADY_STATE'
    return { eventType: 'INFO', eventName }
  }
  if (text.startsWith('has stopped')) return { eventType: 'INFO', eventName: 'TASKS_STOPPED' }
  if (text.startsWith('is unable to consistently start'))
    return { eventType: 'WARN', eventName: 'SERVICE_TASK_START_IMPAIRED' }
  return undefined
}
