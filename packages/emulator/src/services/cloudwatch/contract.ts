/** What CloudWatch offers the other services of the emulator: they put metrics in, CodeDeploy asks for alarms. */
import type { Service } from '../../service.ts'

export interface Datum {
  readonly namespace: string
  readonly metric: string
  /** e.g. `{ TargetGroup: 'targetgroup/…', LoadBalancer: 'app/…' }`. */
  readonly dimensions: Readonly<Record<string, string>>
  readonly value: number
  readonly unit?: string
}

export type AlarmState = 'OK' | 'ALARM' | 'INSUFFICIENT_DATA'

export interface CloudWatch extends Service {
  /** Adds one sample at the present moment. Called per request: cheap. */
  record(datum: Datum): void
  alarmState(alarmName: string): AlarmState | undefined
  /** Seconds of AWS time that the alarm looks back; undefined where there is no such alarm. */
  alarmWindowSeconds(alarmName: string): number | undefined
  onAlarm(listener: (alarmName: string, state: AlarmState) => void): () => void
}
