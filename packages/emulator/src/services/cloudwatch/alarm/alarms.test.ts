/** Alarms over the wire, at a scaled clock: how they change their states, and what they notify. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-cloudwatch'
import { until } from '../../../test-kit/until.test-kit.ts'
import { plainAlarm, startCloudWatch, type TestCloudWatch, topic } from '../test-kit/cloudwatch.test-kit.ts'

const speed = 600
let emulator: TestCloudWatch
before(async () => {
  emulator = await startCloudWatch({ speed })
})
after(() => emulator[Symbol.asyncDispose]())

const states = (name: string) => {
  const seen: string[] = []
  emulator.cloudWatch.onAlarm((each, state) => each === name && seen.push(state))
  return seen
}
const published = (name: string) => emulator.notices.filter(({ subject }) => subject.includes(`"${name}"`))
const balancer = (group: string) => ({ TargetGroup: `targetgroup/${group}/1`, LoadBalancer: 'app/main/1' })

function requests(group: string, total: number, errors: number): void {
  const [namespace, dimensions] = ['AWS/ApplicationELB', balancer(group)]
  for (let n = 0; n < total; n++) {
    emulator.cloudWatch.record({ namespace, metric: 'RequestCount', dimensions, value: 1 })
    if (n >= errors) continue
    emulator.cloudWatch.record({ namespace, metric: 'HTTPCode_Target_5XX_Count', dimensions, value: 1 })
  }
}

const stat = (Id: string, MetricName: string, group: string): sdk.MetricDataQuery => ({
  Id,
  ReturnData: false,
  MetricStat: {
    Metric: {
      Namespace: 'AWS/ApplicationELB',
      MetricName,
      Dimensions: Object.entries(balancer(group)).map(([Name, Value]) => ({ Name, Value })),
    },
    Period: 60,
    Stat: 'Sum',
  },
})

/** The alarm that the platform puts on a service: failed requests over both groups of its pair. */
const ratioAlarm = {
  ComparisonOperator: 'GreaterThanThreshold' as const,
  EvaluationPeriods: 2,
  DatapointsToAlarm: 2,
  Threshold: 5,
  TreatMissingData: 'notBreaching',
  AlarmActions: [topic],
  OKActions: [topic],
  Metrics: [
    { Id: 'ratio', Expression: 'IF(requests > 0, 100 * errors / requests, 0)', ReturnData: true },
    { Id: 'errors', Expression: 'FILL(blue_errors, 0) + FILL(green_errors, 0)', ReturnData: false },
    { Id: 'requests', Expression: 'FILL(blue_requests, 0) + FILL(green_requests, 0)', ReturnData: false },
    stat('blue_errors', 'HTTPCode_Target_5XX_Count', 'blue'),
    stat('green_errors', 'HTTPCode_Target_5XX_Count', 'green'),
    stat('blue_requests', 'RequestCount', 'blue'),
    stat('green_requests', 'RequestCount', 'green'),
  ],
}

