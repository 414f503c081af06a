/** EventBridge Scheduler's API: https://docs.aws.amazon.com/scheduler/latest/APIReference/API_Operations.html */
import type * as sdk from '@aws-sdk/client-scheduler'
import type { Operations } from '../../protocol/operations.ts'
import { pageOf } from '../../protocol/paging.ts'
import { invalid, resourceNotFound } from './model/errors.ts'
import { defaultGroup } from './model/model.ts'
import type { SchedulerState } from './model/state.ts'
import { checkName, scheduleDefinition } from './schedule/definition.ts'
import type { Timetable } from './schedule/timetable.ts'
import { groupView, scheduleSummary, scheduleView } from './schedule/views.ts'

export function createOperations(
  state: SchedulerState,
  timetable: Timetable,
  canAssume: (roleArn: string) => boolean,
) {
  return { ...scheduleOperations(state, timetable, canAssume), ...groupOperations(state, timetable) }
}

function scheduleOperations(
  state: SchedulerState,
  timetable: Timetable,
  canAssume: (roleArn: string) => boolean,
) {
  return {
    CreateSchedule(input) {
      const name = checkName(input.Name, 'name')
      const group = checkName(input.GroupName ?? defaultGroup, 'groupName')
      const { arn } = state.create(group, name, scheduleDefinition(input, canAssume), input.ClientToken)
      timetable.changed()
      return { ScheduleArn: arn }
    },
    UpdateSchedule(input) {
      const existing = state.schedule(input.GroupName, checkName(input.Name, 'name'))
      const { arn } = state.update(existing, scheduleDefinition(input, canAssume))
      timetable.changed()
      return { ScheduleArn: arn }
    },
    GetSchedule: (input) => scheduleView(state.schedule(input.GroupName, checkName(input.Name, 'name'))),
    DeleteSchedule(input) {
      state.delete(input.GroupName, checkName(input.Name, 'name'))
      timetable.changed()
      return {}
    },
    ListSchedules(input) {
      if (input.GroupName !== undefined) state.group(input.GroupName)
      const found = state.schedules
        .values()
        .filter(({ group }) => input.GroupName === undefined || group === input.GroupName)
        .filter(({ name }) => name.startsWith(input.NamePrefix ?? ''))
        .filter((schedule) => input.State === undefined || schedule.state === input.State)
        .sort((a, b) => (`${a.group}/${a.name}` < `${b.group}/${b.name}` ? -1 : 1))
      const { items, next } = page(found, input)
      return { Schedules: items.map(scheduleSummary), NextToken: next }
    },
  } satisfies Operations<typeof sdk>
}

function groupOperations(state: SchedulerState, timetable: Timetable) {
  const groupOfArn = (arn: string | undefined) => {
    const found = state.groups().find((group) => group.arn === arn)
    if (!found) throw resourceNotFound(String(arn))
    return found
  }
  return {
    CreateScheduleGroup(input) {
      const group = state.createGroup(checkName(input.Name, 'name'), tagsOf(input.Tags))
      return { ScheduleGroupArn: group.arn }
    },
    GetScheduleGroup: (input) => groupView(state.group(checkName(input.Name, 'name'))),
    DeleteScheduleGroup(input) {
      state.deleteGroup(checkName(input.Name, 'name'))
      timetable.changed()
      return {}
    },
    ListScheduleGroups(input) {
      const found = state.groups().filter(({ name }) => name.startsWith(input.NamePrefix ?? ''))
      const { items, next } = page(found, input)
      return { ScheduleGroups: items.map(groupView), NextToken: next }
    },
    TagResource(input) {
      const group = groupOfArn(input.ResourceArn)
      state.saveGroup({ ...group, tags: { ...group.tags, ...tagsOf(input.Tags) } })
      return {}
    },
    UntagResource(input) {
      const group = groupOfArn(input.ResourceArn)
      const kept = Object.entries(group.tags).filter(([key]) => !input.TagKeys?.includes(key))
      state.saveGroup({ ...group, tags: Object.fromEntries(kept) })
      return {}
    },
    ListTagsForResource: (input) => ({
      Tags: Object.entries(groupOfArn(input.ResourceArn).tags).map(([Key, Value]) => ({ Key, Value })),
    }),
  } satisfies Operations<typeof sdk>
}

const tagsOf = (tags: readonly sdk.Tag[] | undefined) =>
  Object.fromEntries((tags ?? []).map(({ Key, Value }) => [String(Key), String(Value)]))

function page<T>(
  items: readonly T[],
  { MaxResults, NextToken }: Pick<sdk.ListSchedulesInput, 'MaxResults' | 'NextToken'>,
) {
  if (MaxResults !== undefined && (MaxResults < 1 || MaxResults > 100))
    throw invalid('MaxResults must be between 1 and 100.')
  return pageOf(items, NextToken, MaxResults ?? 100, () => invalid('Invalid NextToken.'))
}
