import assert from 'node:assert/strict'
import type { lookup as dnsLookup } from 'node:dns'
import { Agent } from 'node:http'
import { test } from 'node:test'
import * as cloudfront from '@aws-sdk/client-cloudfront'
import * as keyValueStore from '@aws-sdk/client-cloudfront-keyvaluestore'
import * as lambda from '@aws-sdk/client-lambda'
import * as route53 from '@aws-sdk/client-route-53'
// The client finds this signer only if someone loads it.
import '@aws-sdk/signature-v4a'
import { AwsError } from '../aws-error.ts'
import type { ServiceApi } from './api.ts'
import type { Operations } from './operations.ts'
import { serveForTest } from './test-kit/protocol.test-kit.ts'

const configuration: cloudfront.DistributionConfig = {
  CallerReference: 'one',
  Comment: 'sites',
  Enabled: true,
  Aliases: { Quantity: 1, Items: ['app.example.com'] },
  Origins: { Quantity: 1, Items: [{ Id: 's3', DomainName: 'b.s3.amazonaws.com' }] },
  DefaultCacheBehavior: { TargetOriginId: 's3', ViewerProtocolPolicy: 'redirect-to-https' },
}
const cloudfrontApi: ServiceApi = {
  signingName: 'cloudfront',
  protocol: 'rest-xml',
  sdk: cloudfront,
  operations: {
    GetDistributionConfig(input) {
      if (input.Id !== 'E1')
        throw new AwsError('NoSuchDistribution', 'The specified distribution does not exist.')
      return { DistributionConfig: configuration, ETag: 'etag-1' }
    },
    UpdateDistribution: (input) => ({
      ETag: `after-${input.IfMatch}`,
      Distribution: {
        Id: input.Id,
        ARN: 'arn',
        Status: 'Deployed',
        LastModifiedTime: new Date('2025-06-01T10:00:00Z'),
        InProgressInvalidationBatches: 0,
        DomainName: 'd1.cloudfront.net',
        DistributionConfig: input.DistributionConfig,
      },
    }),
    ListDistributions: (input) => ({
      DistributionList: { Marker: input.Marker ?? '', MaxItems: 1, IsTruncated: false, Quantity: 0 },
    }),
  } satisfies Operations<typeof cloudfront>,
}

test('binds labels, headers, query and payload of CloudFront', async () => {
  await using wire = await serveForTest([cloudfrontApi])
  const client = new cloudfront.CloudFrontClient(wire.client)
  const read = await client.send(new cloudfront.GetDistributionConfigCommand({ Id: 'E1' }))
  assert.equal(read.ETag, 'etag-1')
  assert.deepEqual(read.DistributionConfig, configuration)
  const updated = await client.send(
    new cloudfront.UpdateDistributionCommand({
      Id: 'E1',
      IfMatch: 'etag-1',
      DistributionConfig: configuration,
    }),
  )
  assert.equal(updated.ETag, 'after-etag-1')
  assert.deepEqual(updated.Distribution?.DistributionConfig, configuration)
  assert.deepEqual(updated.Distribution?.LastModifiedTime, new Date('2025-06-01T10:00:00Z'))
  const listed = await client.send(new cloudfront.ListDistributionsCommand({ Marker: 'm&1' }))
  assert.equal(listed.DistributionList?.Marker, 'm&1')
})

test("gives CloudFront's errors class, status and message", async () => {
  await using wire = await serveForTest([cloudfrontApi])
  const client = new cloudfront.CloudFrontClient(wire.client)
  await assert.rejects(client.send(new cloudfront.GetDistributionConfigCommand({ Id: 'E2' })), (error) => {
    assert.ok(error instanceof cloudfront.NoSuchDistribution)
    assert.equal(error.$metadata.httpStatusCode, 404)
    assert.equal(error.message, 'The specified distribution does not exist.')
    return true
  })
})

test('answers Route 53, whose bodies are not payload members', async () => {
  const api: ServiceApi = {
    signingName: 'route53',
    protocol: 'rest-xml',
    sdk: route53,
    operations: {
      ChangeResourceRecordSets: (input) => ({
        ChangeInfo: {
          Id: `/change/${input.HostedZoneId}`,
          Status: 'INSYNC',
          SubmittedAt: new Date(0),
          Comment: JSON.stringify(input.ChangeBatch?.Changes),
        },
      }),
    } satisfies Operations<typeof route53>,
  }
  await using wire = await serveForTest([api])
  const client = new route53.Route53Client(wire.client)
  const Changes = [
    {
      Action: 'UPSERT' as const,
      ResourceRecordSet: {
        Name: 'a.example.com',
        Type: 'A' as const,
        TTL: 60,
        ResourceRecords: [{ Value: '127.0.0.1' }],
      },
    },
  ]
  const answer = await client.send(
    new route53.ChangeResourceRecordSetsCommand({ HostedZoneId: 'Z1', ChangeBatch: { Changes } }),
  )
  assert.equal(answer.ChangeInfo?.Id, '/change/Z1')
  assert.deepEqual(JSON.parse(answer.ChangeInfo?.Comment ?? ''), Changes)
})

