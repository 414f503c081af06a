/** Metrics over the wire: put by applications, measured by services, read back by period, unit and expression. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as sdk from '@aws-sdk/client-cloudwatch'
import { startCloudWatch, type TestCloudWatch } from '../test-kit/cloudwatch.test-kit.ts'

/** A minute of AWS is a second here, and its ten seconds a sixth of one. */
const speed = 60
const minuteMs = 60_000 / speed
let emulator: TestCloudWatch
before(async () => {
  emulator = await startCloudWatch({ speed })
})
after(() => emulator[Symbol.asyncDispose]())

const put = (MetricName: string, datum: Partial<sdk.MetricDatum>, Namespace = 'App') =>
  emulator.client.send(new sdk.PutMetricDataCommand({ Namespace, MetricData: [{ MetricName, ...datum }] }))
/** The beginning of the minute that was `ago` minutes before this one. */
const minute = (ago: number, now = Date.now()) => new Date((Math.floor(now / minuteMs) - ago) * minuteMs)

async function statistics(MetricName: string, changes: Partial<sdk.GetMetricStatisticsCommandInput> = {}) {
  const range = { StartTime: minute(20), EndTime: new Date(Date.now() + minuteMs) }
  const command = new sdk.GetMetricStatisticsCommand({
    Namespace: 'App',
    MetricName,
    ...range,
    Period: 3600,
    ...(changes.ExtendedStatistics ? {} : { Statistics: ['Sum', 'SampleCount'] }),
    ...changes,
  })
  return (await emulator.client.send(command)).Datapoints ?? []
}
const total = (points: readonly sdk.Datapoint[], name: 'Sum' | 'SampleCount' = 'Sum') =>
  points.reduce((sum, point) => sum + (point[name] ?? 0), 0)

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
test('answers statistics and percentiles of what the emulator’s services measured', async () => {
  const dimensions = { TargetGroup: 'targetgroup/blue/1', LoadBalancer: 'app/main/1' }
  const [namespace, metric] = ['AWS/ApplicationELB', 'TargetResponseTime']
  for (let n = 1; n <= 100; n++) {
    emulator.cloudWatch.record({ namespace, metric, dimensions, value: n / 100, unit: 'Seconds' })
  }
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }))
  const asked = { Namespace: namespace, Dimensions, Period: 86_400 }
  const [found] = await statistics(metric, { ...asked, Statistics: ['SampleCount', 'Maximum', 'Average'] })
  assert.deepEqual([found?.SampleCount, found?.Maximum, found?.Unit], [100, 1, 'Seconds'])
  assert.ok(Math.abs((found?.Average ?? 0) - 0.505) < 1e-9)
  const [slowest] = await statistics(metric, { ...asked, ExtendedStatistics: ['p90'] })
  assert.ok(Math.abs((slowest?.ExtendedStatistics?.p90 ?? 0) - 0.9) < 0.01)
  assert.deepEqual(
    await statistics(metric, { ...asked, Dimensions: Dimensions.slice(1) }),
    [],
    'all dimensions',
  )
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
test('takes values, values with counts, and statistic sets', async () => {
  await put('Orders', { Value: 2 })
  await put('Orders', { Values: [1, 5], Counts: [3, 1] })
  await put('Orders', { StatisticValues: { SampleCount: 2, Sum: 10, Minimum: 4, Maximum: 6 } })
  const points = await statistics('Orders')
  assert.deepEqual([total(points), total(points, 'SampleCount')], [20, 7])
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricData.html
test('refuses data that is out of bounds, and keeps nothing of the request', async () => {
  const value = { name: 'InvalidParameterValueException' }
  const combination = { name: 'InvalidParameterCombinationException' }
  const missing = { name: 'MissingRequiredParameterException' }
  const many = Array.from({ length: 151 }, (_, n) => n)
  const ofAws = 14 * 24 * 60 * minuteMs
  const table: [Partial<sdk.MetricDatum>, { name: string }][] = [
    [{}, missing],
    [{ Value: 2 ** 361 }, value],
    [{ Value: 1, Values: [1] }, combination],
    [{ Values: [1, 2], Counts: [1] }, combination],
    [{ Values: many }, value],
    [{ Value: 1, Unit: 'Parsecs' as 'Count' }, value],
    [{ Value: 1, StorageResolution: 10 }, value],
    [{ Value: 1, Timestamp: new Date(Date.now() - ofAws - 60_000) }, value],
    [{ Value: 1, Timestamp: new Date(Date.now() + 3 * 60 * minuteMs) }, value],
    [{ Value: 1, Dimensions: many.slice(0, 31).map((n) => ({ Name: `d${n}`, Value: 'v' })) }, value],
    [{ Value: 1, Dimensions: [{ Name: 'a', Value: ' ' }] }, value],
  ]
  for (const [datum, error] of table) await assert.rejects(put('Wrong', datum), error, JSON.stringify(datum))
  await assert.rejects(put('Wrong', { Value: 1 }, 'AWS/ECS'), value)
  const MetricData = [
    { MetricName: 'Wrong', Value: 1 },
    { MetricName: 'Wrong', Value: 2 ** 361 },
  ]
  await assert.rejects(
    emulator.client.send(new sdk.PutMetricDataCommand({ Namespace: 'App', MetricData })),
    value,
  )
  const tooMany = Array.from({ length: 1001 }, () => ({ MetricName: 'Wrong', Value: 1 }))
  await assert.rejects(
    emulator.client.send(new sdk.PutMetricDataCommand({ Namespace: 'App', MetricData: tooMany })),
    value,
  )
  assert.deepEqual(await statistics('Wrong'), [])
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/publishingMetrics.html#high-resolution-metrics
test('a metric of high resolution has data points every ten seconds, any other one in a minute', async () => {
  const at = (second: number) => new Date(minute(3).getTime() + (second * 1000) / speed)
  const Timestamps = [5, 15, 25, 55].map(at)
  for (const Timestamp of Timestamps) {
    await put('Fine', { Value: 1, Timestamp, StorageResolution: 1 })
    await put('Plain', { Value: 1, Timestamp })
  }
  const counts = async (name: string, Period: number) =>
    (await statistics(name, { Period })).map(({ Sum }) => Sum)
  assert.deepEqual(await counts('Fine', 10), [1, 1, 1, 1])
  assert.deepEqual(await counts('Fine', 20), [2, 1, 1])
  assert.deepEqual(await counts('Fine', 30), [3, 1])
  assert.deepEqual(await counts('Plain', 10), [4])
  assert.deepEqual(await counts('Plain', 60), await counts('Fine', 60))
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#Unit
test('data of different units is kept apart', async () => {
  await put('Size', { Value: 1, Unit: 'Bytes' })
  await put('Size', { Value: 1000, Unit: 'Kilobytes' })
  const all = await statistics('Size')
  assert.deepEqual(new Set(all.map(({ Unit }) => Unit)), new Set(['Bytes', 'Kilobytes']))
  assert.equal(total(await statistics('Size', { Unit: 'Bytes' })), 1)
  assert.deepEqual(await statistics('Size', { Unit: 'Count' }), [])
  assert.equal((await listed({ MetricName: 'Size' })).length, 1)
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
test('refuses both kinds of statistics at once, periods that do not exist, and more than 1,440 data points', async () => {
  await assert.rejects(statistics('Orders', { Statistics: ['Sum'], ExtendedStatistics: ['p90'] }), {
    name: 'InvalidParameterCombinationException',
  })
  await assert.rejects(statistics('Orders', { Statistics: [] }), {
    name: 'MissingRequiredParameterException',
  })
  await assert.rejects(statistics('Orders', { Period: 45 }), /The period 45 is invalid/)
  await assert.rejects(statistics('Orders', { Period: 1 }), /The period 1 is not implemented/)
  await assert.rejects(statistics('Orders', { EndTime: minute(30) }), /StartTime must be less than/)
  await assert.rejects(
    statistics('Orders', { Period: 60, StartTime: minute(1500) }),
    /You have requested up to 150\d datapoints, which exceeds the limit of 1440/,
  )
  assert.ok((await statistics('Orders', { Period: 60, StartTime: minute(1400) })).length > 0)
})

async function listed(input: sdk.ListMetricsCommandInput) {
  return (await emulator.client.send(new sdk.ListMetricsCommand(input))).Metrics ?? []
}

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html
test('lists metrics by namespace, name and dimensions, and those with data in the last three hours', async () => {
  const Dimensions = [
    { Name: 'Service', Value: 'admin' },
    { Name: 'Task', Value: '1' },
  ]
  const Namespace = 'Listed'
  const hoursAgo = (hours: number) => minute(hours * 60)
  await put('Now', { Value: 1, Dimensions }, Namespace)
  await put('Old', { Value: 1, Dimensions: Dimensions.slice(0, 1), Timestamp: hoursAgo(5) }, Namespace)
  const names = async (input: sdk.ListMetricsCommandInput) =>
    (await listed({ Namespace, ...input })).map(({ MetricName }) => MetricName)
  assert.deepEqual(await names({}), ['Now', 'Old'])
  assert.deepEqual(await names({ MetricName: 'Old' }), ['Old'])
  assert.deepEqual(await names({ Dimensions: [{ Name: 'Task' }] }), ['Now'])
  assert.deepEqual(await names({ Dimensions: [{ Name: 'Service', Value: 'user' }] }), [])
  assert.deepEqual(await names({ RecentlyActive: 'PT3H' }), ['Now'])
  await assert.rejects(names({ RecentlyActive: 'PT9H' as 'PT3H' }), /PT3H/)
})

const query = (Id: string, Period = 60): sdk.MetricDataQuery => ({
  Id,
  MetricStat: { Metric: { Namespace: 'Math', MetricName: Id }, Period, Stat: 'Sum' },
})

async function data(queries: sdk.MetricDataQuery[], changes: Partial<sdk.GetMetricDataCommandInput> = {}) {
  const command = new sdk.GetMetricDataCommand({
    StartTime: minute(6),
    EndTime: minute(1),
    MetricDataQueries: queries,
    ScanBy: 'TimestampAscending',
    ...changes,
  })
  const { MetricDataResults = [] } = await emulator.client.send(command)
  return Object.fromEntries(MetricDataResults.map(({ Id = '', Values = [] }) => [Id, Values]))
}

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
test('reads several metrics and expressions at once, each by its own period, gaps filled where FILL says so', async () => {
  const now = Date.now()
  for (const [ago, value] of [
    [5, 10],
    [3, 30],
    [2, 40],
  ] as const) {
    await put('requests', { Value: value, Timestamp: minute(ago, now) }, 'Math')
  }
  await put('errors', { Value: 3, Timestamp: minute(3, now) }, 'Math')
  const range = { StartTime: minute(6, now), EndTime: minute(1, now) }
  const found = await data(
    [
      query('requests'),
      { ...query('errors'), ReturnData: false },
      { Id: 'filled', Expression: 'FILL(requests, 0)' },
      { Id: 'ratio', Expression: '100 * FILL(errors, 0) / requests' },
      { Id: 'share', Expression: 'TIME_SERIES(SUM(errors) / SUM(requests))' },
      {
        ...query('wide', 300),
        MetricStat: { ...query('requests', 300).MetricStat, Period: 300 },
      } as sdk.MetricDataQuery,
    ],
    range,
  )
  assert.deepEqual(found.requests, [10, 30, 40])
  assert.deepEqual(found.filled, [0, 10, 0, 30, 40])
  assert.deepEqual(found.ratio, [0, 10, 0])
  assert.deepEqual(found.share, [0.0375, 0.0375, 0.0375, 0.0375, 0.0375])
  assert.equal(
    found.wide?.reduce((sum, value) => sum + value, 0),
    80,
  )
  assert.equal('errors' in found, false)
  const newest = await data([query('requests')], { ...range, ScanBy: 'TimestampDescending' })
  assert.deepEqual(newest.requests, [40, 30, 10])
})

// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
test('refuses an expression that only gives a number, more than 500 queries, and ids that are not unique', async () => {
  await assert.rejects(
    data([query('requests'), { Id: 'sum', Expression: 'SUM(requests)' }]),
    /it returns a number/,
  )
  const many = Array.from({ length: 501 }, (_, n) => query(`q${n}`))
  await assert.rejects(data(many), /size greater than 500/)
  await assert.rejects(data([query('a'), query('a')]), /must be unique/)
  await assert.rejects(data([query('Upper')]), /must match/)
})
