/**
 * EventBridge, as far as notices need it: rules over what happens in the emulator, whose targets are SNS topics and Lambda
 * functions.
 * Also the notification rules of CodeStar, which are records. What differs from AWS: behaviours.ts.
 */
import type { EmulatorContext, Service } from '../../service.ts'
import { behaviours } from './behaviours.ts'
import { createResourceTypes } from './resources.ts'
import { createRules, type EventTargets } from './rules.ts'

export function createEventBridge(context: EmulatorContext, targets: EventTargets): Service {
  const rules = createRules(context, targets)
  let unsubscribe = () => {}
  return {
    name: 'events',
    behaviours,
    resourceTypes: createResourceTypes(rules),
    async start() {
      unsubscribe = context.events.subscribe((event) => {
        // What the emulator says of itself is nobody's business on AWS.
        if (event.source.startsWith('aws.')) rules.deliver(event)
      })
    },
    async stop() {
      unsubscribe()
    },
  }
}
