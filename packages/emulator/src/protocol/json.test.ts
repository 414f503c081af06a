import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as cloudwatch from '@aws-sdk/client-cloudwatch'
import * as ecs from '@aws-sdk/client-ecs'
import { AwsError } from '../aws-error.ts'
import type { ServiceApi } from './api.ts'
import type { Operations } from './operations.ts'
import { serveForTest } from './test-kit/protocol.test-kit.ts'
import { signedHeaders } from './test-kit/signing.test-kit.ts'

const createdAt = new Date('2025-06-01T10:00:00.500Z')
const ecsApi: ServiceApi = {
  signingName: 'ecs',
  protocol: 'json-1.1',
  sdk: ecs,
  operations: {
    DescribeServices(input) {
      if (input.cluster === 'gone') throw new AwsError('ClusterNotFoundException', 'Cluster not found.')
      const services = (input.services ?? []).map((serviceName) => ({
        serviceName,
        createdAt,
        events: [{ id: '1', message: 'has reached a steady state.' }],
      }))
      return { services }
    },
    ListClusters() {
      throw new TypeError('a bug')
    },
  } satisfies Operations<typeof ecs>,
}

test('answers the official client in JSON 1.1, time stamps and nested lists included', async () => {
  await using wire = await serveForTest([ecsApi])
  const client = new ecs.ECSClient(wire.client)
  const answer = await client.send(
    new ecs.DescribeServicesCommand({ cluster: 'main', services: ['admin', 'user'] }),
  )
  assert.deepEqual(
    answer.services?.map(({ serviceName }) => serviceName),
    ['admin', 'user'],
  )
  assert.deepEqual(answer.services?.[0]?.createdAt, createdAt)
  assert.equal(answer.services?.[0]?.events?.[0]?.message, 'has reached a steady state.')
  assert.match(answer.$metadata.requestId ?? '', /^[0-9a-f-]{36}$/)
})

test('gives an error the class, message and status of its shape', async () => {
  await using wire = await serveForTest([ecsApi])
  const client = new ecs.ECSClient(wire.client)
  await assert.rejects(
    client.send(new ecs.DescribeServicesCommand({ cluster: 'gone', services: [] })),
    (error) => {
      assert.ok(error instanceof ecs.ClusterNotFoundException)
      assert.equal(error.message, 'Cluster not found.')
      assert.equal(error.$metadata.httpStatusCode, 400)
      return true
    },
  )
})

test('refuses by name an operation that AWS has and the table has not', async () => {
  await using wire = await serveForTest([ecsApi])
  const client = new ecs.ECSClient(wire.client)
  await assert.rejects(client.send(new ecs.DeleteAttributesCommand({ attributes: [] })), (error) => {
    assert.ok(error instanceof ecs.ECSServiceException)
    assert.equal(error.name, 'NotImplemented')
    assert.match(error.message, /ecs:DeleteAttributes/)
    assert.equal(error.$metadata.httpStatusCode, 501)
    return true
  })
})

test('refuses an input without a required member, under a code that the service has', async () => {
  await using wire = await serveForTest([ecsApi])
  const client = new ecs.ECSClient(wire.client)
  const input = { cluster: 'main' } as ecs.DescribeServicesCommandInput
  await assert.rejects(client.send(new ecs.DescribeServicesCommand(input)), {
    name: 'InvalidParameterException',
    message: /'services'.*must not be null/,
  })
})

test('refuses a member of the wrong type', async () => {
  await using wire = await serveForTest([ecsApi])
  const client = new ecs.ECSClient(wire.client)
  const input = { cluster: 'main', services: 'admin' } as unknown as ecs.DescribeServicesCommandInput
  await assert.rejects(client.send(new ecs.DescribeServicesCommand(input)), {
    name: 'SerializationException',
  })
})

test('hides what went wrong inside of a handler from the caller and tells the log', async () => {
  const logged: unknown[] = []
  await using wire = await serveForTest([ecsApi], { log: (_message, error) => logged.push(error) })
  const client = new ecs.ECSClient(wire.client)
  await assert.rejects(client.send(new ecs.ListClustersCommand({})), (error) => {
    assert.equal((error as Error).name, 'InternalFailure')
    assert.doesNotMatch((error as Error).message, /a bug/)
    return true
  })
  assert.ok(logged[0] instanceof TypeError)
})

