import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { Resolver } from 'node:dns/promises'
import { once } from 'node:events'
import { connect } from 'node:net'
import { after, before, test } from 'node:test'
import * as sdk from '@aws-sdk/client-route-53'
import * as dns from 'dns-packet'
import { serveForTest, type TestWire } from '../../protocol/test-kit/protocol.test-kit.ts'
import { applyContext, type EdgeEmulator, openEdgeEmulator } from '../../test-kit/edge-emulator.test-kit.ts'

let emulator: EdgeEmulator
let wire: TestWire
let client: sdk.Route53Client
let zoneId: string
const resolver = new Resolver({ timeout: 20_000, tries: 1 })

before(async () => {
  emulator = await openEdgeEmulator()
  wire = await serveForTest([emulator.route53.api ?? assert.fail()])
  client = new sdk.Route53Client(wire.client)
  const zone = await emulator.create('aws_route53_zone', { name: 'keencho.com' })
  zoneId = String(zone.zone_id)
  const { address, port } = emulator.route53.address() ?? assert.fail()
  resolver.setServers([`${address}:${port}`])
})
after(async () => {
  client.destroy()
  await wire[Symbol.asyncDispose]()
  await emulator.close()
})

const change = (Action: sdk.ChangeAction, ResourceRecordSet: sdk.ResourceRecordSet) =>
  client.send(
    new sdk.ChangeResourceRecordSetsCommand({
      HostedZoneId: zoneId,
      ChangeBatch: { Changes: [{ Action, ResourceRecordSet }] },
    }),
  )
const text = (Name: string, Value: string): sdk.ResourceRecordSet => ({
  Name,
  Type: 'TXT',
  TTL: 60,
  ResourceRecords: [{ Value }],
})

test('answers from the zones, over UDP and TCP', async () => {
  await change('CREATE', {
    Name: 'a.keencho.com',
    Type: 'A',
    TTL: 60,
    ResourceRecords: [{ Value: '10.1.2.3' }],
  })
  await change('CREATE', {
    Name: 'c.keencho.com',
    Type: 'CNAME',
    TTL: 60,
    ResourceRecords: [{ Value: 'a.keencho.com' }],
  })
  await change('CREATE', text('t.keencho.com', '"one" "two"'))
  assert.deepEqual(await resolver.resolve4('A.keencho.com'), ['10.1.2.3'])
  assert.deepEqual(await resolver.resolve4('c.keencho.com'), ['10.1.2.3'])
  assert.deepEqual(await resolver.resolveTxt('t.keencho.com'), [['one', 'two']])
  assert.equal((await resolver.resolveNs('keencho.com')).length, 4)

  const socket = connect(emulator.route53.address()?.port ?? 0, '127.0.0.1')
  socket.write(dns.streamEncode({ type: 'query', id: 7, questions: [{ type: 'A', name: 'a.keencho.com' }] }))
  const [chunk] = await once(socket, 'data')
  const answer = dns.streamDecode(chunk)
  assert.equal(answer.id, 7)
  assert.equal(answer.answers?.length, 1)
  socket.destroy()
})

test('distinguishes a missing name from a missing type, and refuses names outside of its zones', async () => {
  await assert.rejects(resolver.resolve4('none.keencho.com'), { code: 'ENOTFOUND' })
  await assert.rejects(resolver.resolve6('a.keencho.com'), { code: 'ENODATA' })
  await assert.rejects(resolver.resolve4('example.org'), { code: 'EREFUSED' })
})

test('truncates a long answer over UDP', async () => {
  await change('CREATE', {
    ...text('long.keencho.com', ''),
    ResourceRecords: [1, 2, 3, 4].map((n) => ({ Value: `"${n}${'x'.repeat(200)}"` })),
  })
  const socket = createSocket('udp4')
  const { address, port } = emulator.route53.address() ?? assert.fail()
  socket.send(
    dns.encode({ type: 'query', id: 1, questions: [{ type: 'TXT', name: 'long.keencho.com' }] }),
    port,
    address,
  )
  const [message] = await once(socket, 'message')
  socket.close()
  assert.notEqual((dns.decode(message).flags ?? 0) & dns.TRUNCATED_RESPONSE, 0)
  // The resolver asks again over TCP.
  assert.equal((await resolver.resolveTxt('long.keencho.com')).length, 4)
})

