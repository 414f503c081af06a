/** What alarms leave behind when they change: messages, events, a history, and their states after a restart. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import * as sdk from '@aws-sdk/client-cloudwatch'
import { openStore } from '../../../store.ts'
import { until } from '../../../test-kit/until.test-kit.ts'
import {
  plainAlarm,
  reaction,
  startCloudWatch,
  type TestCloudWatch,
  topic,
} from '../test-kit/cloudwatch.test-kit.ts'

/** It looks at a day, so that no evaluation of these moments decides anything new. */
const day = { Period: 3600, EvaluationPeriods: 24, TreatMissingData: 'ignore' }

let emulator: TestCloudWatch
before(async () => {
  emulator = await startCloudWatch()
})
after(() => emulator[Symbol.asyncDispose]())

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
test('an alarm on a metric sends its topic what changed, why, and what it watches', async () => {
  const AlarmName = 'message'
  const Dimensions = [{ Name: 'Service', Value: 'admin' }]
  await emulator.putAlarm({
    AlarmName,
    ...day,
    Dimensions,
    AlarmDescription: 'Load of admin',
    AlarmActions: [topic],
  })
  await emulator.setState(AlarmName, 'ALARM', 'because')
  const { subject = '', message = '{}' } = emulator.notices.at(-1) ?? {}
  assert.equal(subject, 'ALARM: "message" in Asia Pacific (Seoul)')
  const { AlarmConfigurationUpdatedTimestamp, StateChangeTime, ...document } = JSON.parse(message)
  for (const at of [AlarmConfigurationUpdatedTimestamp, StateChangeTime]) {
    assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/)
  }
  assert.deepEqual(document, {
    AlarmName,
    AlarmDescription: 'Load of admin',
    AWSAccountId: '000000000000',
    NewStateValue: 'ALARM',
    NewStateReason: 'because',
    Region: 'Asia Pacific (Seoul)',
    AlarmArn: 'arn:aws:cloudwatch:ap-northeast-2:000000000000:alarm:message',
    OldStateValue: 'INSUFFICIENT_DATA',
    OKActions: [],
    AlarmActions: [topic],
    InsufficientDataActions: [],
    Trigger: {
      MetricName: 'Load',
      Namespace: 'App',
      StatisticType: 'Statistic',
      Statistic: 'AVERAGE',
      Unit: null,
      Dimensions: [{ value: 'admin', name: 'Service' }],
      Period: 3600,
      EvaluationPeriods: 24,
      ComparisonOperator: 'GreaterThanThreshold',
      Threshold: 5,
      TreatMissingData: 'ignore',
      EvaluateLowSampleCountPercentile: '',
    },
  })
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
test('an alarm invokes a Lambda function with what changed, from which state, and what it watches', async () => {
  const AlarmName = 'reacts'
  const gone = `${reaction}-that-is-gone`
  const scaling = 'arn:aws:autoscaling:ap-northeast-2:000000000000:scalingPolicy:a'
  await emulator.putAlarm({
    AlarmName,
    ...day,
    AlarmDescription: 'Load of admin',
    AlarmActions: [reaction, gone, scaling],
  })
  await emulator.setState(AlarmName, 'ALARM', 'because')
  const { time, ...event } = JSON.parse(emulator.invocations.at(-1) ?? '{}')
  assert.match(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/)
  const { state, previousState, configuration, ...alarmData } = event.alarmData
  assert.deepEqual(
    [state.value, state.reason, previousState.value],
    ['ALARM', 'because', 'INSUFFICIENT_DATA'],
  )
  assert.equal(configuration.description, 'Load of admin')
  assert.deepEqual(configuration.metrics[0].metricStat.metric, {
    namespace: 'App',
    name: 'Load',
    dimensions: {},
  })
  assert.deepEqual(
    { ...event, alarmData },
    {
      source: 'aws.cloudwatch',
      alarmArn: 'arn:aws:cloudwatch:ap-northeast-2:000000000000:alarm:reacts',
      accountId: '000000000000',
      region: 'ap-northeast-2',
      alarmData: { alarmName: AlarmName },
    },
  )
  const actions = (await emulator.history(AlarmName, 'Action')).map(({ HistorySummary }) => HistorySummary)
  assert.deepEqual(actions, [
    `Successfully executed action ${reaction}`,
    `Failed to execute action ${gone}. Received error: "Function not found: ${gone}"`,
    `Failed to execute action ${scaling}. Received error: "Only SNS topics and Lambda functions are reached here"`,
  ])
})

test('a name that is long, or not English, does not keep its alarm from telling', async () => {
  for (const AlarmName of ['x'.repeat(255), '오류율']) {
    await emulator.putAlarm({ AlarmName, ...day, AlarmActions: [topic] })
    await emulator.setState(AlarmName, 'ALARM')
    const { subject = '', message = '{}' } = emulator.notices.at(-1) ?? {}
    assert.ok(subject.length < 100, subject)
    assert.equal(JSON.parse(message).AlarmName, AlarmName)
  }
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
test('each change of an alarm’s state and of its configuration is published to EventBridge', async () => {
  const AlarmName = 'event'
  const from = emulator.context.events.since(0).at(-1)?.sequence ?? 0
  await emulator.putAlarm({ AlarmName, ...day })
  await emulator.setState(AlarmName, 'OK', 'fine')
  await emulator.client.send(new sdk.DeleteAlarmsCommand({ AlarmNames: [AlarmName] }))
  const events = emulator.context.events.since(from).filter(({ detail }) => detail.alarmName === AlarmName)
  const arn = 'arn:aws:cloudwatch:ap-northeast-2:000000000000:alarm:event'
  assert.deepEqual(
    events.map(({ source, detailType, resources, detail }) => [
      source,
      detailType,
      resources,
      detail.operation,
    ]),
    [
      ['aws.cloudwatch', 'CloudWatch Alarm Configuration Change', [arn], 'create'],
      ['aws.cloudwatch', 'CloudWatch Alarm State Change', [arn], undefined],
      ['aws.cloudwatch', 'CloudWatch Alarm Configuration Change', [arn], 'delete'],
    ],
  )
  const { state, previousState, configuration } = JSON.parse(JSON.stringify(events[1]?.detail))
  assert.deepEqual([state.value, state.reason], ['OK', 'fine'])
  assert.deepEqual([previousState.value, 'reasonData' in previousState], ['INSUFFICIENT_DATA', false])
  assert.deepEqual(configuration.metrics[0].metricStat, {
    metric: { namespace: 'App', name: 'Load', dimensions: {} },
    period: 3600,
    stat: 'Average',
  })
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmHistory.html
test('the history shows configuration, states and actions, and outlives its alarm', async () => {
  const AlarmName = 'history'
  await emulator.putAlarm({ AlarmName, ...day, AlarmActions: [topic] })
  await emulator.setState(AlarmName, 'ALARM', 'because')
  await emulator.client.send(new sdk.DeleteAlarmsCommand({ AlarmNames: [AlarmName] }))
  const items = await emulator.history(AlarmName)
  assert.deepEqual(
    items.map(({ HistoryItemType, HistorySummary }) => [HistoryItemType, HistorySummary]),
    [
      ['ConfigurationUpdate', 'Alarm "history" created'],
      ['StateUpdate', 'Alarm updated from INSUFFICIENT_DATA to ALARM'],
      ['Action', `Successfully executed action ${topic}`],
      ['ConfigurationUpdate', 'Alarm "history" deleted'],
    ],
  )
  const [configuration, state, action] = items.map(({ HistoryData = '{}' }) => JSON.parse(HistoryData))
  assert.deepEqual([configuration.type, configuration.createdAlarm.Threshold], ['Create', 5])
  assert.deepEqual(state.newState, { stateValue: 'ALARM', stateReason: 'because' })
  assert.equal(action.notificationResource, topic)

  const ask = async (input: sdk.DescribeAlarmHistoryCommandInput) =>
    (await emulator.client.send(new sdk.DescribeAlarmHistoryCommand(input))).AlarmHistoryItems ?? []
  const [newest] = await ask({ AlarmName, MaxRecords: 1 })
  assert.match(newest?.HistorySummary ?? '', /deleted/, 'the newest comes first')
  assert.equal((await ask({ AlarmName, StartDate: new Date(Date.now() + 1000) })).length, 0)
  assert.equal((await ask({ AlarmName, AlarmTypes: ['CompositeAlarm'] })).length, 0)
})

test('the history of an alarm that never rests is cut, the oldest first', async () => {
  const AlarmName = 'restless'
  await emulator.putAlarm({ AlarmName, ...day })
  const { cloudWatch } = emulator
  const put = cloudWatch.api?.operations.SetAlarmState
  for (let n = 0; n < 120; n++) {
    // In process: a hundred calls over the wire would prove nothing more.
    await put?.(
      { AlarmName, StateValue: n % 2 === 0 ? 'ALARM' : 'OK', StateReason: `change ${n}` },
      {} as never,
    )
  }
  const items = await emulator.history(AlarmName)
  assert.equal(items.length, 100)
  assert.equal(JSON.parse(items.at(-1)?.HistoryData ?? '{}').newState.stateReason, 'change 119')
})

test('a restart of the emulator keeps an alarm’s state until its evaluation periods have been seen again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'alarms-'))
  const file = join(folder, 'emulator.sqlite')
  try {
    const speed = 400
    const AlarmName = 'kept'
    {
      await using first = await startCloudWatch({ speed, store: openStore(file) })
      await first.putAlarm({ AlarmName, EvaluationPeriods: 10, DatapointsToAlarm: 1 })
      await until(() => {
        first.cloudWatch.record({ namespace: 'App', metric: 'Load', dimensions: {}, value: 9 })
        return first.cloudWatch.alarmState(AlarmName) === 'ALARM'
      })
      first.context.store.close()
    }
    const from = Date.now()
    await using second = await startCloudWatch({ speed, store: openStore(file) })
    assert.equal(second.cloudWatch.alarmState(AlarmName), 'ALARM')
    assert.match(
      (await second.alarm(AlarmName)).StateReason ?? '',
      /^Threshold Crossed: 1 out of the last 10/,
    )
    // Its metric is silent now: what was measured before is forgotten, not missing.
    await until(() => second.cloudWatch.alarmState(AlarmName) === 'INSUFFICIENT_DATA')
    assert.ok((Date.now() - from) * speed >= 10 * 60_000)
    const summaries = (await second.history(AlarmName)).map(({ HistorySummary }) => HistorySummary)
    assert.deepEqual(summaries.slice(-2), [
      'Alarm updated from INSUFFICIENT_DATA to ALARM',
      'Alarm updated from ALARM to INSUFFICIENT_DATA',
    ])
    second.context.store.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarmsForMetric.html
test('finds the alarms of a metric, but not those whose expression uses it', async () => {
  const [MetricName, Namespace] = ['Sought', 'App']
  await emulator.putAlarm({ AlarmName: 'sought', ...day, MetricName })
  const { Statistic: _s, Period: _p, MetricName: _m, Namespace: _n, ...rest } = plainAlarm
  const Metric = { Namespace, MetricName }
  const Metrics = [{ Id: 'm', MetricStat: { Metric, Period: 60, Stat: 'Sum' } }]
  await emulator.client.send(new sdk.PutMetricAlarmCommand({ ...rest, AlarmName: 'in-math', Metrics }))
  const find = async (changes: Partial<sdk.DescribeAlarmsForMetricCommandInput>) => {
    const command = new sdk.DescribeAlarmsForMetricCommand({ MetricName, Namespace, ...changes })
    return ((await emulator.client.send(command)).MetricAlarms ?? []).map(({ AlarmName }) => AlarmName)
  }
  assert.deepEqual(await find({}), ['sought'])
  assert.deepEqual(await find({ Period: 3600, Statistic: 'Average' }), ['sought'])
  assert.deepEqual(await find({ Statistic: 'Sum' }), [])
  assert.deepEqual(await find({ Dimensions: [{ Name: 'a', Value: 'b' }] }), [])
})
