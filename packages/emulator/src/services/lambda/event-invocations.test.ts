/** Who invokes functions when something happens: a topic, a rule of EventBridge and an alarm, on a whole emulator. */
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch'
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns'
import { zipSync } from 'fflate'
import { startLifeCycle } from '../../test-kit/terraform-life-cycle.test-kit.ts'
import { until } from '../../test-kit/until.test-kit.ts'

const source = `
  export const handler = async (event) => {
    const body = JSON.stringify({ by: process.env.AWS_LAMBDA_FUNCTION_VERSION, event })
    await fetch(process.env.TELL, { method: 'POST', body })
  }`

// https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
test('functions are invoked by a topic, by a rule of EventBridge and by an alarm, as the alias that each names', async () => {
  const invocations: { by: string; event: Record<string, unknown> }[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    invocations.push(JSON.parse(Buffer.concat(chunks).toString()))
    response.end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const live = '${aws_lambda_alias.live.arn}'
  const here = await startLifeCycle({
    aws_lambda_function: {
      reaction: {
        function_name: 'reaction',
        handler: 'index.handler',
        runtime: 'nodejs22.x',
        role: 'arn:aws:iam::000000000000:role/reaction',
        timeout: 30,
        publish: true,
        environment: { variables: { TELL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` } },
      },
    },
    aws_lambda_alias: {
      live: {
        name: 'live',
        function_name: '${aws_lambda_function.reaction.function_name}',
        function_version: '${aws_lambda_function.reaction.version}',
      },
    },
    aws_sns_topic: { notices: { name: 'notices' } },
    aws_sns_topic_subscription: {
      reaction: {
        topic_arn: '${aws_sns_topic.notices.arn}',
        protocol: 'lambda',
        endpoint: live,
        filter_policy: JSON.stringify({ severity: ['high'] }),
      },
    },
    aws_cloudwatch_event_rule: {
      alarms: {
        name: 'alarms',
        event_pattern: JSON.stringify({ 'detail-type': ['CloudWatch Alarm State Change'] }),
      },
    },
    aws_cloudwatch_event_target: {
      reaction: {
        rule: '${aws_cloudwatch_event_rule.alarms.name}',
        arn: '${aws_lambda_function.reaction.arn}',
      },
    },
    aws_cloudwatch_metric_alarm: {
      errors: {
        alarm_name: 'errors',
        namespace: 'App',
        metric_name: 'Errors',
        statistic: 'Sum',
        period: 3600,
        evaluation_periods: 24,
        threshold: 5,
        comparison_operator: 'GreaterThanThreshold',
        treat_missing_data: 'ignore',
        alarm_actions: [live],
      },
    },
  })
  const filename = join(here.folder, 'reaction.zip')
  Object.assign(here.of('aws_lambda_function.reaction'), { filename })
  writeFileSync(filename, zipSync({ 'index.mjs': new TextEncoder().encode(source) }))
  try {
    await here.apply()
    const sns = new SNSClient(here.settings)
    const TopicArn = 'arn:aws:sns:ap-northeast-2:000000000000:notices'
    const severity = (StringValue: string) => ({ severity: { DataType: 'String', StringValue } })
    await sns.send(new PublishCommand({ TopicArn, Message: 'low', MessageAttributes: severity('low') }))
    await sns.send(new PublishCommand({ TopicArn, Message: 'high', MessageAttributes: severity('high') }))
    sns.destroy()
    const cloudwatch = new CloudWatchClient(here.settings)
    const AlarmName = 'errors'
    await cloudwatch.send(
      new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'because' }),
    )
    const { AlarmHistoryItems } = await cloudwatch.send(
      new DescribeAlarmHistoryCommand({ AlarmName, HistoryItemType: 'Action' }),
    )
    cloudwatch.destroy()
    assert.match(
      AlarmHistoryItems?.[0]?.HistorySummary ?? '',
      /^Successfully executed action .*:reaction:live$/,
    )
    await until(() => invocations.length === 3)
    const by = (has: string) => invocations.find(({ event }) => has in event)
    assert.equal(by('Records')?.by, '1')
    assert.match(JSON.stringify(by('Records')?.event), /"Message":"high"/)
    assert.deepEqual([by('alarmData')?.by, by('alarmData')?.event.source], ['1', 'aws.cloudwatch'])
    assert.deepEqual(
      [by('detail')?.by, by('detail')?.event['detail-type']],
      ['$LATEST', 'CloudWatch Alarm State Change'],
    )
  } finally {
    await here[Symbol.asyncDispose]()
    server.closeAllConnections()
    server.close()
  }
})
