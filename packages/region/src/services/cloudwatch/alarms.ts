/**
 * Alarms with their states and their history. They are evaluated every minute of AWS time, those with a period
 * below a minute every ten seconds; a change of state is kept, written to the history, told to who listens and
 * carried to SNS.
 *
 * A data point takes its time from the service that measures it to the alarm. AWS publishes no figure; the
 * region assumes one minute (ten seconds for high resolution), so period × datapoints + lag is what a canary
 * has to outlast, as on AWS.
 */
import type { PutCompositeAlarmInput, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch'
import type { RegionContext } from '../../service.ts'
import { dataPoints, periodOf } from './alarm-data.ts'
import { alarmsOfRule, evaluateAlarm, evaluateRule, rangeBeyondPeriods } from './alarm-rules.ts'
import type { AlarmState } from './contract.ts'
import { bucketAwsMs, type MetricStore } from './metric-store.ts'

const minuteBuckets = 60_000 / bucketAwsMs
const historyPerAlarm = 100

export interface AlarmStatus {
  readonly arn: string
  readonly state: AlarmState
  readonly reason: string
  readonly reasonData: string
  /** Wall-clock milliseconds. */
  readonly configuredAt: number
  readonly updatedAt: number
  readonly transitionedAt: number
}
export type StoredAlarm = AlarmStatus &
  (
    | { readonly kind: 'metric'; readonly definition: PutMetricAlarmInput }
    | { readonly kind: 'composite'; readonly definition: PutCompositeAlarmInput }
  )

export interface HistoryItem {
  readonly at: number
  readonly type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action'
  readonly summary: string
  readonly data: string
}

/** Publishes to a topic; false where there is none. */
export type Notify = (topicArn: string, subject: string, message: string) => boolean

export interface Alarms {
  get(name: string): StoredAlarm | undefined
  all(): StoredAlarm[]
  put(
    alarm:
      | { kind: 'metric'; definition: PutMetricAlarmInput }
      | { kind: 'composite'; definition: PutCompositeAlarmInput },
  ): StoredAlarm
  delete(name: string): boolean
  setState(name: string, state: AlarmState, reason: string, reasonData?: string): void
  setActionsEnabled(name: string, enabled: boolean): void
  history(name: string): readonly HistoryItem[]
  onAlarm(listener: (name: string, state: AlarmState) => void): () => void
  start(): void
  stop(): void
}

export function createAlarms(context: RegionContext, metrics: MetricStore, notify: Notify): Alarms {
  const { clock, events, store } = context
  const alarms = store.collection<StoredAlarm>('cloudwatch.alarms')
  const histories = store.collection<readonly HistoryItem[]>('cloudwatch.alarm-histories')
  const listeners = new Set<(name: string, state: AlarmState) => void>()
  let lastMinute = -1
  let stopTicking: (() => void) | undefined

  function note(name: string, type: HistoryItem['type'], summary: string, data: unknown): void {
    // An action may end after its alarm was deleted.
    if (!alarms.has(name)) return
    const item = { at: clock.now(), type, summary, data: JSON.stringify(data) }
    histories.put(name, [...(histories.get(name) ?? []), item].slice(-historyPerAlarm))
  }

  function transition(alarm: StoredAlarm, state: AlarmState, reason: string, reasonData: string): void {
    const name = nameOf(alarm)
    const at = clock.now()
    // An unchanged state is not written: every minute for every alarm, it would say nothing new.
    if (alarm.state === state) return
    alarms.put(name, { ...alarm, state, reason, reasonData, updatedAt: at, transitionedAt: at })
    note(name, 'StateUpdate', `Alarm updated from ${alarm.state} to ${state}`, {
      version: '1.0',
      oldState: { stateValue: alarm.state, stateReason: alarm.reason },
      newState: { stateValue: state, stateReason: reason },
    })
    // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
    events.emit('aws.cloudwatch', 'CloudWatch Alarm State Change', {
      alarmName: name,
      state: { value: state, reason, timestamp: new Date(at).toISOString() },
      previousState: { value: alarm.state, reason: alarm.reason },
    })
    for (const listener of listeners) listener(name, state)
    act(alarm, state, reason, at)
    evaluateComposites(name)
  }

  function act(alarm: StoredAlarm, state: AlarmState, reason: string, at: number): void {
    const { definition } = alarm
    if (definition.ActionsEnabled === false) return
    const actions = {
      ALARM: definition.AlarmActions,
      OK: definition.OKActions,
      INSUFFICIENT_DATA: definition.InsufficientDataActions,
    }
    for (const action of actions[state] ?? []) {
      const name = nameOf(alarm)
      if (!/^arn:[^:]+:sns:/.test(action)) {
        note(name, 'Action', `Failed to execute action ${action}`, {
          error: 'Only SNS topics are notified here',
        })
        continue
      }
      const subject = `${state}: "${name}" in ${context.region}`
      const message = JSON.stringify({
        AlarmName: name,
        AlarmDescription: definition.AlarmDescription ?? null,
        AWSAccountId: context.accountId,
        NewStateValue: state,
        NewStateReason: reason,
        StateChangeTime: new Date(at).toISOString(),
        Region: context.region,
        AlarmArn: alarm.arn,
        OldStateValue: alarm.state,
      })
      if (notify(action, subject, message)) {
        note(name, 'Action', `Successfully executed action ${action}`, { actionState: 'Succeeded' })
      } else {
        note(name, 'Action', `Failed to execute action ${action}`, { error: 'Topic does not exist' })
      }
    }
  }

  function evaluate(alarm: StoredAlarm & { kind: 'metric' }): void {
    const { definition } = alarm
    const high = periodOf(definition) < 60
    const lag = high ? 1 : minuteBuckets
    const now = metrics.bucketAt(clock.now()) - lag
    const end = high ? now : Math.floor(now / minuteBuckets) * minuteBuckets
    const periods = definition.EvaluationPeriods ?? 1
    const rule = {
      operator: definition.ComparisonOperator,
      threshold: definition.Threshold ?? 0,
      evaluationPeriods: periods,
      datapointsToAlarm: definition.DatapointsToAlarm ?? periods,
      treatMissingData: definition.TreatMissingData ?? 'missing',
    }
    const found = evaluateAlarm(
      rule,
      dataPoints(metrics, definition, end, periods + rangeBeyondPeriods),
      alarm.state,
    )
    const reason =
      found.state === 'INSUFFICIENT_DATA'
        ? `Insufficient Data: ${found.points.length} datapoints were unknown.`
        : `Threshold Crossed: ${found.breaching} out of the last ${found.points.length} datapoints ` +
          `[${found.points.join(', ')}] ${found.state === 'ALARM' ? 'breached' : 'did not all breach'} the threshold (${rule.threshold}).`
    const data = JSON.stringify({
      version: '1.0',
      statistic: definition.Statistic ?? definition.ExtendedStatistic,
      period: periodOf(definition),
      recentDatapoints: found.points,
      threshold: rule.threshold,
    })
    transition(alarm, found.state, reason, data)
  }

  function evaluateComposites(changed: string): void {
    for (const alarm of alarms.values()) {
      if (alarm.kind !== 'composite' || nameOf(alarm) === changed) continue
      const rule = alarm.definition.AlarmRule ?? 'FALSE'
      if (!alarmsOfRule(rule).includes(changed)) continue
      evaluateComposite(alarm, rule, changed)
    }
  }

  function evaluateComposite(alarm: StoredAlarm, rule: string, cause: string): void {
    const state = evaluateRule(rule, (name) => alarms.get(name)?.state) ? 'ALARM' : 'OK'
    transition(alarm, state, `${cause} changed the result of the rule ${rule}`, '{}')
  }

  function tick(): void {
    const minute = Math.floor(metrics.bucketAt(clock.now()) / minuteBuckets)
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
    put(given) {
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
      }
      const alarm: StoredAlarm = { ...status, ...given, configuredAt: at }
      alarms.put(name, alarm)
      note(
        name,
        'ConfigurationUpdate',
        `Alarm "${name}" ${known === undefined ? 'created' : 'updated'}`,
        given.definition,
      )
      if (alarm.kind === 'composite') evaluateComposite(alarm, alarm.definition.AlarmRule ?? 'FALSE', name)
      return alarm
    },
    delete(name) {
      histories.delete(name)
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
    history: (name) => histories.get(name) ?? [],
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
}

export const nameOf = (alarm: StoredAlarm): string => alarm.definition.AlarmName ?? ''
