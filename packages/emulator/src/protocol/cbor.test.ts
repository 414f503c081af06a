import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as cloudwatch from '@aws-sdk/client-cloudwatch'
import { SmithyRpcV2CborProtocol } from '@smithy/core/cbor'
import { AwsError } from '../aws-error.ts'
import type { ServiceApi } from './api.ts'
import type { Operations } from './operations.ts'
import { serveForTest } from './test-kit/protocol.test-kit.ts'
import { signedHeaders } from './test-kit/signing.test-kit.ts'

const api: ServiceApi = {
  signingName: 'monitoring',
  protocol: 'json-1.0',
  sdk: cloudwatch,
  operations: {
    GetMetricStatistics: ({ MetricName, StartTime }) => ({
      Label: MetricName,
      Datapoints: [{ Timestamp: StartTime, Average: 0.25, SampleCount: 3 }],
    }),
    PutMetricData: () => ({}),
    DescribeAlarms() {
      throw new AwsError('ResourceNotFound', 'There is no such alarm.', 404)
    },
  } satisfies Operations<typeof cloudwatch>,
}

// https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
test('answers clients that speak CBOR: values, time stamps, errors, operations that are not there', async () => {
  await using wire = await serveForTest([api])
  const client = new cloudwatch.CloudWatchClient({ ...wire.client, protocol: SmithyRpcV2CborProtocol })
  const StartTime = new Date('2026-01-02T03:04:05Z')
  const { Label, Datapoints } = await client.send(
    new cloudwatch.GetMetricStatisticsCommand({
      Namespace: 'a',
      MetricName: 'latency',
      StartTime,
      EndTime: new Date('2026-01-02T04:00:00Z'),
      Period: 60,
    }),
  )
  assert.equal(Label, 'latency')
  assert.deepEqual(Datapoints, [{ Timestamp: StartTime, Average: 0.25, SampleCount: 3 }])
  await client.send(
    new cloudwatch.PutMetricDataCommand({ Namespace: 'a', MetricData: [{ MetricName: 'n', Value: 1.5 }] }),
  )
  assert.deepEqual(wire.calls.at(-1)?.input.MetricData, [{ MetricName: 'n', Value: 1.5 }])
  await assert.rejects(client.send(new cloudwatch.DescribeAlarmsCommand({})), {
    name: 'ResourceNotFound',
    message: 'There is no such alarm.',
  })
  await assert.rejects(
    client.send(new cloudwatch.ListMetricsCommand({})),
    /does not have monitoring:ListMetrics/,
  )
})

test('refuses a body that is no CBOR', async () => {
  await using wire = await serveForTest([api])
  const path = '/service/GraniteServiceVersion20100801/operation/PutMetricData'
  const headers = {
    host: new URL(wire.endpoint).host,
    'content-type': 'application/cbor',
    'smithy-protocol': 'rpc-v2-cbor',
  }
  const body = '\u007f{'
  const signed = signedHeaders({ method: 'POST', path, headers, body, service: 'monitoring' })
  const answer = await fetch(`${wire.endpoint}${path}`, { method: 'POST', headers: signed, body })
  assert.equal(answer.status, 400)
  assert.equal(answer.headers.get('smithy-protocol'), 'rpc-v2-cbor')
  assert.match(await answer.text(), /SerializationException/)
})
