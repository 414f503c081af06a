import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { randomIds } from '../../ids.ts'
import type { EmulatorContext } from '../../service.ts'
import { openStore } from '../../store.ts'
import { createTerraform } from '../../terraform/index.ts'
import { createEc2 } from './index.ts'

/** Applies documents to an emulator that has this service only. */
function network(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'baton-ec2-'))
  const store = openStore(':memory:')
  t.after(() => {
    store.close()
    rmSync(folder, { recursive: true })
  })
  const ec2 = createEc2({ accountId: '000000000000', store, ids: randomIds() } as unknown as EmulatorContext)
  const types = { resources: ec2.resourceTypes ?? [], dataSources: ec2.dataSourceTypes ?? [], ephemerals: [] }
  const terraform = createTerraform({ store, accountId: '000000000000', region: 'ap-northeast-2', types })
  const write = (document: object) => writeFileSync(join(folder, 'cdk.tf.json'), JSON.stringify(document))
  return {
    store,
    terraform,
    apply(document: object) {
      write(document)
      return terraform.apply(folder, { stack: 'n' })
    },
    plan(document: object) {
      write(document)
      return terraform.plan(folder, { stack: 'n' })
    },
  }
}

const vpc_id = '${aws_vpc.main.id}'
const document = {
  resource: {
    aws_vpc: { main: { cidr_block: '10.0.0.0/16', enable_dns_hostnames: true, tags: { Name: 'n' } } },
    aws_default_security_group: { main: { vpc_id } },
    aws_subnet: {
      a: {
        vpc_id,
        cidr_block: '10.0.1.0/24',
        availability_zone: 'ap-northeast-2a',
        tags: { tier: 'public' },
      },
    },
    aws_internet_gateway: { main: { vpc_id } },
    aws_eip: { nat: { domain: 'vpc' } },
    aws_nat_gateway: {
      a: {
        allocation_id: '${aws_eip.nat.id}',
        subnet_id: '${aws_subnet.a.id}',
        depends_on: ['aws_internet_gateway.main'],
      },
    },
    aws_route_table: {
      inline: {
        vpc_id,
        route: [
          { cidr_block: '0.0.0.0/0', gateway_id: '${aws_internet_gateway.main.id}', nat_gateway_id: null },
        ],
      },
      apart: { vpc_id },
    },
    aws_route: {
      out: {
        route_table_id: '${aws_route_table.apart.id}',
        destination_cidr_block: '0.0.0.0/0',
        nat_gateway_id: '${aws_nat_gateway.a.id}',
      },
    },
    aws_route_table_association: {
      a: { route_table_id: '${aws_route_table.apart.id}', subnet_id: '${aws_subnet.a.id}' },
    },
    aws_security_group: { web: { name: 'web', vpc_id, timeouts: { delete: '5m' } } },
    aws_vpc_security_group_ingress_rule: {
      web: {
        security_group_id: '${aws_security_group.web.id}',
        ip_protocol: 'tcp',
        from_port: 443,
        to_port: 443,
        cidr_ipv4: '0.0.0.0/0',
      },
    },
    aws_vpc_endpoint: {
      s3: {
        vpc_id,
        service_name: 'com.amazonaws.ap-northeast-2.s3',
        route_table_ids: ['${aws_route_table.apart.id}'],
      },
    },
  },
  data: { aws_ec2_managed_prefix_list: { edge: { name: 'com.amazonaws.global.cloudfront.origin-facing' } } },
  output: { prefix_list: { value: '${data.aws_ec2_managed_prefix_list.edge.id}' } },
}

