/** Delivers the events of the emulator to the targets of each rule that they match. */
import type { EmulatorEvent } from '../../event-log.ts'
import type { EmulatorContext } from '../../service.ts'
import { eventPattern } from './event-pattern.ts'
import { targetMessage } from './input-transformer.ts'
import type { EventsState } from './state.ts'

export interface EventTargets {
  /** Publishes to an SNS topic; false when there is none of that ARN. */
  publish(topicArn: string, subject: string | undefined, message: string): boolean
  /** Invokes a Lambda function; false when there is none of that ARN. */
  invoke(functionArn: string, payload: string): boolean
}

/** Gives an event to the rules of a bus; what AWS's own services emit goes to the default one. Returns the event's id. */
export type Delivery = (event: Omit<EmulatorEvent, 'sequence'>, bus?: string) => string

export function createDelivery(
  { accountId, region, ids, events }: EmulatorContext,
  state: EventsState,
  services: EventTargets,
): Delivery {
  const send = (arn: string, message: string): boolean => {
    if (!/^arn:[^:]+:lambda:/.test(arn)) return services.publish(arn, undefined, message)
    // Lambda takes JSON only, and an input template may produce something else.
    JSON.parse(message)
    return services.invoke(arn, message)
  }
  return (happened, onBus = 'default') => {
    const id = ids.uuid()
    const event = {
      version: '0',
      id,
      'detail-type': happened.detailType,
      source: happened.source,
      account: accountId,
      time: new Date(happened.at).toISOString().replace(/\.\d+Z$/, 'Z'),
      region,
      resources: happened.resources ?? [],
      detail: happened.detail,
    }
    for (const { id: rule, bus, pattern, enabled } of state.rules()) {
      if (!enabled || bus !== onBus || pattern === undefined || !eventPattern(pattern)(event)) continue
      for (const target of state.targetsOf(rule)) {
        const failure = failureOf(() => send(target.arn, targetMessage(event, target)))
        if (failure === undefined) continue
        events.emit('baton.events', 'Delivery Failed', { rule, target: target.arn, reason: failure })
      }
    }
    return id
  }
}

/** Why nothing was delivered. A message that cannot be sent does not undo the event. */
function failureOf(deliver: () => boolean): string | undefined {
  try {
    return deliver()
      ? undefined
      : 'the target does not exist, or is neither an SNS topic nor a Lambda function'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
