import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'
import * as sdk from '@aws-sdk/client-s3'
import { serveForTest, type TestWire } from '../../../protocol/test-kit/protocol.test-kit.ts'
import type { Attributes } from '../../../terraform/type/resource-type.ts'
import { until } from '../../../test-kit/until.test-kit.ts'
import { openSite, type Site } from '../test-kit/edge.test-kit.ts'

const region = { region: 'us-east-1' }
let site: Site
let wire: TestWire
let s3: sdk.S3Client
let held: (() => void) | undefined
let destination: Attributes

before(async () => {
  site = await openSite({
    speed: 2000,
    api(incoming, response) {
      if (incoming.url === '/api/held') {
        held = () => response.end('late')
        return
      }
      response
        .writeHead(incoming.url === '/api/fails' ? 500 : 200, { 'content-type': 'text/plain' })
        .end('api')
    },
  })
  const { emulator, distribution } = site
  wire = await serveForTest([emulator.s3.api ?? assert.fail()])
  s3 = new sdk.S3Client(wire.client)
  await emulator.create('aws_s3_bucket', { bucket: 'logs', force_destroy: true })
  await emulator.create(
    'aws_cloudwatch_log_delivery_source',
    { name: 'site', log_type: 'ACCESS_LOGS', resource_arn: distribution.arn ?? null },
    region,
  )
  destination = await emulator.create(
    'aws_cloudwatch_log_delivery_destination',
    {
      name: 'logs',
      output_format: 'w3c',
      delivery_destination_configuration: [{ destination_resource_arn: 'arn:aws:s3:::logs/edge' }],
    },
    region,
  )
})
after(async () => {
  await wire[Symbol.asyncDispose]()
  await site.close()
})

const deliver = (change: Attributes = {}) =>
  site.emulator.create(
    'aws_cloudwatch_log_delivery',
    { delivery_source_name: 'site', delivery_destination_arn: destination.arn ?? null, ...change },
    region,
  )
const end = (delivery: Attributes) => site.emulator.delete('aws_cloudwatch_log_delivery', delivery)

/** The files that a delivery has written in the meantime, by key; the bucket is empty after it. */
async function files(): Promise<Record<string, string>> {
  // Two deliveries, of five minutes each at this speed.
  await sleep(400)
  const listed = await s3.send(new sdk.ListObjectsV2Command({ Bucket: 'logs' }))
  const read = await Promise.all(
    (listed.Contents ?? []).map(async ({ Key = '' }) => {
      const { Body } = await s3.send(new sdk.GetObjectCommand({ Bucket: 'logs', Key }))
      await s3.send(new sdk.DeleteObjectCommand({ Bucket: 'logs', Key }))
      return [Key, gunzipSync((await Body?.transformToByteArray()) ?? assert.fail()).toString()]
    }),
  )
  return Object.fromEntries(read)
}

/** The requests in a w3c file, by field. */
function records(text: string): Record<string, string>[] {
  const [version, head = '', ...lines] = text.trimEnd().split('\n')
  assert.equal(version, '#Version: 1.0')
  const fields = head.replace('#Fields: ', '').split(' ')
  return lines.map((line) => {
    const values = line.split('\t')
    assert.equal(values.length, fields.length, line)
    return Object.fromEntries(fields.map((field, index) => [field, values[index] ?? '']))
  })
}

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
test('writes a line for each request, with what it was and what came of it', async () => {
  const delivery = await deliver({
    s3_delivery_configuration: [{ suffix_path: '{DistributionId}/{yyyy}/{MM}' }],
  })
  await site.put('a b.txt', 'hello', { content_type: 'text/plain', cache_control: 'max-age=60' })
  const agent = { 'user-agent': 'curl/8 (X; "é")', referer: 'https://example.com/' }
  await site.get('/a%20b.txt?x=1', { headers: agent })
  await site.get('/a%20b.txt?x=1', { headers: { ...agent, range: 'bytes=1-3' } })
  await site.get('/api/fails', { method: 'POST', body: '{"a":1}' })
  await site.get('/', { scheme: 'http' })
  const written = await files()
  const id = String(site.distribution.id)
  const name = `^edge/AWSLogs/000000000000/CloudFront/${id}/\\d{4}/\\d\\d/${id}\\.[\\d-]{13}\\.\\w+\\.gz$`
  for (const key of Object.keys(written)) assert.match(key, new RegExp(name))
  const found = Object.values(written).flatMap(records)
  assert.equal(found.length, 4)
  const one = (field: string, value: string) => found.find((record) => record[field] === value)
  const miss = one('sc-status', '200')
  const hit = one('sc-status', '206')
  const failed = one('sc-status', '500')
  const redirect = one('sc-status', '301')
  assert.equal(miss?.['cs-uri-stem'], '/a%2520b.txt')
  assert.equal(miss?.['cs-uri-query'], 'x=1')
  assert.equal(miss?.['cs(User-Agent)'], 'curl/8%20(X;%20%22%C3%A9%22)')
  assert.equal(miss?.['cs(Referer)'], 'https://example.com/')
  assert.equal(miss?.['cs(Host)'], site.distribution.domain_name)
  assert.equal(miss?.['x-host-header'], 'app.keencho.com')
  assert.equal(miss?.['x-edge-result-type'], 'Miss')
  assert.equal(miss?.['ssl-protocol'], 'TLSv1.3')
  assert.match(miss?.['time-taken'] ?? '', /^\d+\.\d{3}$/)
  assert.ok(Number(miss?.['sc-bytes']) > 5)
  assert.deepEqual(
    [hit?.['x-edge-result-type'], hit?.['sc-status'], hit?.['sc-range-start'], hit?.['sc-range-end']],
    ['Hit', '206', '1', '3'],
  )
  assert.deepEqual([failed?.['cs-method'], failed?.['sc-status']], ['POST', '500'])
  assert.ok(Number(failed?.['cs-bytes']) > 7)
  assert.deepEqual(
    [
      redirect?.['sc-status'],
      redirect?.['x-edge-result-type'],
      redirect?.['cs-protocol'],
      redirect?.['ssl-cipher'],
    ],
    ['301', 'Redirect', 'http', '-'],
  )
  await end(delivery)
})

// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
test('a viewer that leaves before its answer has status 000', async () => {
  const delivery = await deliver()
  const socket = connect(Number(new URL(site.door.httpUrl).port), '127.0.0.1')
  const host = `app.keencho.com.localhost`
  socket.write(`GET /api/held HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
  await until(() => held !== undefined)
  socket.destroy()
  let left: Record<string, string> | undefined
  await until(async () => {
    left = Object.values(await files()).flatMap(records)[0]
    return left !== undefined
  })
  held?.()
  assert.deepEqual(
    [left?.['sc-status'], left?.['x-edge-result-type'], left?.['x-edge-detailed-result-type']],
    ['000', 'Error', 'ClientCommError'],
  )
  await end(delivery)
})

test('a delivery names its fields and its form; without one nothing is written', async () => {
  assert.deepEqual(await files(), {})
  await site.get('/api/items')
  assert.deepEqual(await files(), {})
  const json = await site.emulator.create(
    'aws_cloudwatch_log_delivery_destination',
    {
      name: 'json',
      output_format: 'json',
      delivery_destination_configuration: [{ destination_resource_arn: 'arn:aws:s3:::logs' }],
    },
    region,
  )
  const delivery = await deliver({
    delivery_destination_arn: json.arn ?? null,
    record_fields: ['cs-method', 'sc-status', 'DistributionId'],
    s3_delivery_configuration: [{ suffix_path: '{yyyy}/{MM}', enable_hive_compatible_path: true }],
  })
  await site.get('/api/items')
  const [[key = '', text = ''] = []] = Object.entries(await files())
  assert.match(key, /^AWSLogs\/000000000000\/CloudFront\/year=\d{4}\/month=\d\d\//)
  assert.deepEqual(JSON.parse(text), {
    'cs-method': 'GET',
    'sc-status': '200',
    DistributionId: site.distribution.id,
  })
  await end(delivery)
})

test('refuses what is not delivered, and what is in use', async () => {
  const { emulator, distribution } = site
  const source = (planned: Attributes, options = region) =>
    emulator.create('aws_cloudwatch_log_delivery_source', { log_type: 'ACCESS_LOGS', ...planned }, options)
  const arn = distribution.arn ?? null
  await assert.rejects(source({ name: 'two', resource_arn: arn }, { region: 'ap-northeast-2' }), /us-east-1/)
  await assert.rejects(source({ name: 'two', resource_arn: arn }), /ConflictException/)
  await assert.rejects(source({ name: 'two', resource_arn: 'arn:aws:bedrock:::x' }), /not delivered here/)
  await assert.rejects(deliver({ record_fields: ['c-country'] }), /c-country/)
  await assert.rejects(deliver({ delivery_source_name: 'none' }), /ResourceNotFoundException/)
  const delivery = await deliver()
  await assert.rejects(
    emulator.delete('aws_cloudwatch_log_delivery_destination', destination),
    /ConflictException/,
  )
  await end(delivery)
})
