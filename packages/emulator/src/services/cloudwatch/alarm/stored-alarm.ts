/** An alarm as the store keeps it: its definition and its state. */
import type { PutCompositeAlarmInput, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch'
import type { AlarmState } from '../contract.ts'

export interface AlarmStatus {
  readonly arn: string
  readonly state: AlarmState
  readonly reason: string
  /** JSON. */
  readonly reasonData: string
  /** Wall-clock milliseconds. */
  readonly configuredAt: number
  readonly updatedAt: number
  readonly transitionedAt: number
  readonly tags: Readonly<Record<string, string>>
}
export type AlarmDefinition =
  | { readonly kind: 'metric'; readonly definition: PutMetricAlarmInput }
  | { readonly kind: 'composite'; readonly definition: PutCompositeAlarmInput }
export type StoredAlarm = AlarmStatus & AlarmDefinition

export const nameOf = (alarm: StoredAlarm): string => alarm.definition.AlarmName ?? ''
