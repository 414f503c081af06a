/** Schedules, their groups and their invocations as the store holds them. Times are milliseconds since the epoch. */
import type { Target } from '@aws-sdk/client-scheduler'

export interface ScheduleGroup {
  readonly name: string
  readonly arn: string
  readonly createdAt: number
  readonly modifiedAt: number
  readonly tags: Readonly<Record<string, string>>
}

/** What a caller says of a schedule, with AWS's defaults. */
export interface ScheduleDefinition {
  readonly expression: string
  readonly zone: string
  readonly startsAt?: number
  readonly endsAt?: number
  readonly description?: string
  readonly state: 'ENABLED' | 'DISABLED'
  readonly kmsKeyArn?: string
  readonly target: Target & { readonly Arn: string; readonly RoleArn: string }
  /** 0 without a flexible window. */
  readonly windowMinutes: number
  readonly actionAfterCompletion: 'NONE' | 'DELETE'
}

/**
 * Where a schedule's calendar and this machine's clock met last. The calendar runs faster by the emulator's speed, from
 * the moment at which the schedule was created: `at(…)` in ten minutes is due in ten seconds at speed 60.
 */
export interface Anchor {
  readonly wallMs: number
  readonly calendarMs: number
  readonly speed: number
}

export interface Schedule extends ScheduleDefinition {
  readonly name: string
  readonly group: string
  readonly arn: string
  readonly createdAt: number
  readonly modifiedAt: number
  readonly clientToken?: string
  readonly anchor: Anchor
  /** In the schedule's calendar: the first time of a rate that has no start date. */
  readonly rateFrom: number
  /** In the schedule's calendar: earlier times are not invoked. */
  readonly notBefore: number
  /** In the schedule's calendar: the time of the last invocation. */
  readonly lastAt?: number
}

/** An invocation of a target, kept until it succeeds or is dropped. */
export interface Invocation {
  /** Its execution id. */
  readonly id: string
  readonly scheduleArn: string
  readonly group: string
  readonly name: string
  readonly target: ScheduleDefinition['target']
  /** In the schedule's calendar. */
  readonly scheduledAt: number
  /** Wall-clock time of the first attempt. */
  readonly since: number
  /** The number of attempts so far. */
  readonly attempts: number
}

export const defaultGroup = 'default'
export const scheduleKey = (group: string, name: string): string => `${group}/${name}`
