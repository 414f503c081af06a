/**
 * SNS: topics, who subscribed, and the inbox of what was published: `baton notices`, `GET /_baton/notices`, and
 * `inbox` for tests. What differs from AWS: behaviours.ts. Platform applications and SMS are refused by name.
 */
import * as sdk from '@aws-sdk/client-sns'
import type { EmulatorContext } from '../../service.ts'
import { behaviours } from './behaviours.ts'
import type { Sns } from './contract.ts'
import { createOperations } from './operations.ts'
import { createDataSourceTypes, createResourceTypes } from './resources.ts'
import { createState, type Invoke } from './state.ts'

/** `invoke` invokes a function that has subscribed; false where there is none. */
export function createSns(
  context: EmulatorContext,
  { invoke = () => false }: { readonly invoke?: Invoke } = {},
): Sns {
  const topics = createState(context, invoke)
  return {
    name: 'sns',
    behaviours,
    resourceTypes: createResourceTypes(topics, context.accountId, context.clock.now),
    dataSourceTypes: createDataSourceTypes(topics),
    api: {
      signingName: 'sns',
      protocol: 'query',
      sdk,
      operations: createOperations(topics, context.accountId),
    },
    publish(topicArn, subject, message) {
      const topic = topics.topic(topicArn)
      if (topic === undefined) return false
      topics.publish(topic, { subject, message })
      return true
    },
    inbox: topics.inbox,
  }
}
