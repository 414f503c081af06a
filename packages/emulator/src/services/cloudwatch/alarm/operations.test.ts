/** Alarms over the wire: composite ones, lists, tags, deletion, and what is refused. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as sdk from '@aws-sdk/client-cloudwatch'
import { startCloudWatch, type TestCloudWatch, topic } from '../test-kit/cloudwatch.test-kit.ts'

/** It looks at a day, so that no evaluation of these moments decides anything new. */
const day = { Period: 3600, EvaluationPeriods: 24, TreatMissingData: 'ignore' }

let emulator: TestCloudWatch
before(async () => {
  emulator = await startCloudWatch()
})
after(() => emulator[Symbol.asyncDispose]())

const putComposite = (AlarmName: string, AlarmRule: string, changes = {}) =>
  emulator.client.send(new sdk.PutCompositeAlarmCommand({ AlarmName, AlarmRule, ...changes }))
const remove = (...AlarmNames: string[]) => emulator.client.send(new sdk.DeleteAlarmsCommand({ AlarmNames }))
async function names(input: sdk.DescribeAlarmsCommandInput): Promise<unknown[]> {
  const { MetricAlarms = [], CompositeAlarms = [] } = await emulator.client.send(
    new sdk.DescribeAlarmsCommand(input),
  )
  return [...MetricAlarms, ...CompositeAlarms].map(({ AlarmName }) => AlarmName)
}

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
test('a composite alarm follows its children, and shows which of them made it change', async () => {
  await emulator.putAlarm({ AlarmName: 'child', ...day })
  await putComposite('parent', 'ALARM("child")', { AlarmActions: [topic] })
  assert.equal(emulator.cloudWatch.alarmState('parent'), 'OK', 'evaluated at once')
  await emulator.setState('child', 'ALARM')
  assert.equal(emulator.cloudWatch.alarmState('parent'), 'ALARM')
  const message = JSON.parse(emulator.notices.at(-1)?.message ?? '{}')
  const arn = 'arn:aws:cloudwatch:ap-northeast-2:000000000000:alarm:child'
  assert.match(
    message.NewStateReason,
    new RegExp(`^${arn} transitioned to ALARM at [A-Z][a-z]+day \\d\\d [A-Z][a-z]+, \\d{4} [\\d:]{8} UTC$`),
  )
  assert.deepEqual([message.AlarmRule, message.OldStateValue], ['ALARM("child")', 'OK'])
  assert.deepEqual(
    [message.TriggeringChildren[0].Arn, message.TriggeringChildren[0].State.Value],
    [arn, 'ALARM'],
  )
  await emulator.setState('child', 'INSUFFICIENT_DATA')
  assert.equal(emulator.cloudWatch.alarmState('parent'), 'OK')
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_SetAlarmState.html
test('a composite alarm keeps a state that was set until one of its children changes', async () => {
  await emulator.putAlarm({ AlarmName: 'steady', ...day })
  await putComposite('forced', 'ALARM("steady")')
  await emulator.setState('forced', 'ALARM')
  await emulator.context.clock.sleepAws(3 * 60_000)
  assert.equal(emulator.cloudWatch.alarmState('forced'), 'ALARM')
  await emulator.setState('steady', 'OK')
  assert.equal(emulator.cloudWatch.alarmState('forced'), 'OK')
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DeleteAlarms.html
test('wrong names do not keep the right ones from being deleted, but two composite alarms, or a child, are not', async () => {
  for (const AlarmName of ['d1', 'd2', 'd3']) await emulator.putAlarm({ AlarmName, ...day })
  await remove('d1', 'missing')
  assert.deepEqual(await names({ AlarmNames: ['d1', 'd2'] }), ['d2'])
  await assert.rejects(remove('missing'), { name: 'ResourceNotFound' })
  await putComposite('c1', 'ALARM(d2)')
  await putComposite('c2', 'ALARM(d3)')
  await assert.rejects(remove('d2'), /Cannot delete d2 as there are composite alarm\(s\) depending on it/)
  await assert.rejects(remove('c1', 'c2'), /No more than one composite alarm/)
  await remove('c1')
  await remove('d2', 'c2')
  await remove('d3')
  assert.deepEqual(await names({ AlarmNamePrefix: 'd' }), [])
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
test('lists alarms by name, prefix, state, action and kind, in pages, and by parent or child', async () => {
  for (const AlarmName of ['l-1', 'l-2', 'l-3']) await emulator.putAlarm({ AlarmName, ...day })
  await emulator.putAlarm({ AlarmName: 'l-4', ...day, OKActions: [topic] })
  await putComposite('l-5', 'ALARM("l-1") OR ALARM("l-2")')
  const AlarmNamePrefix = 'l-'
  assert.deepEqual(
    await names({ AlarmNamePrefix }),
    ['l-1', 'l-2', 'l-3', 'l-4'],
    'metric alarms if not said',
  )
  assert.deepEqual(await names({ AlarmNamePrefix, AlarmTypes: ['CompositeAlarm'] }), ['l-5'])
  assert.deepEqual(await names({ ActionPrefix: 'arn:aws:sns:', AlarmNamePrefix }), ['l-4'])
  await emulator.setState('l-3', 'OK')
  assert.deepEqual(await names({ StateValue: 'OK', AlarmNamePrefix }), ['l-3'])
  assert.deepEqual(await names({ ChildrenOfAlarmName: 'l-5' }), ['l-1', 'l-2'])
  assert.deepEqual(await names({ ParentsOfAlarmName: 'l-2' }), ['l-5'])
  await assert.rejects(names({ ParentsOfAlarmName: 'l-2', StateValue: 'OK' }), /go with no other parameters/)
  await assert.rejects(names({ AlarmNames: ['l-1'], AlarmNamePrefix }), /cannot be given together/)
  const pages = sdk.paginateDescribeAlarms({ client: emulator.client, pageSize: 3 }, { AlarmNamePrefix })
  const sizes = []
  for await (const { MetricAlarms = [] } of pages) sizes.push(MetricAlarms.length)
  assert.deepEqual(sizes, [3, 1])
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_TagResource.html
test('tags alarms, replaces and removes tags', async () => {
  await emulator.putAlarm({ AlarmName: 'tagged', ...day, Tags: [{ Key: 'a', Value: '1' }] })
  const ResourceARN = 'arn:aws:cloudwatch:ap-northeast-2:000000000000:alarm:tagged'
  const Tags = [
    { Key: 'a', Value: '2' },
    { Key: 'b', Value: '3' },
  ]
  await emulator.client.send(new sdk.TagResourceCommand({ ResourceARN, Tags }))
  const read = async () =>
    (await emulator.client.send(new sdk.ListTagsForResourceCommand({ ResourceARN }))).Tags
  assert.deepEqual(await read(), Tags)
  await emulator.client.send(new sdk.UntagResourceCommand({ ResourceARN, TagKeys: ['a'] }))
  assert.deepEqual(await read(), [{ Key: 'b', Value: '3' }])
  const unknown = new sdk.ListTagsForResourceCommand({ ResourceARN: `${ResourceARN}x` })
  await assert.rejects(emulator.client.send(unknown), { name: 'ResourceNotFoundException' })
})

const metric = (Id: string, Period: number) => ({
  Id,
  ReturnData: false,
  MetricStat: { Metric: { Namespace: 'App', MetricName: Id }, Period, Stat: 'Sum' },
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
test('refuses an alarm whose numbers, names or actions are out of bounds', async () => {
  const put = (changes: Partial<sdk.PutMetricAlarmCommandInput>) =>
    emulator.putAlarm({ ...changes, AlarmName: changes.AlarmName ?? 'wrong' })
  const table: [Partial<sdk.PutMetricAlarmCommandInput>, RegExp][] = [
    [
      { EvaluationPeriods: 2, DatapointsToAlarm: 3 },
      /DatapointsToAlarm 3 must be between 1 and EvaluationPeriods 2/,
    ],
    [{ Period: 61 }, /The period 61 is invalid/],
    [{ Period: 60, EvaluationPeriods: 1441 }, /EvaluationPeriods \* Period must be <= 86400/],
    [{ Period: 3600, EvaluationPeriods: 169 }, /EvaluationPeriods \* Period/],
    [{ AlarmName: 'x'.repeat(256) }, /1 to 255 characters/],
    [{ AlarmName: 'a\nb' }, /no control characters/],
    [{ AlarmActions: Array.from({ length: 6 }, (_, n) => `${topic}${n}`) }, /must not have more than 5/],
    [{ TreatMissingData: 'guess' }, /TreatMissingData must be one of/],
    [{ EvaluateLowSampleCountPercentile: 'guess' }, /Option guess is not supported/],
    [{ ExtendedStatistic: 'p99' }, /Exactly one of Statistic and ExtendedStatistic/],
    [{ ThresholdMetricId: 'ad1' }, /Anomaly detection \(ThresholdMetricId\) is not implemented/],
    [{ ComparisonOperator: 'GreaterThanUpperThreshold' }, /GreaterThanUpperThreshold is not implemented/],
  ]
  for (const [changes, reason] of table) await assert.rejects(put(changes), reason, String(reason))
  await put({ Period: 3600, EvaluationPeriods: 168 })
  await put({ Period: 20, EvaluationPeriods: 1 })
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-on-metric-math-expressions.html
test('refuses an expression that cannot be one time series: ten metrics at most, all of one period', async () => {
  const put = (...Metrics: sdk.MetricDataQuery[]) => emulator.putAlarm({ AlarmName: 'math', Metrics })
  const [m1, m2] = [metric('m1', 60), metric('m2', 60)]
  const table: [sdk.MetricDataQuery[], RegExp][] = [
    [[{ Id: 'a', Expression: 'b + 1' }], /refers to 'b'/],
    [[{ Id: 'a', Expression: 'a + 1' }], /refers to itself/],
    [[{ Id: 'a', Expression: 'SEARCH(m1)' }, m1], /SEARCH of metric math is not implemented/],
    [[{ Id: 'a', Expression: 'SUM(m1)' }, m1], /it returns a number/],
    [[{ Id: 'a', Expression: '[m1, m2]' }, m1, m2], /must return one time series, not several/],
    [[{ Id: 'a', Expression: 'm1 + m2' }, m1, metric('m2', 300)], /must have the same period/],
    [[m1, m2], /Exactly one element of the metrics list should return data/],
    [
      [
        { Id: 'a', Expression: 'SUM(METRICS())' },
        ...Array.from({ length: 11 }, (_, n) => metric(`m${n}`, 60)),
      ],
      /not have more than 10 metrics/,
    ],
  ]
  for (const [metrics, reason] of table) await assert.rejects(put(...metrics), reason, String(reason))
  await assert.rejects(
    emulator.putAlarm({ AlarmName: 'math', Metrics: [{ ...m1, ReturnData: true }], Namespace: 'App' }),
    { name: 'InvalidParameterCombinationException' },
  )
  await put({ Id: 'a', Expression: 'm1 / m2' }, m1, m2)
})

test('refuses a composite alarm of alarms that are not there, in a circle, or with a suppressor', async () => {
  await emulator.putAlarm({ AlarmName: 'there', ...day })
  await assert.rejects(putComposite('p', 'ALARM(none)'), { name: 'ResourceNotFound' })
  await assert.rejects(putComposite('p', 'ALARM(there) AND'), /AlarmRule must not contain errors/)
  await assert.rejects(
    putComposite('p', 'OK(there)', { ActionsSuppressor: 'there' }),
    /suppression .* not implemented/,
  )
  await putComposite('p', 'OK(there)')
  await putComposite('q', 'OK(p)')
  await assert.rejects(putComposite('p', 'OK(q)'), /must not refer to itself/)
})

test('says of every other operation why it is not here', async () => {
  const detector = new sdk.DescribeAnomalyDetectorsCommand({})
  await assert.rejects(emulator.client.send(detector), /DescribeAnomalyDetectors.*no anomaly detection here/)
  await assert.rejects(emulator.client.send(new sdk.ListMetricStreamsCommand({})), /no metric streams here/)
})

test('Terraform’s alarm goes through the same checks', async () => {
  const type = emulator.cloudWatch.resourceTypes?.find((one) => one.type === 'aws_cloudwatch_metric_alarm')
  assert.ok(type)
  const apply = {
    address: 'aws_cloudwatch_metric_alarm.storage',
    region: emulator.context.region,
    accountId: emulator.context.accountId,
    folder: '/nonexistent',
    signal: new AbortController().signal,
  }
  const planned = {
    alarm_name: 'storage',
    comparison_operator: 'LessThanThreshold',
    evaluation_periods: 3,
    metric_name: 'FreeStorageSpace',
    namespace: 'AWS/RDS',
    period: 300,
    statistic: 'Average',
    threshold: 2_147_483_648,
    dimensions: { DBInstanceIdentifier: 'main' },
    alarm_actions: [topic],
    tags_all: { stage: 'test' },
  }
  const made = await type.create(planned, apply)
  assert.equal(made.arn, 'arn:aws:cloudwatch:ap-northeast-2:000000000000:alarm:storage')
  const { Dimensions, StateValue } = await emulator.alarm('storage')
  assert.deepEqual(Dimensions, [{ Name: 'DBInstanceIdentifier', Value: 'main' }])
  assert.equal(StateValue, 'INSUFFICIENT_DATA')
  await type.update?.({ ...planned, tags_all: { stage: 'live' } }, made, apply)
  const ResourceARN = String(made.arn)
  const { Tags } = await emulator.client.send(new sdk.ListTagsForResourceCommand({ ResourceARN }))
  assert.deepEqual(Tags, [{ Key: 'stage', Value: 'live' }])
  await assert.rejects(
    async () => type.create({ ...planned, statistic: 'Median' }, apply),
    /Median is not implemented/,
  )
  await type.delete?.(made, apply)
  assert.equal(emulator.cloudWatch.alarmState('storage'), undefined)
})
