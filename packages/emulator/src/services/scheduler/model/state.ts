/** The collections of EventBridge Scheduler, and the changes of schedules and groups. */
import type { EmulatorContext } from '../../../service.ts'
import type { Collection } from '../../../store.ts'
import { groupExists, groupNotFound, invalid, scheduleExists, scheduleNotFound } from './errors.ts'
import {
  defaultGroup,
  type Invocation,
  type Schedule,
  type ScheduleDefinition,
  type ScheduleGroup,
  scheduleKey,
} from './model.ts'

export interface SchedulerState {
  readonly schedules: Collection<Schedule>
  readonly invocations: Collection<Invocation>
  groups(): ScheduleGroup[]
  /** Throws ResourceNotFoundException. */
  group(name: string): ScheduleGroup
  createGroup(name: string, tags: Readonly<Record<string, string>>): ScheduleGroup
  saveGroup(group: ScheduleGroup): void
  /** With the schedules in it. */
  deleteGroup(name: string): void
  /** Throws ResourceNotFoundException. */
  schedule(group: string | undefined, name: string): Schedule
  create(group: string, name: string, definition: ScheduleDefinition, clientToken?: string): Schedule
  update(existing: Schedule, definition: ScheduleDefinition): Schedule
  /** Throws ResourceNotFoundException. */
  delete(group: string | undefined, name: string): void
  /** The present moment in the calendar of a schedule. */
  calendarNow(schedule: Schedule): number
}

export function createState(context: EmulatorContext): SchedulerState {
  const { accountId, clock, region, store } = context
  const schedules = store.collection<Schedule>('scheduler.schedules')
  const groups = store.collection<ScheduleGroup>('scheduler.groups')
  const arn = (resource: string) => `arn:aws:scheduler:${region}:${accountId}:${resource}`

  function newGroup(name: string, tags: Readonly<Record<string, string>>): ScheduleGroup {
    const now = clock.now()
    const group = { name, arn: arn(`schedule-group/${name}`), createdAt: now, modifiedAt: now, tags }
    groups.put(name, group)
    return group
  }
  const groupOf = (name: string) =>
    groups.get(name) ?? (name === defaultGroup ? newGroup(name, {}) : undefined)

  function group(name: string): ScheduleGroup {
    const found = groupOf(name)
    if (!found) throw groupNotFound(name)
    return found
  }

  function schedule(groupName: string | undefined, name: string): Schedule {
    const found = schedules.get(scheduleKey(group(groupName ?? defaultGroup).name, name))
    if (!found) throw scheduleNotFound(name)
    return found
  }

  const calendarNow = ({ anchor }: Schedule) =>
    anchor.calendarMs + (clock.now() - anchor.wallMs) * anchor.speed

  return {
    schedules,
    invocations: store.collection<Invocation>('scheduler.invocations'),
    groups() {
      groupOf(defaultGroup)
      return groups.values()
    },
    group,
    createGroup(name, tags) {
      if (groupOf(name)) throw groupExists(name)
      return newGroup(name, tags)
    },
    saveGroup: (changed) => groups.put(changed.name, changed),
    deleteGroup(name) {
      if (name === defaultGroup) throw invalid('The default schedule group cannot be deleted.')
      group(name)
      store.transaction(() => {
        for (const [key, each] of schedules.entries()) if (each.group === name) schedules.delete(key)
        groups.delete(name)
      })
    },
    schedule,
    create(groupName, name, definition, clientToken) {
      group(groupName)
      const key = scheduleKey(groupName, name)
      const existing = schedules.get(key)
      if (existing) {
        if (clientToken !== undefined && existing.clientToken === clientToken) return existing
        throw scheduleExists(name)
      }
      const now = clock.now()
      const created: Schedule = {
        ...definition,
        name,
        group: groupName,
        arn: arn(`schedule/${groupName}/${name}`),
        createdAt: now,
        modifiedAt: now,
        anchor: { wallMs: now, calendarMs: now, speed: clock.speed },
        rateFrom: now,
        notBefore: now,
        ...(clientToken === undefined ? {} : { clientToken }),
      }
      schedules.put(key, created)
      return created
    },
    update(existing, definition) {
      const { name, group: groupName, arn: itsArn, createdAt, anchor, rateFrom, lastAt } = existing
      const now = calendarNow(existing)
      const again = definition.expression !== existing.expression
      const updated: Schedule = {
        ...definition,
        name,
        group: groupName,
        arn: itsArn,
        createdAt,
        modifiedAt: clock.now(),
        anchor,
        // Another target does not make a rate due at once.
        rateFrom: again ? now : rateFrom,
        notBefore: now,
        ...(lastAt === undefined || again ? {} : { lastAt }),
      }
      schedules.put(scheduleKey(groupName, name), updated)
      return updated
    },
    delete(groupName, name) {
      const { group: found } = schedule(groupName, name)
      schedules.delete(scheduleKey(found, name))
    },
    calendarNow,
  }
}