test('tells who called what, and how it ended', async () => {
  const arn = 'arn:aws:iam::000000000000:user/deployer'
  await using wire = await serveForTest([ecsApi], {
    credentials: (accessKeyId) =>
      accessKeyId === 'AKIATEST' ? { principal: { accessKeyId, arn }, secretAccessKey: 'secret' } : undefined,
  })
  const client = new ecs.ECSClient(wire.client)
  await client.send(new ecs.DescribeServicesCommand({ cluster: 'main', services: ['admin'] }))
  const [call] = wire.calls
  assert.equal(call?.principal.arn, arn)
  assert.equal(call?.operation, 'DescribeServices')
  assert.equal(call?.region, 'ap-northeast-2')
  assert.deepEqual(call?.input, { cluster: 'main', services: ['admin'] })

  const stranger = new ecs.ECSClient({
    ...wire.client,
    credentials: { accessKeyId: 'AKIA', secretAccessKey: 's' },
  })
  await assert.rejects(stranger.send(new ecs.ListClustersCommand({})), {
    name: 'UnrecognizedClientException',
  })
})

test('names a service that the emulator has not', async () => {
  await using wire = await serveForTest([])
  const client = new ecs.ECSClient(wire.client)
  await assert.rejects(client.send(new ecs.ListClustersCommand({})), {
    name: 'UnknownService',
    message: /ecs/,
  })
})

const alarm = {
  AlarmName: 'errors',
  StateValue: 'ALARM' as const,
  Threshold: 5.5,
  Dimensions: [{ Name: 'TargetGroup', Value: 'targetgroup/a/1' }],
}
const cloudwatchApi: ServiceApi = {
  signingName: 'monitoring',
  protocol: 'json-1.0',
  sdk: cloudwatch,
  operations: {
    DescribeAlarms: (input) => ({ MetricAlarms: input.AlarmNames?.includes('errors') ? [alarm] : [] }),
    SetAlarmState() {
      throw new AwsError('ResourceNotFound', 'no such alarm')
    },
    PutMetricData: () => ({}),
  } satisfies Operations<typeof cloudwatch>,
}

test('answers CloudWatch in JSON 1.0, and keeps its old error codes for clients in query mode', async () => {
  await using wire = await serveForTest([cloudwatchApi])
  const client = new cloudwatch.CloudWatchClient(wire.client)
  const answer = await client.send(new cloudwatch.DescribeAlarmsCommand({ AlarmNames: ['errors'] }))
  assert.deepEqual(answer.MetricAlarms, [alarm])
  const input = { AlarmName: 'none', StateValue: 'OK' as const, StateReason: 'test' }
  await assert.rejects(client.send(new cloudwatch.SetAlarmStateCommand(input)), (error) => {
    assert.ok(error instanceof cloudwatch.ResourceNotFound)
    assert.equal((error as unknown as { Code: string }).Code, 'ResourceNotFound')
    assert.equal(error.$metadata.httpStatusCode, 404)
    return true
  })
})

test('inflates a large PutMetricData, which clients compress', async () => {
  await using wire = await serveForTest([cloudwatchApi])
  const client = new cloudwatch.CloudWatchClient(wire.client)
  const MetricData = Array.from({ length: 500 }, (_, index) => ({
    MetricName: `metric-number-${index}`,
    Value: index,
  }))
  await client.send(new cloudwatch.PutMetricDataCommand({ Namespace: 'App', MetricData }))
  assert.deepEqual(wire.calls[0]?.input, { Namespace: 'App', MetricData })
})

test('answers an older client of CloudWatch in Query', async () => {
  await using wire = await serveForTest([cloudwatchApi])
  const body = 'Action=DescribeAlarms&Version=2010-08-01&AlarmNames.member.1=errors'
  const headers = signedHeaders({
    method: 'POST',
    path: '/',
    headers: {
      host: `127.0.0.1:${wire.port}`,
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    },
    body,
    service: 'monitoring',
  })
  const answer = await fetch(wire.endpoint, { method: 'POST', headers, body })
  const text = await answer.text()
  assert.match(text, /<DescribeAlarmsResponse xmlns="http:\/\/monitoring.amazonaws.com\/doc\/2010-08-01\/">/)
  assert.match(text, /<AlarmName>errors<\/AlarmName>/)
})
