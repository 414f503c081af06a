import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { type Resources, ref, terraformOf } from '../rules.test-kit.ts'
import { connections, describePorts, summarize } from './reachability.ts'

const subnet = (name: string) => [ref(`aws_subnet.${name}`)]
const groups = (name: string) => [ref(`aws_security_group.${name}`)]
const rule = (from: number, peer: object) => ({ protocol: 'tcp', from_port: from, to_port: from, ...peer })
const world = { cidr_blocks: ['0.0.0.0/0'] }

/** An instance in a subnet that leads to the internet gateway, and a database in one that leads nowhere. */
const network: Resources = {
  'aws_internet_gateway.main': {},
  'aws_route_table.public': {
    route: { cidr_block: '0.0.0.0/0', gateway_id: ref('aws_internet_gateway.main') },
  },
  'aws_route_table_association.public': {
    subnet_id: ref('aws_subnet.public'),
    route_table_id: ref('aws_route_table.public'),
  },
  'aws_subnet.public': { cidr_block: '10.0.1.0/24' },
  'aws_subnet.database': { cidr_block: '10.0.5.0/24' },
  'aws_security_group.test': {
    ingress: rule(22, world),
    egress: [rule(443, world), rule(5432, { security_groups: groups('database') })],
  },
  'aws_security_group.database': { ingress: rule(5432, { cidr_blocks: ['10.0.1.0/24'] }) },
  'aws_instance.test': { subnet_id: ref('aws_subnet.public'), vpc_security_group_ids: groups('test') },
  'aws_db_subnet_group.main': { subnet_ids: subnet('database') },
  'aws_db_instance.main': {
    publicly_accessible: true,
    db_subnet_group_name: ref('aws_db_subnet_group.main', 'name'),
    vpc_security_group_ids: groups('database'),
  },
}
const reached = (changes: Resources = {}) =>
  connections(terraformOf({ ...network, ...changes })).map(
    ({ from, to, ports }) => `${from} → ${to}: ${ports}`,
  )

describe('connections', () => {
  test('follow groups, blocks, subnets and routes', () => {
    assert.deepEqual(reached(), [
      'world → instance test: 22',
      'instance test → database main: 5432',
      'instance test → world: 443',
    ])
  })

  test('need a rule on both sides', () => {
    const silent = { ingress: rule(22, world), egress: [] }
    assert.deepEqual(reached({ 'aws_security_group.test': silent }), ['world → instance test: 22'])
    const deaf = { 'aws_security_group.database': { ingress: rule(5432, { cidr_blocks: ['10.0.2.0/24'] }) } }
    assert.ok(!reached(deaf).some((line) => line.includes('database')))
  })

  test('from the world need a route from the internet gateway, not only a public address', () => {
    const open = { 'aws_security_group.database': { ingress: rule(5432, world) } }
    assert.ok(!reached(open).includes('world → database main: 5432'))
    const routed = {
      ...open,
      'aws_route_table_association.database': {
        subnet_id: ref('aws_subnet.database'),
        route_table_id: ref('aws_route_table.public'),
      },
    }
    assert.ok(reached(routed).includes('world → database main: 5432'))
  })

  test('know a task that the release runs once by its manifest', () => {
    const lines = reached({
      'aws_ssm_parameter.migration': {
        value: JSON.stringify({
          subnets: subnet('public'),
          securityGroups: groups('test'),
          assignPublicIp: false,
        }),
      },
    })
    assert.ok(lines.includes('task migration → database main: 5432'))
    assert.ok(!lines.includes('world → task migration: 22'))
  })
})

test('summarize puts together what differs in one name', () => {
  const row = (from: string, to: string, ports = '8080') => ({ from, to, ports })
  assert.deepEqual(
    summarize([
      row('load balancer main', 'service admin'),
      row('load balancer main', 'service user'),
      row('service admin', 'database main', '5432'),
      row('service user', 'database main', '5432'),
      row('world', 'load balancer main', '443'),
    ]),
    [
      row('load balancer main', 'services admin, user'),
      row('services admin, user', 'database main', '5432'),
      row('world', 'load balancer main', '443'),
    ],
  )
})

test('describePorts sorts, and says each once', () => {
  const ports = (from: number, to = from, protocol = 'tcp') => ({ protocol, from, to })
  assert.equal(describePorts([ports(443), ports(80), ports(443)]), '80, 443')
  assert.equal(describePorts([ports(53, 53, 'udp'), ports(1024, 2048)]), '53/udp, 1024-2048')
  assert.equal(describePorts([ports(0, 65_535, 'all')]), 'all')
})
