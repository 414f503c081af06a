/**
 * EventBridge, as far as notices need it: rules over what happens in the region, whose targets are SNS topics.
 * Also the notification rules of CodeStar, which are records.
 *
 * - Gaps: targets other than SNS topics get nothing (the region's event log says `Delivery Failed`), schedules do
 *   not run, only the default bus gets events, and there is no API: rules are made by Terraform only.
 */
import type { RegionContext, Service } from '../../service.ts'
import { createResourceTypes } from './resources.ts'
import { createRules, type Publish } from './rules.ts'

export function createEvents(context: RegionContext, dependencies: { readonly publish: Publish }): Service {
  const rules = createRules(context, dependencies.publish)
  let unsubscribe = () => {}
  return {
    name: 'events',
    resourceTypes: createResourceTypes(rules),
    async start() {
      unsubscribe = context.events.subscribe((event) => {
        // What the region says of itself is nobody's business on AWS.
        if (event.source.startsWith('aws.')) rules.deliver(event)
      })
    },
    async stop() {
      unsubscribe()
    },
  }
}
