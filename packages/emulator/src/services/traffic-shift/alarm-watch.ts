/**
 * The alarms of a deployment: which of them are in ALARM, and a watch that polls them while a deployment runs. What
 * an alarm means for the deployment is the controller's decision.
 */
import type { Clock } from '../../clock.ts'
import type { CloudWatch } from '../cloudwatch/contract.ts'
import { pollIntervalAwsMs } from './time-limits.ts'

export type AlarmStates = Pick<CloudWatch, 'alarmState'>

export interface WatchedAlarms {
  readonly names: readonly string[]
  /** Whether an alarm that does not exist is as harmless as one in OK. */
  readonly ignoreUnknown: boolean
}

/** Why a deployment must not go on. */
export type AlarmFinding =
  | { readonly kind: 'in-alarm'; readonly names: readonly string[] }
  | { readonly kind: 'unknown'; readonly names: readonly string[] }

const alarmsInAlarm = (alarms: AlarmStates, names: readonly string[]): string[] =>
  names.filter((name) => alarms.alarmState(name) === 'ALARM')

/** Undefined while none of the alarms concerns the deployment. One in ALARM comes before one that does not exist. */
export function findAlarm(
  alarms: AlarmStates,
  { names, ignoreUnknown }: WatchedAlarms,
): AlarmFinding | undefined {
  const inAlarm = alarmsInAlarm(alarms, names)
  if (inAlarm.length > 0) return { kind: 'in-alarm', names: inAlarm }
  if (ignoreUnknown) return undefined
  const unknown = names.filter((name) => alarms.alarmState(name) === undefined)
  return unknown.length > 0 ? { kind: 'unknown', names: unknown } : undefined
}

/**
 * Polls every `everyAwsMs` of AWS time until the returned function is called; `report` is called at most once. The
 * first look comes after the first interval.
 */
export function watchAlarms(
  { clock, alarms }: { readonly clock: Clock; readonly alarms: AlarmStates },
  watched: WatchedAlarms,
  everyAwsMs: number,
  report: (finding: AlarmFinding) => void,
): () => void {
  if (watched.names.length === 0) return () => undefined
  const end = clock.everyAws(pollIntervalAwsMs(clock, everyAwsMs), () => {
    const finding = findAlarm(alarms, watched)
    if (finding === undefined) return
    end()
    report(finding)
  })
  return end
}
