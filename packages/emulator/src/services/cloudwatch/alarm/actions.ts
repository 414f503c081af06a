/**
 * What an alarm does when its state has changed: it notifies SNS topics and invokes Lambda functions, each once. Every
 * action is noted, with its error where it failed.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
 */
import type { EmulatorContext } from '../../../service.ts'
import type { HistoryItem } from './history.ts'
import { invocationOf, messageOf, subjectOf } from './message.ts'
import type { StoredAlarm } from './stored-alarm.ts'

export interface AlarmTargets {
  /** Publishes to a topic; false where there is none. */
  notify(topicArn: string, subject: string, message: string): boolean
  /** Invokes a function; false where there is none. */
  invoke(functionArn: string, payload: string): boolean
}

export type Note = (alarm: StoredAlarm, type: HistoryItem['type'], summary: string, data: unknown) => void

/** `alarm` is in its new state; the message names the old and the new state. */
export function carryOutActions(
  {
    targets,
    note,
    place,
  }: { targets: AlarmTargets; note: Note; place: Pick<EmulatorContext, 'accountId' | 'region'> },
  alarm: StoredAlarm,
  previous: StoredAlarm,
): void {
  for (const action of actionsOf(alarm)) {
    const { publishedMessage, error } = carryOut(action)
    const summary =
      error === null
        ? `Successfully executed action ${action}`
        : `Failed to execute action ${action}. Received error: "${error}"`
    note(alarm, 'Action', summary, {
      actionState: error === null ? 'Succeeded' : 'Failed',
      stateUpdateTimestamp: alarm.updatedAt,
      notificationResource: action,
      publishedMessage,
      error,
    })
  }

  function carryOut(action: string): { publishedMessage: string; error: string | null } {
    const message = messageOf(alarm, previous, place)
    switch (/^arn:[^:]+:([^:]+):/.exec(action)?.[1]) {
      case 'sns': {
        const done = () => targets.notify(action, subjectOf(alarm, place.region), message)
        return { publishedMessage: message, error: failureOf(done, 'Topic does not exist') }
      }
      case 'lambda': {
        const payload = invocationOf(alarm, previous, place)
        const done = () => targets.invoke(action, payload)
        return { publishedMessage: payload, error: failureOf(done, `Function not found: ${action}`) }
      }
      default:
        return { publishedMessage: message, error: 'Only SNS topics and Lambda functions are reached here' }
    }
  }
}

function actionsOf({ definition, state }: StoredAlarm): readonly string[] {
  if (definition.ActionsEnabled === false) return []
  const actions = {
    ALARM: definition.AlarmActions,
    OK: definition.OKActions,
    INSUFFICIENT_DATA: definition.InsufficientDataActions,
  }
  return actions[state] ?? []
}

/** Null where it succeeded. The state has changed, whether a notification could be sent or not. */
function failureOf(act: () => boolean, notThere: string): string | null {
  try {
    return act() ? null : notThere
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