describe('alarms', { concurrency: true, timeout: 60_000 }, () => {
  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-on-metric-math-expressions.html
  test('a canary that fails wholly raises the ratio of the pair over the threshold, within the canary’s five minutes', async () => {
    const AlarmName = 'errors'
    const seen = states(AlarmName)
    await emulator.putAlarm({ ...ratioAlarm, AlarmName })
    await until(() => emulator.cloudWatch.alarmState(AlarmName) === 'OK')
    const from = Date.now()
    while (!seen.includes('ALARM')) {
      requests('blue', 90, 0)
      requests('green', 10, 10)
      assert.ok(Date.now() - from < 50_000, 'the alarm never fired')
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    // Two periods, the lag and the evaluation, in AWS time; a loaded machine may add to it.
    assert.ok((Date.now() - from) * speed >= 2 * 60_000)
    await until(() => seen.length === 3)
    assert.deepEqual(seen, ['OK', 'ALARM', 'OK'])
    assert.deepEqual(
      published(AlarmName).map(({ subject }) => subject),
      seen.map((state) => `${state}: "errors" in Asia Pacific (Seoul)`),
    )
  })

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
  test('a new alarm begins without enough data; a change of its definition leaves its state and replaces all else', async () => {
    const AlarmName = 'changed'
    // It looks at a day, so that no evaluation of these moments decides anything new.
    const day = { Period: 3600, EvaluationPeriods: 24, TreatMissingData: 'ignore' }
    await emulator.putAlarm({
      AlarmName,
      ...day,
      AlarmDescription: 'first',
      Tags: [{ Key: 'team', Value: 'a' }],
    })
    const made = await emulator.alarm(AlarmName)
    assert.deepEqual(
      [made.StateValue, made.StateReason],
      ['INSUFFICIENT_DATA', 'Unchecked: Initial alarm creation'],
    )
    await emulator.setState(AlarmName, 'ALARM')
    await emulator.putAlarm({ AlarmName, ...day, Threshold: 7, Tags: [{ Key: 'team', Value: 'b' }] })
    const { StateValue, Threshold, AlarmDescription, AlarmArn } = await emulator.alarm(AlarmName)
    assert.deepEqual([StateValue, Threshold, AlarmDescription], ['ALARM', 7, undefined])
    const tags = await emulator.client.send(new sdk.ListTagsForResourceCommand({ ResourceARN: AlarmArn }))
    assert.deepEqual(tags.Tags, [{ Key: 'team', Value: 'a' }], 'tags of an update are ignored')
  })

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
  test('a set state lasts until the next evaluation, and its action is carried out', async () => {
    const AlarmName = 'set'
    await emulator.putAlarm({ AlarmName, TreatMissingData: 'notBreaching', AlarmActions: [topic] })
    await until(() => emulator.cloudWatch.alarmState(AlarmName) === 'OK')
    const seen = states(AlarmName)
    await emulator.setState(AlarmName, 'ALARM', 'a drill')
    await until(() => seen.length === 2)
    assert.deepEqual(seen, ['ALARM', 'OK'])
    assert.match(published(AlarmName)[0]?.message ?? '', /"NewStateReason":"a drill"/)
    const { StateValue } = { StateValue: 'ALARM' as const }
    const wrong = { AlarmName, StateValue, StateReason: 'x', StateReasonData: '{' }
    await assert.rejects(emulator.client.send(new sdk.SetAlarmStateCommand(wrong)), {
      name: 'InvalidFormatFault',
    })
    await assert.rejects(emulator.setState('missing', 'OK'), { name: 'ResourceNotFound' })
  })

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-actions.html
  test('actions are carried out on a change of state only, each state its own', async () => {
    const AlarmName = 'once'
    const day = { Period: 3600, EvaluationPeriods: 24, TreatMissingData: 'ignore' }
    const others = { OKActions: [topic], InsufficientDataActions: [`${topic}-gone`] }
    await emulator.putAlarm({
      AlarmName,
      ...day,
      ...others,
      AlarmActions: ['arn:aws:lambda:x:0:function:f', topic],
    })
    for (const state of ['ALARM', 'ALARM', 'OK', 'OK', 'INSUFFICIENT_DATA'] as const) {
      await emulator.setState(AlarmName, state)
    }
    assert.deepEqual(
      published(AlarmName).map(({ subject }) => subject.split(':')[0]),
      ['ALARM', 'OK'],
    )
    const actions = await emulator.history(AlarmName, 'Action')
    assert.deepEqual(
      actions.map(({ HistorySummary }) => HistorySummary),
      [
        'Failed to execute action arn:aws:lambda:x:0:function:f. Received error: "Function not found: arn:aws:lambda:x:0:function:f"',
        `Successfully executed action ${topic}`,
        `Successfully executed action ${topic}`,
        `Failed to execute action ${topic}-gone. Received error: "Topic does not exist"`,
      ],
    )
  })

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DisableAlarmActions.html
  test('disabled actions notify no one until they are enabled, and the state changes all the same', async () => {
    const AlarmName = 'silent'
    const day = { Period: 3600, EvaluationPeriods: 24, TreatMissingData: 'ignore' }
    const actions = { AlarmActions: [topic], OKActions: [topic] }
    await emulator.putAlarm({ AlarmName, ...day, ...actions, ActionsEnabled: false })
    await emulator.setState(AlarmName, 'ALARM')
    assert.equal(emulator.cloudWatch.alarmState(AlarmName), 'ALARM')
    assert.equal(published(AlarmName).length, 0)
    await emulator.client.send(new sdk.EnableAlarmActionsCommand({ AlarmNames: [AlarmName] }))
    await emulator.setState(AlarmName, 'OK')
    await emulator.client.send(new sdk.DisableAlarmActionsCommand({ AlarmNames: [AlarmName] }))
    await emulator.setState(AlarmName, 'ALARM')
    assert.deepEqual(
      published(AlarmName).map(({ subject }) => subject.split(':')[0]),
      ['OK'],
    )
  })

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
  test('too few samples for a percentile leave the state as it is, if the alarm says so', async () => {
    const percentile = { ExtendedStatistic: 'p90', MetricName: 'Rare', TreatMissingData: 'notBreaching' }
    const { Statistic: _, ...plain } = plainAlarm
    const put = (AlarmName: string, changes: object) =>
      emulator.client.send(new sdk.PutMetricAlarmCommand({ ...plain, ...percentile, AlarmName, ...changes }))
    await put('low-ignored', { EvaluateLowSampleCountPercentile: 'ignore' })
    await put('low-evaluated', { EvaluateLowSampleCountPercentile: 'evaluate' })
    const record = (times: number) => {
      for (let n = 0; n < times; n++)
        emulator.cloudWatch.record({ namespace: 'App', metric: 'Rare', dimensions: {}, value: 10 })
    }
    await until(() => {
      record(1)
      return emulator.cloudWatch.alarmState('low-evaluated') === 'ALARM'
    })
    assert.equal(
      emulator.cloudWatch.alarmState('low-ignored'),
      'INSUFFICIENT_DATA',
      'a hundred samples are needed',
    )
    await until(() => {
      record(100)
      return emulator.cloudWatch.alarmState('low-ignored') === 'ALARM'
    })
  })

  // https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
  test('an alarm with a period below a minute is evaluated every ten seconds, the others every minute', async () => {
    await using slower = await startCloudWatch({ speed: 60 })
    const changes: Record<string, number[]> = { fast: [], slow: [] }
    slower.cloudWatch.onAlarm((name, state) => {
      if (state === 'OK') changes[name]?.push(Math.floor((slower.context.clock.now() * 60) / 60_000))
    })
    const again = async (AlarmName: string, Period: number) => {
      await slower.putAlarm({ AlarmName, Period, TreatMissingData: 'notBreaching' })
      for (let times = 0; !met(); times++) {
        assert.ok(times < 500, 'it was never evaluated twice in one minute')
        await until(() => slower.cloudWatch.alarmState(AlarmName) === 'OK')
        await slower.setState(AlarmName, 'ALARM')
      }
    }
    const inOneMinute = ([...minutes]: readonly number[]) => minutes.length - new Set(minutes).size
    // Twice in one minute, whenever the machine lets it.
    const met = () => inOneMinute(changes.fast ?? []) > 0 && (changes.slow ?? []).length > 1
    await Promise.all([again('fast', 10), again('slow', 60)])
    assert.equal(inOneMinute(changes.slow ?? []), 0)
  })
})
