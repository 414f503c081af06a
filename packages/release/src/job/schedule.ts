/**
 * The schedule of a job on EventBridge Scheduler: what it runs, and whether it is paused. UpdateSchedule replaces a schedule
 * as a whole, so each change is made over what is there.
 * https://docs.aws.amazon.com/scheduler/latest/APIReference/API_UpdateSchedule.html
 */
import {
  GetScheduleCommand,
  type GetScheduleOutput,
  ResourceNotFoundException,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler'
import type { JobManifest } from '@baton/config'
import type { Clients } from '../aws/clients.ts'
import { ReleaseError } from '../release-error.ts'

type Scheduler = Pick<Clients, 'scheduler'>

export interface Schedule {
  /** As it is on AWS. */
  readonly current: GetScheduleOutput
  /** ARN of the task definition that it runs. */
  readonly taskDefinition: string
  /** Whether it runs its job when it is due; a pause of ours does not count. */
  readonly enabled: boolean
  /** Whether a migration has paused it; also after one that was killed. */
  readonly paused: boolean
}

/** Before the description of a schedule that a migration has paused: so that it is enabled again, whatever happens. */
const pausedMark = 'Paused by baton while a migration runs. '

/** Throws `schedule-missing`. */
export async function scheduleOf(
  { scheduler }: Scheduler,
  { schedule, scheduleGroup }: JobManifest,
): Promise<Schedule> {
  try {
    const current = await scheduler.send(new GetScheduleCommand({ Name: schedule, GroupName: scheduleGroup }))
    const paused = current.Description?.startsWith(pausedMark) ?? false
    return {
      current,
      taskDefinition: current.Target?.EcsParameters?.TaskDefinitionArn ?? '',
      enabled: paused || current.State === 'ENABLED',
      paused,
    }
  } catch (cause) {
    if (!(cause instanceof ResourceNotFoundException)) throw cause
    throw new ReleaseError(
      'schedule-missing',
      `EventBridge Scheduler has no schedule ${schedule} in the group ${scheduleGroup}.`,
      'Apply the platform again: Terraform owns the schedule.',
      { cause },
    )
  }
}

export interface ScheduleChange {
  readonly taskDefinition?: string
  readonly enabled?: boolean
  readonly paused?: boolean
}

export async function changeSchedule(
  { scheduler }: Scheduler,
  { current, taskDefinition, enabled, paused }: Schedule,
  change: ScheduleChange,
): Promise<void> {
  const after = { taskDefinition, enabled, paused, ...change }
  const { Target, Description = '' } = current
  const description = Description.startsWith(pausedMark) ? Description.slice(pausedMark.length) : Description
  const marked = after.paused ? pausedMark + description : description
  await scheduler.send(
    new UpdateScheduleCommand({
      Name: current.Name,
      GroupName: current.GroupName,
      ScheduleExpression: current.ScheduleExpression,
      ScheduleExpressionTimezone: current.ScheduleExpressionTimezone,
      StartDate: current.StartDate,
      EndDate: current.EndDate,
      FlexibleTimeWindow: current.FlexibleTimeWindow,
      ActionAfterCompletion: current.ActionAfterCompletion,
      KmsKeyArn: current.KmsKeyArn,
      Description: marked === '' ? undefined : marked.slice(0, 512),
      State: after.enabled && !after.paused ? 'ENABLED' : 'DISABLED',
      Target: Target && {
        ...Target,
        EcsParameters: Target.EcsParameters && {
          ...Target.EcsParameters,
          TaskDefinitionArn: after.taskDefinition,
        },
      },
    }),
  )
}
