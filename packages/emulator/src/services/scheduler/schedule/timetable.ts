/**
 * When schedules are due: one timer for each that is enabled. A schedule's time counts in its own calendar, which runs
 * at the emulator's speed.
 */
import type { EmulatorContext } from '../../../service.ts'
import { scheduleExpression } from '../expression/expression.ts'
import type { Deliver } from '../invocation/delivery.ts'
import { type Invocation, type Schedule, scheduleKey } from '../model/model.ts'
import type { SchedulerState } from '../model/state.ts'

export interface Timetable {
  /** Takes up the schedules and invocations of the store. */
  start(): void
  stop(): void
  /** Call it after each change of a schedule. */
  changed(): void
}

/** The next time of a schedule in its calendar; undefined when none is left. */
function nextTime(schedule: Schedule): number | undefined {
  const expression = scheduleExpression(schedule.expression, {
    zone: schedule.zone,
    firstMs: schedule.startsAt ?? schedule.rateFrom,
  })
  if (!expression) return undefined
  // A one-time schedule has no start and no end.
  const recurs = expression.kind !== 'at'
  const from = Math.max(schedule.notBefore, recurs ? (schedule.startsAt ?? 0) : 0)
  const next = expression.next(Math.max(from - 1, schedule.lastAt ?? 0))
  return recurs && next !== undefined && next > (schedule.endsAt ?? next) ? undefined : next
}

export function createTimetable(
  context: EmulatorContext,
  state: SchedulerState,
  deliver: Deliver,
): Timetable {
  const { clock, ids, store } = context
  const { schedules, invocations } = state
  /** By key, with the document that it was set for. */
  const timers = new Map<string, { readonly schedule: Schedule; readonly stop: AbortController }>()
  const ended = new AbortController()
  let started = false

  function arm(key: string): void {
    const schedule = schedules.get(key)
    const timer = timers.get(key)
    if (timer?.schedule === schedule) return
    timer?.stop.abort()
    timers.delete(key)
    if (!schedule || schedule.state === 'DISABLED' || !started) return
    const next = nextTime(schedule)
    if (next === undefined) {
      complete(key, schedule)
      return
    }
    const stop = new AbortController()
    timers.set(key, { schedule, stop })
    const share = Number.parseInt(ids.hex('', 8), 16) / 2 ** 32
    const dueAt = next + share * schedule.windowMinutes * 60_000
    clock.sleepAws(dueAt - state.calendarNow(schedule), stop.signal).then(
      () => fire(key, schedule, next),
      () => undefined,
    )
  }

  function fire(key: string, schedule: Schedule, scheduledAt: number): void {
    if (ended.signal.aborted || schedules.get(key) !== schedule) return
    const invocation: Invocation = {
      id: ids.uuid(),
      scheduleArn: schedule.arn,
      group: schedule.group,
      name: schedule.name,
      target: schedule.target,
      scheduledAt,
      since: clock.now(),
      attempts: 0,
    }
    // In one transaction: after a restart, the invocation is taken up and not repeated.
    store.transaction(() => {
      schedules.put(key, { ...schedule, lastAt: scheduledAt })
      invocations.put(invocation.id, invocation)
    })
    run(invocation)
    arm(key)
  }

  function run(invocation: Invocation): void {
    const key = scheduleKey(invocation.group, invocation.name)
    deliver(invocation, ended.signal)
      .then(() => {
        invocations.delete(invocation.id)
        const schedule = schedules.get(key)
        if (schedule && started && schedule.state === 'ENABLED' && nextTime(schedule) === undefined)
          complete(key, schedule)
      })
      .catch((error) => {
        if (!ended.signal.aborted) console.error(`the schedule ${key} failed:`, error)
      })
  }

  /** https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-delete.html */
  function complete(key: string, { actionAfterCompletion, arn }: Schedule): void {
    const pending = invocations.values().some(({ scheduleArn }) => scheduleArn === arn)
    if (actionAfterCompletion === 'DELETE' && !pending) schedules.delete(key)
  }

  function changed(): void {
    for (const key of new Set([...timers.keys(), ...schedules.entries().map(([key]) => key)])) arm(key)
  }

  // A transaction that was undone leaves other documents behind.
  schedules.onReload(changed)
  return {
    start() {
      started = true
      for (const [key, schedule] of schedules.entries())
        schedules.put(key, atThisSpeed(state, schedule, context))
      for (const invocation of invocations.values()) run(invocation)
      changed()
    },
    stop() {
      started = false
      ended.abort()
      for (const { stop } of timers.values()) stop.abort()
      timers.clear()
    },
    changed,
  }
}

/** What was due while the emulator was down is left out, except for a schedule that is due only once. */
function atThisSpeed(state: SchedulerState, schedule: Schedule, { clock }: EmulatorContext): Schedule {
  const calendarMs = state.calendarNow(schedule)
  return {
    ...schedule,
    anchor: { wallMs: clock.now(), calendarMs, speed: clock.speed },
    notBefore: schedule.expression.startsWith('at(')
      ? schedule.notBefore
      : Math.max(schedule.notBefore, calendarMs),
  }
}
