/**
 * Alarms with their states. They are evaluated every minute of AWS time, those with a period below a minute every
 * ten seconds; a change of state is stored, written to the history, passed to the listeners, and acted upon.
 *
 * A data point takes its time from the service that measures it to the alarm. AWS publishes no figure; the
 * emulator assumes one minute (ten seconds for high resolution), so period × datapoints + lag is what a canary
 * has to outlast, as on AWS.
 */
import type { PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch'
import type { EmulatorContext } from '../../../service.ts'
import type { AlarmState } from '../contract.ts'
import { bucketAwsMs, perMinute } from '../metric/series.ts'
import type { MetricStore } from '../metric/store.ts'
import { type AlarmTargets, carryOutActions, type Note } from './actions.ts'
import { alarmsOfRule, evaluateRule } from './composite-rule.ts'
import { dataPoints, periodOf, tooFewSamples } from './data.ts'
import { createAlarmHistory, type HistoryItem } from './history.ts'
import { configurationChangeOf, stateChangeOf } from './message.ts'
import { awsDate, stateReason, stateReasonData } from './reason.ts'
import { evaluateAlarm, rangeBeyondPeriods } from './rules.ts'
import { type AlarmDefinition, type AlarmStatus, nameOf, type StoredAlarm } from './stored-alarm.ts'

export interface Alarms {
  get(name: string): StoredAlarm | undefined
  all(): StoredAlarm[]
  /** Makes it, or overwrites its definition and leaves its state; `tags` are those of a new one. */
  put(alarm: AlarmDefinition, tags?: Readonly<Record<string, string>>): StoredAlarm
  delete(name: string): boolean
  setState(name: string, state: AlarmState, reason: string, reasonData?: string): void
  setActionsEnabled(name: string, enabled: boolean): void
  setTags(name: string, tags: Readonly<Record<string, string>>): void
  /** Of one alarm, be it deleted, or of all; oldest first. */
  history(name?: string): readonly HistoryItem[]
  onAlarm(listener: (name: string, state: AlarmState) => void): () => void
  start(): void
  stop(): void
}

export function createAlarms(context: EmulatorContext, metrics: MetricStore, targets: AlarmTargets): Alarms {
  const { clock, events, store } = context
  const alarms = store.collection<StoredAlarm>('cloudwatch.alarms')
  const history = createAlarmHistory(context)
  const listeners = new Set<(name: string, state: AlarmState) => void>()
  /** Alarms from before the restart, and the first bucket after it: earlier metrics are lost. */
  const restored = new Set(alarms.values().map(nameOf))
  const born = metrics.bucketAt(clock.now())
  let lastMinute = -1
  let stopTicking: (() => void) | undefined

  const note: Note = (alarm, type, summary, data) =>
    history.note({ name: nameOf(alarm), kind: alarm.kind, type, summary, data })

  function transition(alarm: StoredAlarm, state: AlarmState, reason: string, reasonData: string): void {
    const name = nameOf(alarm)
    const at = clock.now()
    // An unchanged state is not written: every minute for every alarm, it would say nothing new.
    if (alarm.state === state) return
    const changed = { ...alarm, state, reason, reasonData, updatedAt: at, transitionedAt: at }
    alarms.put(name, changed)
    note(alarm, 'StateUpdate', `Alarm updated from ${alarm.state} to ${state}`, {
      version: '1.0',
      oldState: historyState(alarm),
      newState: historyState(changed),
    })
    events.emit('aws.cloudwatch', 'CloudWatch Alarm State Change', stateChangeOf(changed, alarm), [alarm.arn])
    for (const listener of listeners) listener(name, state)
    carryOutActions({ targets, note, place: context }, changed, alarm)
    evaluateComposites(changed)
  }

  function evaluate(alarm: StoredAlarm & { kind: 'metric' }): void {
    const { definition } = alarm
    const high = periodOf(definition) < 60
    const now = metrics.bucketAt(clock.now()) - (high ? 1 : perMinute)
    const end = high ? now : Math.floor(now / perMinute) * perMinute
    const periods = definition.EvaluationPeriods ?? 1
    const rule = {
      operator: definition.ComparisonOperator,
      threshold: definition.Threshold ?? 0,
      evaluationPeriods: periods,
      datapointsToAlarm: definition.DatapointsToAlarm ?? periods,
      treatMissingData: treatmentOf(definition),
    }
    if (tooFewSamples(metrics, definition, end)) return
    const range = dataPoints(metrics, definition, end, periods + rangeBeyondPeriods)
    const found = evaluateAlarm(rule, range, alarm.state)
    if (found.missing > 0 && isLost(alarm, range.at(-periods)?.bucket ?? end)) return
    transition(
      alarm,
      found.state,
      stateReason(definition, found, metrics.timeOf),
      stateReasonData(definition, found, range, { now: clock.now(), timeOf: metrics.timeOf }),
    )
  }

  /**
   * What is missing from before the emulator's start is not missing on AWS, where metrics outlive everything: the
   * state that was kept holds until the evaluation periods lie within this life.
   */
  function isLost(alarm: StoredAlarm, from: number): boolean {
    if (!restored.has(nameOf(alarm))) return false
    if (from < born) return true
    restored.delete(nameOf(alarm))
    return false
  }

  function evaluateComposites(child: StoredAlarm): void {
    for (const alarm of alarms.values()) {
      if (alarm.kind !== 'composite' || !alarmsOfRule(ruleOf(alarm)).includes(nameOf(child))) continue
      const timestamp = awsDate(child.transitionedAt)
      const data = { triggeringAlarms: [{ arn: child.arn, state: { value: child.state, timestamp } }] }
      const reason = `${child.arn} transitioned to ${child.state} at ${longDate(child.transitionedAt)}`
      evaluateComposite(alarm, reason, JSON.stringify(data))
    }
  }

  function evaluateComposite(
    alarm: StoredAlarm & { kind: 'composite' },
    reason: string,
    reasonData: string,
  ): void {
    const holds = evaluateRule(ruleOf(alarm), (name) => alarms.get(name)?.state)
    transition(alarm, holds ? 'ALARM' : 'OK', reason, reasonData)
  }

  function tick(): void {
    const minute = Math.floor(metrics.bucketAt(clock.now()) / perMinute)
    const newMinute = minute !== lastMinute
    lastMinute = minute
    for (const alarm of alarms.values()) {
      if (alarm.kind !== 'metric' || !(newMinute || periodOf(alarm.definition) < 60)) continue
      try {
        evaluate(alarm)
      } catch (error) {
        // What can only be known with the data at hand, such as a result that is not one time series.
        transition(alarm, 'INSUFFICIENT_DATA', `Evaluation error: ${String(error)}`, '{}')
      }
    }
  }

  return {
    get: (name) => alarms.get(name),
    all: () => alarms.values(),
    put(given, tags = {}) {
      const name = given.definition.AlarmName ?? ''
      const known = alarms.get(name)
      const at = clock.now()
      const status: AlarmStatus = known ?? {
        arn: `arn:aws:cloudwatch:${context.region}:${context.accountId}:alarm:${name}`,
        state: 'INSUFFICIENT_DATA',
        reason: 'Unchecked: Initial alarm creation',
        reasonData: '{}',
        configuredAt: at,
        updatedAt: at,
        transitionedAt: at,
        tags,
      }
      const alarm: StoredAlarm = { ...status, ...given, configuredAt: at }
      alarms.put(name, alarm)
      emitConfigurationChange(alarm, known === undefined ? 'create' : 'update')
      if (alarm.kind === 'composite') evaluateComposite(alarm, alarm.reason, '{}')
      return alarms.get(name) ?? alarm
    },
    delete(name) {
      const alarm = alarms.get(name)
      if (alarm !== undefined) emitConfigurationChange(alarm, 'delete')
      return alarms.delete(name)
    },
    setState(name, state, reason, reasonData = '{}') {
      const alarm = alarms.get(name)
      if (alarm !== undefined) transition(alarm, state, reason, reasonData)
    },
    setActionsEnabled(name, enabled) {
      const alarm = alarms.get(name)
      if (alarm === undefined) return
      const definition = { ...alarm.definition, ActionsEnabled: enabled }
      alarms.put(name, { ...alarm, definition } as StoredAlarm)
    },
    setTags(name, tags) {
      const alarm = alarms.get(name)
      if (alarm !== undefined) alarms.put(name, { ...alarm, tags })
    },
    history: history.items,
    onAlarm(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    start() {
      stopTicking ??= clock.everyAws(bucketAwsMs, tick)
    },
    stop() {
      stopTicking?.()
      stopTicking = undefined
    },
  }

  function emitConfigurationChange(alarm: StoredAlarm, operation: 'create' | 'update' | 'delete'): void {
    const type = `${operation.charAt(0).toUpperCase()}${operation.slice(1)}`
    note(alarm, 'ConfigurationUpdate', `Alarm "${nameOf(alarm)}" ${operation}d`, {
      version: '1.0',
      type,
      [`${operation}dAlarm`]: alarm.definition,
    })
    const detail = configurationChangeOf(operation, alarm)
    events.emit('aws.cloudwatch', 'CloudWatch Alarm Configuration Change', detail, [alarm.arn])
  }
}

const ruleOf = (alarm: StoredAlarm & { kind: 'composite' }) => alarm.definition.AlarmRule ?? 'FALSE'

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html */
function treatmentOf(alarm: PutMetricAlarmInput): string {
  const namespaces = [
    alarm.Namespace,
    ...(alarm.Metrics ?? []).map(({ MetricStat }) => MetricStat?.Metric?.Namespace),
  ]
  return namespaces.includes('AWS/DynamoDB') ? 'ignore' : (alarm.TreatMissingData ?? 'missing')
}

const historyState = ({ state, reason, reasonData }: StoredAlarm) => ({
  stateValue: state,
  stateReason: reason,
  ...(reasonData === '{}' ? {} : { stateReasonData: JSON.parse(reasonData) }),
})

/** `Friday 22 July, 2022 15:57:45 UTC`. */
function longDate(at: number): string {
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('en-US', { timeZone: 'UTC', ...options }).format(at)
  const time = new Date(at).toISOString().slice(11, 19)
  return `${part({ weekday: 'long' })} ${part({ day: '2-digit' })} ${part({ month: 'long' })}, ${part({ year: 'numeric' })} ${time} UTC`
}
