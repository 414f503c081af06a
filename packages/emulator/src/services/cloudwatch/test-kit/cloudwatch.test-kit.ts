/** For tests: CloudWatch over a real socket, on a clock of its own speed, with what it publishes at hand. */
import * as sdk from '@aws-sdk/client-cloudwatch'
import { type Clock, systemClock } from '../../../clock.ts'
import { testContext } from '../../../protocol/test-kit/context.test-kit.ts'
import { serveForTest } from '../../../protocol/test-kit/protocol.test-kit.ts'
import type { EmulatorContext } from '../../../service.ts'
import { openStore, type Store } from '../../../store.ts'
import type { CloudWatch } from '../contract.ts'
import { createCloudWatch } from '../index.ts'

export interface TestCloudWatch extends AsyncDisposable {
  readonly context: EmulatorContext
  readonly cloudWatch: CloudWatch
  readonly client: sdk.CloudWatchClient
  readonly notices: readonly { topic: string; subject: string; message: string }[]
  /** Payloads of the one function that there is. */
  readonly invocations: readonly string[]
  putAlarm(input: Partial<sdk.PutMetricAlarmCommandInput> & { AlarmName: string }): Promise<unknown>
  setState(AlarmName: string, StateValue: sdk.StateValue, StateReason?: string): Promise<unknown>
  alarm(name: string): Promise<sdk.MetricAlarm>
  history(name: string, HistoryItemType?: sdk.HistoryItemType): Promise<sdk.AlarmHistoryItem[]>
}

export const topic = 'arn:aws:sns:ap-northeast-2:000000000000:notices'

export const reaction = 'arn:aws:lambda:ap-northeast-2:000000000000:function:reaction'

/** An alarm on a metric that only the test records. */
export const plainAlarm = {
  Namespace: 'App',
  MetricName: 'Load',
  Statistic: 'Average',
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 5,
  ComparisonOperator: 'GreaterThanThreshold',
} as const satisfies Partial<sdk.PutMetricAlarmCommandInput>

/** A clock that a test moves; each move is one tick of everything that ticks. */
export function steppedClock(): { clock: Clock; forward(ms: number): void } {
  let now = Date.UTC(2026, 10, 25, 12)
  const ticks = new Set<() => void | Promise<void>>()
  const never = () => Promise.reject(new Error('nothing of CloudWatch sleeps'))
  const everyAws: Clock['everyAws'] = (_, tick) => {
    ticks.add(tick)
    return () => ticks.delete(tick)
  }
  return {
    clock: { speed: 1, now: () => now, toReal: (ms) => ms, sleepAws: never, sleepReal: never, everyAws },
    forward(ms) {
      now += ms
      for (const tick of ticks) tick()
    },
  }
}

export async function startCloudWatch({
  speed = 600,
  clock = systemClock(speed),
  store = openStore(':memory:'),
}: {
  speed?: number
  clock?: Clock
  store?: Store
} = {}): Promise<TestCloudWatch> {
  const context = testContext({ clock, store })
  const notices: { topic: string; subject: string; message: string }[] = []
  const invocations: string[] = []
  const cloudWatch = createCloudWatch(context, {
    notify: (to, subject, message) => to === topic && notices.push({ topic: to, subject, message }) > 0,
    invoke: (arn, payload) => arn === reaction && invocations.push(payload) > 0,
  })
  await cloudWatch.start?.()
  const wire = await serveForTest(cloudWatch.api === undefined ? [] : [cloudWatch.api])
  const client = new sdk.CloudWatchClient(wire.client)
  return {
    context,
    cloudWatch,
    client,
    notices,
    invocations,
    putAlarm: (input) =>
      client.send(new sdk.PutMetricAlarmCommand({ ...(input.Metrics ? base : plainAlarm), ...input })),
    setState: (AlarmName, StateValue, StateReason = 'test') =>
      client.send(new sdk.SetAlarmStateCommand({ AlarmName, StateValue, StateReason })),
    async alarm(name) {
      const { MetricAlarms = [] } = await client.send(new sdk.DescribeAlarmsCommand({ AlarmNames: [name] }))
      if (MetricAlarms[0] === undefined) throw new Error(`there is no alarm ${name}`)
      return MetricAlarms[0]
    },
    async history(AlarmName, HistoryItemType) {
      const command = new sdk.DescribeAlarmHistoryCommand({
        AlarmName,
        ScanBy: 'TimestampAscending',
        ...(HistoryItemType ? { HistoryItemType } : {}),
      })
      return (await client.send(command)).AlarmHistoryItems ?? []
    },
    async [Symbol.asyncDispose]() {
      client.destroy()
      await cloudWatch.stop?.()
      await wire[Symbol.asyncDispose]()
    },
  }
}

/** Of a metric math alarm, whose metrics say the rest. */
const { EvaluationPeriods, Threshold, ComparisonOperator } = plainAlarm
const base = { EvaluationPeriods, Threshold, ComparisonOperator }