test('a network has ids, ARNs and addresses in AWS’s formats, and a second plan is empty', async (t) => {
  const { apply, plan, store, terraform } = network(t)
  const { outputs } = await apply(document)
  assert.match(String(outputs.prefix_list), /^pl-[0-9a-f]{8}$/)
  const [vpc] = store.collection<Record<string, unknown>>('ec2.vpcs').values()
  assert.match(String(vpc?.id), /^vpc-[0-9a-f]{17}$/)
  assert.equal(vpc?.arn, `arn:aws:ec2:ap-northeast-2:000000000000:vpc/${vpc?.id}`)
  const [subnet] = store.collection<Record<string, unknown>>('ec2.subnets').values()
  assert.equal(subnet?.availability_zone_id, 'apne2-az1')
  const [nat] = store.collection<Record<string, unknown>>('ec2.nat-gateways').values()
  assert.equal(nat?.public_ip, '203.0.113.1')
  const groups = store.collection<Record<string, unknown>>('ec2.security-groups').values()
  assert.ok(groups.some((group) => group.id === vpc?.default_security_group_id && group.name === 'default'))
  assert.deepEqual((await plan(document)).changes, [])
  await terraform.destroy('n')
  for (const name of ['vpcs', 'subnets', 'routes', 'security-groups', 'vpc-endpoints', 'addresses']) {
    assert.deepEqual(store.collection(`ec2.${name}`).values(), [], name)
  }
})

test('replaces what AWS cannot change: the block of a subnet, with what is in it', async (t) => {
  const { apply, plan } = network(t)
  await apply(document)
  const aws_subnet = { a: { ...document.resource.aws_subnet.a, cidr_block: '10.0.9.0/24' } }
  const changes = (await plan({ ...document, resource: { ...document.resource, aws_subnet } })).changes
  assert.deepEqual(changes.map(({ action, address }) => `${action} ${address}`).sort(), [
    'replace aws_nat_gateway.a',
    'replace aws_route_table_association.a',
    'replace aws_subnet.a',
    'update aws_route.out',
  ])
})

test('refuses a second route to the same destination', async (t) => {
  const { apply } = network(t)
  const again = {
    ...document.resource.aws_route.out,
    gateway_id: '${aws_internet_gateway.main.id}',
    nat_gateway_id: null,
  }
  const aws_route = { ...document.resource.aws_route, again: { ...again, depends_on: ['aws_route.out'] } }
  await assert.rejects(
    apply({ ...document, resource: { ...document.resource, aws_route } }),
    /aws_route\.again: .*RouteAlreadyExists/,
  )
})

test('answers which zones, subnets and VPCs there are, and refuses filters that it does not know', async (t) => {
  const { apply, plan } = network(t)
  await apply(document)
  const asking = (data: object, value: string) => ({
    ...document,
    data: { ...document.data, ...data },
    output: { o: { value } },
  })
  const zones = asking(
    { aws_availability_zones: { z: { state: 'available', exclude_names: ['ap-northeast-2b'] } } },
    '${join(",", data.aws_availability_zones.z.names)}',
  )
  assert.equal((await plan(zones)).outputs.o, 'ap-northeast-2a,ap-northeast-2c,ap-northeast-2d')
  const subnets = (name: string) =>
    asking(
      { aws_subnets: { s: { filter: [{ name, values: ['public'] }] } } },
      '${length(data.aws_subnets.s.ids)}',
    )
  assert.equal((await plan(subnets('tag:tier'))).outputs.o, 1)
  await assert.rejects(plan(subnets('owner-alias')), /The filter "owner-alias" is not rehearsed/)
  const vpc = asking({ aws_vpc: { v: { tags: { Name: 'n' } } } }, '${data.aws_vpc.v.cidr_block}')
  assert.equal((await plan(vpc)).outputs.o, '10.0.0.0/16')
})

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html
test('a subnet that names its zone by id lies in that zone', async (t) => {
  const { apply, plan } = network(t)
  const subnet = (availability_zone_id: string) => ({
    resource: {
      aws_vpc: { main: { cidr_block: '10.0.0.0/16' } },
      aws_subnet: { c: { vpc_id, cidr_block: '10.0.1.0/24', availability_zone_id } },
    },
    output: { zone: { value: '${aws_subnet.c.availability_zone}' } },
  })
  assert.equal((await apply(subnet('apne2-az3'))).outputs.zone, 'ap-northeast-2c')
  assert.deepEqual((await plan(subnet('apne2-az3'))).changes, [])
  await assert.rejects(
    apply(subnet('use1-az1')),
    /Value \(use1-az1\) for parameter availabilityZoneId is invalid/,
  )
})
