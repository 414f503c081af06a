/**
 * EventBridge, as far as notifications need it: rules over the events of the emulator, whose targets are SNS topics and
 * Lambda functions, and events of applications on any bus. Also the notification rules of CodeStar, which are records.
 *
 * What AWS documents and the emulator does otherwise or not yet: behaviours.ts.
 */
import * as sdk from '@aws-sdk/client-eventbridge'
import type { EmulatorContext, Service } from '../../service.ts'
import { behaviours } from './behaviours.ts'
import { createBusOperations } from './bus-operations.ts'
import { createDelivery, type EventTargets } from './delivery.ts'
import { createResourceTypes } from './resources.ts'
import { createRuleOperations } from './rule-operations.ts'
import { createState } from './state.ts'

export function createEventBridge(context: EmulatorContext, targets: EventTargets): Service {
  const state = createState(context)
  const deliver = createDelivery(context, state, targets)
  let unsubscribe = () => {}
  return {
    name: 'events',
    behaviours,
    resourceTypes: createResourceTypes(state),
    api: {
      signingName: 'events',
      protocol: 'json-1.1',
      sdk,
      operations: { ...createRuleOperations(state), ...createBusOperations(context, state, deliver) },
    },
    async start() {
      unsubscribe = context.events.subscribe((event) => {
        // The emulator's own events do not exist on AWS.
        if (event.source.startsWith('aws.')) deliver(event)
      })
    },
    async stop() {
      unsubscribe()
    },
  }
}