test('knows where aliases point, through other records, and answers their address', async () => {
  const alias = { name: 'd111.cloudfront.net', zone_id: 'Z2FDTNDATAQYW2', evaluate_target_health: false }
  const record = { zone_id: zoneId, name: 'app.keencho.com', type: 'A', alias: [alias] }
  const attributes = await emulator.create('aws_route53_record', record)
  assert.equal(attributes.fqdn, 'app.keencho.com')
  assert.equal(attributes.id, `${zoneId}_app.keencho.com_A`)
  await change('CREATE', {
    Name: 'www.keencho.com',
    Type: 'CNAME',
    TTL: 60,
    ResourceRecords: [{ Value: 'app.keencho.com' }],
  })
  await change('CREATE', {
    Name: '*.keencho.com',
    Type: 'CNAME',
    TTL: 60,
    ResourceRecords: [{ Value: 'app.keencho.com' }],
  })
  assert.deepEqual(emulator.route53.resolveAlias('APP.keencho.com'), { target: 'd111.cloudfront.net' })
  assert.deepEqual(emulator.route53.resolveAlias('www.keencho.com'), { target: 'd111.cloudfront.net' })
  assert.deepEqual(emulator.route53.resolveAlias('any.keencho.com'), { target: 'd111.cloudfront.net' })
  assert.equal(emulator.route53.resolveAlias('example.org'), undefined)
  assert.deepEqual(await resolver.resolve4('app.keencho.com'), ['127.0.0.1'])
  await emulator.delete('aws_route53_record', attributes)
  assert.equal(emulator.route53.resolveAlias('app.keencho.com')?.target, undefined)
})

test('applies a whole batch or nothing', async () => {
  const batch = {
    HostedZoneId: zoneId,
    ChangeBatch: {
      Changes: [
        { Action: 'CREATE' as const, ResourceRecordSet: text('new.keencho.com', '"x"') },
        { Action: 'DELETE' as const, ResourceRecordSet: text('none.keencho.com', '"x"') },
      ],
    },
  }
  await assert.rejects(client.send(new sdk.ChangeResourceRecordSetsCommand(batch)), (error) => {
    assert.ok(error instanceof sdk.InvalidChangeBatch)
    assert.match(
      error.message,
      /Tried to delete resource record set .*none\.keencho\.com.* but it was not found/,
    )
    return true
  })
  assert.deepEqual(emulator.route53.values('new.keencho.com', 'TXT'), [])
})

test('refuses a second record unless it may overwrite', async () => {
  const record = { zone_id: zoneId, name: 'twice', type: 'TXT', ttl: 60, records: ['v=1'] }
  const first = await emulator.create('aws_route53_record', record)
  assert.equal(first.fqdn, 'twice.keencho.com')
  await assert.rejects(emulator.create('aws_route53_record', record), /but it already exists/)
  await emulator.create('aws_route53_record', { ...record, records: ['v=2'], allow_overwrite: true })
  assert.deepEqual(emulator.route53.values('twice.keencho.com', 'TXT'), ['"v=2"'])
})

test('lists zones and records, and says when a change is in sync', async () => {
  const { HostedZones } = await client.send(new sdk.ListHostedZonesByNameCommand({ DNSName: 'keencho.com' }))
  assert.equal(HostedZones?.[0]?.Id, `/hostedzone/${zoneId}`)
  const listed = await client.send(
    new sdk.ListResourceRecordSetsCommand({ HostedZoneId: zoneId, MaxItems: 2 }),
  )
  assert.equal(listed.ResourceRecordSets?.length, 2)
  assert.equal(listed.IsTruncated, true)
  const { ChangeInfo } = await change('UPSERT', text('sync.keencho.com', '"x"'))
  assert.equal(ChangeInfo?.Status, 'PENDING')
  const found = await client.send(new sdk.GetChangeCommand({ Id: ChangeInfo?.Id }))
  assert.equal(found.ChangeInfo?.Id, ChangeInfo?.Id)
  await assert.rejects(client.send(new sdk.GetHostedZoneCommand({ Id: 'ZNONE' })), {
    name: 'NoSuchHostedZone',
  })
})

// https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html
test('refuses an address record whose value is no address', async () => {
  const address = (Type: 'A' | 'AAAA', Value: string) =>
    change('UPSERT', { Name: 'bad.keencho.com', Type, TTL: 60, ResourceRecords: [{ Value }] })
  await assert.rejects(address('A', 'lb.example.com'), {
    name: 'InvalidChangeBatch',
    message:
      /FATAL problem: ARRDATAIllegalIPv4Address \(Value is not a valid IPv4 address\) encountered with 'lb\.example\.com'/,
  })
  await assert.rejects(address('AAAA', '10.0.0.1'), /AAAARRDATAIllegalIPv6Address/)
})

test('a time to live that was changed outside of Terraform is drift', async () => {
  const type =
    emulator.route53.resourceTypes?.find((one) => one.type === 'aws_route53_record') ?? assert.fail()
  const planned = { zone_id: zoneId, name: 'ttl', type: 'A', ttl: 300, records: ['10.0.0.1'] }
  const made = await emulator.create('aws_route53_record', planned)
  await change('UPSERT', {
    Name: 'ttl.keencho.com',
    Type: 'A',
    TTL: 60,
    ResourceRecords: [{ Value: '10.0.0.1' }],
  })
  const seen = await type.read?.(made, applyContext('aws_route53_record'))
  assert.deepEqual([seen?.ttl, seen?.records], [60, ['10.0.0.1']])
})
