/** Metrics and alarms over the wire, at a scaled clock. */
import assert from 'node:assert/strict'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, test } from 'node:test'
import * as sdk from '@aws-sdk/client-cloudwatch'
import { systemClock } from '../../clock.ts'
import { createEventLog } from '../../event-log.ts'
import { randomIds } from '../../ids.ts'
import { createNames } from '../../names.ts'
import { createWire } from '../../protocol/wire.ts'
import type { RegionContext } from '../../service.ts'
import { openStore } from '../../store.ts'
import type { Metrics } from './contract.ts'
import { createCloudwatch } from './index.ts'

const speed = 600
let metrics: Metrics
let context: RegionContext
let server: Server
let client: sdk.CloudWatchClient
const notices: { topic: string; subject: string; message: string }[] = []

beforeEach(async () => {
  notices.length = 0
  context = {
    accountId: '000000000000',
    region: 'ap-northeast-2',
    stateDir: '/nonexistent',
    clock: systemClock(speed),
    store: openStore(':memory:'),
    ids: randomIds(),
    names: createNames(),
    events: createEventLog(),
    authority: {
      certificate: '',
      certificateFile: '',
      issue: () => Promise.reject(new Error('none in this test')),
    },
  }
  metrics = createCloudwatch(context, {
    notify: (topic, subject, message) => notices.push({ topic, subject, message }) > 0,
  })
  await metrics.start?.()
  const apis = metrics.api === undefined ? [] : [metrics.api]
  server = createServer(createWire({ apis, accountId: context.accountId, region: context.region }))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  client = new sdk.CloudWatchClient({
    region: context.region,
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'secret' },
    maxAttempts: 1,
  })
})

