/**
 * The list of events of a service, in AWS's words, newest first; the same go to the region's event log.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
 */
import type { RegionContext } from '../../service.ts'
import type { ServiceRecord, TaskSetRecord } from './model.ts'
import type { EcsState } from './state.ts'

/** DescribeServices returns at most the 100 most recent events. */
const KEPT = 100

export interface ServiceEvents {
  add(service: ServiceRecord, taskSet: TaskSetRecord, what: string): void
  /** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html */
  deployment(service: ServiceRecord, taskSet: TaskSetRecord, eventName: string): void
}

export function createServiceEvents(context: RegionContext, state: EcsState): ServiceEvents {
  return {
    add(service, taskSet, what) {
      const subject =
        service.controller === 'CODE_DEPLOY'
          ? `(service ${service.name}, taskSet ${taskSet.id})`
          : `(service ${service.name})`
      const message = `${subject} ${what}`
      const event = { id: context.ids.uuid(), createdAt: context.clock.now(), message }
      state.serviceEvents.put(
        service.arn,
        [event, ...(state.serviceEvents.get(service.arn) ?? [])].slice(0, KEPT),
      )
      context.events.emit('aws.ecs', 'ECS Service Action', {
        eventType: 'INFO',
        eventName: what.startsWith('has reached a steady state') ? 'SERVICE_STEADY_STATE' : 'SERVICE_EVENT',
        clusterArn: state.arn(`cluster/${service.clusterName}`),
        serviceArn: service.arn,
        message,
      })
    },
    deployment(service, taskSet, eventName) {
      context.events.emit('aws.ecs', 'ECS Deployment State Change', {
        eventType: eventName.endsWith('FAILED') ? 'ERROR' : 'INFO',
        eventName,
        deploymentId: taskSet.id,
        clusterArn: state.arn(`cluster/${service.clusterName}`),
        serviceArn: service.arn,
      })
    },
  }
}