const lambdaApi: ServiceApi = {
  signingName: 'lambda',
  protocol: 'rest-json',
  sdk: lambda,
  operations: {
    Invoke(input) {
      if (input.FunctionName === 'none')
        throw new AwsError('ResourceNotFoundException', 'Function not found', 404)
      return {
        StatusCode: 200,
        Payload: `{"was":${new TextDecoder().decode(input.Payload as Uint8Array)}}`,
        ExecutedVersion: '1',
      }
    },
    GetFunctionConfiguration: (input) => ({ FunctionName: input.FunctionName, MemorySize: 128 }),
  } satisfies Operations<typeof lambda>,
}

test('invokes a function: blob payload in and out, status and headers bound', async () => {
  await using wire = await serveForTest([lambdaApi])
  const client = new lambda.LambdaClient(wire.client)
  const FunctionName = 'arn:aws:lambda:ap-northeast-2:000000000000:function:hook'
  const answer = await client.send(new lambda.InvokeCommand({ FunctionName, Payload: '{"a":1}' }))
  assert.equal(answer.Payload?.transformToString(), '{"was":{"a":1}}')
  assert.equal(answer.ExecutedVersion, '1')
  assert.equal(answer.StatusCode, 200)
  const read = await client.send(new lambda.GetFunctionConfigurationCommand({ FunctionName }))
  assert.equal(read.FunctionName, FunctionName)
  assert.equal(read.MemorySize, 128)
})

test("gives Lambda's errors", async () => {
  await using wire = await serveForTest([lambdaApi])
  const client = new lambda.LambdaClient(wire.client)
  await assert.rejects(client.send(new lambda.InvokeCommand({ FunctionName: 'none' })), (error) => {
    assert.ok(error instanceof lambda.ResourceNotFoundException)
    assert.equal(error.message, 'Function not found')
    assert.equal(error.$metadata.httpStatusCode, 404)
    return true
  })
  await assert.rejects(client.send(new lambda.ListLayersCommand({})), {
    name: 'NotImplemented',
    message: /lambda:ListLayers/,
  })
})

test('answers the key-value store, signed by SigV4A and with the account before the host', async () => {
  const api: ServiceApi = {
    signingName: 'cloudfront-keyvaluestore',
    protocol: 'rest-json',
    sdk: keyValueStore,
    operations: {
      UpdateKeys(input) {
        if (input.IfMatch !== 'v1')
          throw new AwsError('ConflictException', 'The If-Match version is missing or not valid.')
        return { ETag: `${input.KvsARN} ${input.Puts?.[0]?.Value}`, ItemCount: 1, TotalSizeInBytes: 9 }
      },
      GetKey: (input) => ({ Key: input.Key, Value: 'r1', ItemCount: 1, TotalSizeInBytes: 2 }),
    } satisfies Operations<typeof keyValueStore>,
  }
  await using wire = await serveForTest([api])
  const client = new keyValueStore.CloudFrontKeyValueStoreClient({
    ...wire.client,
    endpoint: `http://localhost:${wire.port}`,
    requestHandler: { httpAgent: new Agent({ lookup: loopback }) },
  })
  const KvsARN = 'arn:aws:cloudfront::000000000000:key-value-store/0b9f'
  const read = await client.send(new keyValueStore.GetKeyCommand({ KvsARN, Key: 'site/admin' }))
  assert.equal(read.Key, 'site/admin')
  const puts = { KvsARN, Puts: [{ Key: 'admin', Value: 'r2' }] }
  const updated = await client.send(new keyValueStore.UpdateKeysCommand({ ...puts, IfMatch: 'v1' }))
  assert.equal(updated.ETag, `${KvsARN} r2`)
  assert.equal(wire.calls[0]?.principal.accessKeyId, 'AKIATEST')
  await assert.rejects(
    client.send(new keyValueStore.UpdateKeysCommand({ ...puts, IfMatch: 'old' })),
    (error) => {
      assert.ok(error instanceof keyValueStore.ConflictException)
      return true
    },
  )
})

/** `*.localhost` is loopback, as RFC 6761 says; Node's resolver does not know it. */
const loopback = ((
  _host: string,
  options: object,
  done: (error: null, address: unknown, family?: number) => void,
) =>
  'all' in options && options.all
    ? done(null, [{ address: '127.0.0.1', family: 4 }])
    : done(null, '127.0.0.1', 4)) as typeof dnsLookup
