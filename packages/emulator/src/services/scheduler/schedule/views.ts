/** Schedules and groups as the API shows them. */
import type { GetScheduleOutput, ScheduleGroupSummary, ScheduleSummary } from '@aws-sdk/client-scheduler'
import type { Schedule, ScheduleGroup } from '../model/model.ts'

const date = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms))

export const scheduleView = (schedule: Schedule): GetScheduleOutput => ({
  Arn: schedule.arn,
  GroupName: schedule.group,
  Name: schedule.name,
  ScheduleExpression: schedule.expression,
  ScheduleExpressionTimezone: schedule.zone,
  StartDate: date(schedule.startsAt),
  EndDate: date(schedule.endsAt),
  Description: schedule.description,
  State: schedule.state,
  CreationDate: date(schedule.createdAt),
  LastModificationDate: date(schedule.modifiedAt),
  KmsKeyArn: schedule.kmsKeyArn,
  Target: schedule.target,
  FlexibleTimeWindow:
    schedule.windowMinutes === 0
      ? { Mode: 'OFF' }
      : { Mode: 'FLEXIBLE', MaximumWindowInMinutes: schedule.windowMinutes },
  ActionAfterCompletion: schedule.actionAfterCompletion,
})

export const scheduleSummary = (schedule: Schedule): ScheduleSummary => ({
  Arn: schedule.arn,
  Name: schedule.name,
  GroupName: schedule.group,
  State: schedule.state,
  CreationDate: date(schedule.createdAt),
  LastModificationDate: date(schedule.modifiedAt),
  Target: { Arn: schedule.target.Arn },
})

export const groupView = (group: ScheduleGroup): ScheduleGroupSummary => ({
  Arn: group.arn,
  Name: group.name,
  State: 'ACTIVE',
  CreationDate: date(group.createdAt),
  LastModificationDate: date(group.modifiedAt),
})