afterEach(async () => {
  client.destroy()
  await metrics.stop?.()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const balancer = (group: string) => ({ TargetGroup: `targetgroup/${group}/1`, LoadBalancer: 'app/main/1' })
const topic = 'arn:aws:sns:ap-northeast-2:000000000000:notices'

function requests(group: string, total: number, errors: number): void {
  const namespace = 'AWS/ApplicationELB'
  for (let n = 0; n < total; n++) {
    metrics.record({ namespace, metric: 'RequestCount', dimensions: balancer(group), value: 1 })
    metrics.record({
      namespace,
      metric: 'TargetResponseTime',
      dimensions: balancer(group),
      value: (n + 1) / 100,
    })
    if (n < errors) {
      metrics.record({
        namespace,
        metric: 'HTTPCode_Target_5XX_Count',
        dimensions: balancer(group),
        value: 1,
      })
    }
  }
}

async function until(check: () => boolean): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (check()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  throw new Error(`did not come true: ${check}`)
}

function stat(id: string, metric: string, group: string, Stat = 'Sum'): sdk.MetricDataQuery {
  return {
    Id: id,
    ReturnData: false,
    MetricStat: {
      Metric: {
        Namespace: 'AWS/ApplicationELB',
        MetricName: metric,
        Dimensions: Object.entries(balancer(group)).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: 60,
      Stat,
    },
  }
}

/** The alarm that the platform puts on a service: failed requests over both groups of its pair. */
const ratioAlarm: sdk.PutMetricAlarmCommandInput = {
  AlarmName: 'errors',
  ComparisonOperator: 'GreaterThanThreshold',
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

test('a canary that fails wholly raises the ratio of the pair over the threshold, within the canary’s five minutes', async () => {
  await client.send(new sdk.PutMetricAlarmCommand(ratioAlarm))
  await until(() => metrics.alarmState('errors') === 'OK')
  const changes: string[] = []
  metrics.onAlarm((name, state) => changes.push(`${name} ${state}`))
  const from = Date.now()
  while (metrics.alarmState('errors') !== 'ALARM') {
    requests('blue', 90, 0)
    requests('green', 10, 10)
    assert.ok(Date.now() - from < 5000, 'the alarm never went off')
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  // Two periods, the lag and the evaluation, in AWS time; a loaded machine may add to it.
  assert.ok((Date.now() - from) * speed >= 2 * 60_000)
  assert.deepEqual(changes, ['errors ALARM'])
  await until(() => metrics.alarmState('errors') === 'OK')
  await until(() => notices.length === 3)
  assert.deepEqual(
    notices.map(({ topic: to, subject }) => [to, subject]),
    ['OK', 'ALARM', 'OK'].map((state) => [topic, `${state}: "errors" in ap-northeast-2`]),
  )
  const { AlarmHistoryItems = [] } = await client.send(
    new sdk.DescribeAlarmHistoryCommand({
      AlarmName: 'errors',
      HistoryItemType: 'StateUpdate',
      ScanBy: 'TimestampAscending',
    }),
  )
  assert.deepEqual(
    AlarmHistoryItems.map((item) => item.HistorySummary),
    ['INSUFFICIENT_DATA to OK', 'OK to ALARM', 'ALARM to OK'].map((change) => `Alarm updated from ${change}`),
  )
})

test('a set state lasts until the next evaluation, and a composite alarm follows', async () => {
  await client.send(new sdk.PutMetricAlarmCommand(ratioAlarm))
  await until(() => metrics.alarmState('errors') === 'OK')
  await client.send(new sdk.PutCompositeAlarmCommand({ AlarmName: 'any', AlarmRule: 'ALARM("errors")' }))
  assert.equal(metrics.alarmState('any'), 'OK')
  const seen: string[] = []
  metrics.onAlarm((name, state) => seen.push(`${name} ${state}`))
  await client.send(
    new sdk.SetAlarmStateCommand({ AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'test' }),
  )
  await until(() => metrics.alarmState('any') === 'OK' && seen.length === 4)
  assert.deepEqual(seen, ['errors ALARM', 'any ALARM', 'errors OK', 'any OK'])
})

test('disabled actions notify nobody until they are enabled', async () => {
  await client.send(new sdk.PutMetricAlarmCommand({ ...ratioAlarm, ActionsEnabled: false }))
  await until(() => metrics.alarmState('errors') === 'OK')
  assert.equal(notices.length, 0)
  await client.send(new sdk.EnableAlarmActionsCommand({ AlarmNames: ['errors'] }))
  await client.send(
    new sdk.SetAlarmStateCommand({ AlarmName: 'errors', StateValue: 'ALARM', StateReason: 'test' }),
  )
  assert.equal(notices[0]?.subject, 'ALARM: "errors" in ap-northeast-2')
})

test('answers statistics and percentiles of what was recorded', async () => {
  const from = new Date(Date.now() - 100)
  requests('blue', 100, 7)
  const dimensions = Object.entries(balancer('blue')).map(([Name, Value]) => ({ Name, Value }))
  // One period that is long enough to hold everything: ten minutes of AWS time are a second here.
  const { Datapoints = [] } = await client.send(
    new sdk.GetMetricStatisticsCommand({
      Namespace: 'AWS/ApplicationELB',
      MetricName: 'TargetResponseTime',
      Dimensions: dimensions,
      StartTime: from,
      EndTime: new Date(Date.now() + 1000),
      Period: 86_400,
      Statistics: ['SampleCount', 'Maximum'],
      ExtendedStatistics: ['p90'],
    }),
  )
  assert.deepEqual([Datapoints[0]?.SampleCount, Datapoints[0]?.Maximum], [100, 1])
  assert.ok(Math.abs((Datapoints[0]?.ExtendedStatistics?.p90 ?? 0) - 0.9) < 0.01)
  const { MetricDataResults = [] } = await client.send(
    new sdk.GetMetricDataCommand({
      StartTime: from,
      EndTime: new Date(Date.now() + 1000),
      MetricDataQueries: [
        stat('errors', 'HTTPCode_Target_5XX_Count', 'blue'),
        stat('requests', 'RequestCount', 'blue'),
        { Id: 'ratio', Expression: '100 * SUM(errors) / SUM(requests)' },
      ],
    }),
  )
  assert.equal(MetricDataResults.length, 1)
  assert.ok(Math.abs((MetricDataResults[0]?.Values?.[0] ?? 0) - 7) < 1e-9)
  const { Metrics: listed = [] } = await client.send(
    new sdk.ListMetricsCommand({ MetricName: 'RequestCount', Dimensions: [{ Name: 'LoadBalancer' }] }),
  )
  assert.equal(listed.length, 1)
})

test('takes metrics that a client puts', async () => {
  const put = new sdk.PutMetricDataCommand({
    Namespace: 'App',
    MetricData: [{ MetricName: 'Orders', Values: [1, 5], Counts: [3, 1], Unit: 'Count' }],
  })
  await client.send(put)
  const { Datapoints = [] } = await client.send(
    new sdk.GetMetricStatisticsCommand({
      Namespace: 'App',
      MetricName: 'Orders',
      StartTime: new Date(Date.now() - 1000),
      EndTime: new Date(Date.now() + 1000),
      Period: 86_400,
      Statistics: ['Sum', 'SampleCount'],
    }),
  )
  assert.deepEqual([Datapoints[0]?.Sum, Datapoints[0]?.SampleCount], [8, 4])
})

test('refuses what CloudWatch refuses, and names what is not here', async () => {
  const put = (changes: Partial<sdk.PutMetricAlarmCommandInput>) =>
    client.send(new sdk.PutMetricAlarmCommand({ ...ratioAlarm, ...changes }))
  await assert.rejects(
    put({ DatapointsToAlarm: 3 }),
    /DatapointsToAlarm 3 must be between 1 and EvaluationPeriods 2/,
  )
  await assert.rejects(put({ Metrics: [{ Id: 'a', Expression: 'b + 1' }] }), /refers to 'b'/)
  await assert.rejects(
    put({ Metrics: [{ Id: 'a', Expression: 'RATE(a)' }] }),
    /RATE of metric math is not implemented/,
  )
  const unknown = new sdk.DeleteAlarmsCommand({ AlarmNames: ['none'] })
  await assert.rejects(client.send(unknown), { name: 'ResourceNotFound' })
  const missing = new sdk.PutCompositeAlarmCommand({ AlarmName: 'any', AlarmRule: 'ALARM(none)' })
  await assert.rejects(client.send(missing), { name: 'ResourceNotFound' })
})

test('Terraform’s alarm goes through the same checks', async () => {
  const type = metrics.resourceTypes?.find((one) => one.type === 'aws_cloudwatch_metric_alarm')
  assert.ok(type)
  const apply = {
    address: 'aws_cloudwatch_metric_alarm.storage',
    region: context.region,
    accountId: context.accountId,
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
  }
  const made = await type.create(planned, apply)
  assert.equal(made.arn, 'arn:aws:cloudwatch:ap-northeast-2:000000000000:alarm:storage')
  const { MetricAlarms = [] } = await client.send(new sdk.DescribeAlarmsCommand({ AlarmNamePrefix: 'stor' }))
  assert.deepEqual(MetricAlarms[0]?.Dimensions, [{ Name: 'DBInstanceIdentifier', Value: 'main' }])
  assert.equal(MetricAlarms[0]?.StateValue, 'INSUFFICIENT_DATA')
  await assert.rejects(
    async () => type.create({ ...planned, statistic: 'Median' }, apply),
    /Median is not implemented/,
  )
  await type.delete?.(made, apply)
  assert.equal(metrics.alarmState('storage'), undefined)
})
