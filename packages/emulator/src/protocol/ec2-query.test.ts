import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as ec2 from '@aws-sdk/client-ec2'
import { AwsError } from '../aws-error.ts'
import type { ServiceApi } from './api.ts'
import type { Operations } from './operations.ts'
import { serveForTest } from './test-kit/protocol.test-kit.ts'

let loads = 0

const api: ServiceApi = {
  signingName: 'ec2',
  protocol: 'ec2',
  version: '2016-11-15',
  async sdk() {
    loads += 1
    return ec2
  },
  operations: {
    CreateVpcEndpoint: (input) => ({
      VpcEndpoint: {
        VpcId: input.VpcId,
        ServiceName: input.ServiceName,
        RouteTableIds: input.RouteTableIds,
        Tags: input.TagSpecifications?.[0]?.Tags,
        CreationTimestamp: new Date('2026-01-02T03:04:05Z'),
      },
    }),
    DescribeVpcs(input) {
      if (input.VpcIds?.[0] === 'vpc-none')
        throw new AwsError('InvalidVpcID.NotFound', "The vpc ID 'vpc-none' does not exist")
      return {
        Vpcs: (input.Filters ?? []).map(({ Name, Values }) => ({ VpcId: Name, CidrBlock: Values?.join() })),
      }
    },
    DeleteVpc: () => ({}),
    ModifyVpcAttribute: () => ({}),
  } satisfies Operations<typeof ec2>,
}

// https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
test('carries lists, structures and time stamps in EC2’s dialect of Query', async () => {
  await using wire = await serveForTest([api])
  const client = new ec2.EC2Client(wire.client)
  const { VpcEndpoint } = await client.send(
    new ec2.CreateVpcEndpointCommand({
      VpcId: 'vpc-1',
      ServiceName: 'com.amazonaws.ap-northeast-2.s3',
      RouteTableIds: ['rtb-1', 'rtb-2'],
      TagSpecifications: [{ ResourceType: 'vpc-endpoint', Tags: [{ Key: 'Name', Value: 'a & b' }] }],
    }),
  )
  assert.deepEqual(VpcEndpoint?.RouteTableIds, ['rtb-1', 'rtb-2'])
  assert.deepEqual(VpcEndpoint?.Tags, [{ Key: 'Name', Value: 'a & b' }])
  assert.deepEqual(VpcEndpoint?.CreationTimestamp, new Date('2026-01-02T03:04:05Z'))
  const { Vpcs } = await client.send(
    new ec2.DescribeVpcsCommand({ Filters: [{ Name: 'cidr', Values: ['10.0.0.0/16', '10.1.0.0/16'] }] }),
  )
  assert.deepEqual(
    Vpcs?.map(({ VpcId, CidrBlock }) => [VpcId, CidrBlock]),
    [['cidr', '10.0.0.0/16,10.1.0.0/16']],
  )
  await client.send(
    new ec2.ModifyVpcAttributeCommand({ VpcId: 'vpc-1', EnableDnsHostnames: { Value: true } }),
  )
  assert.deepEqual(wire.calls.at(-1)?.input, { VpcId: 'vpc-1', EnableDnsHostnames: { Value: true } })
})

test('gives EC2’s errors with their code, and refuses what is not there by name', async () => {
  await using wire = await serveForTest([api])
  const client = new ec2.EC2Client(wire.client)
  await assert.rejects(client.send(new ec2.DescribeVpcsCommand({ VpcIds: ['vpc-none'] })), {
    name: 'InvalidVpcID.NotFound',
    message: "The vpc ID 'vpc-none' does not exist",
  })
  await assert.rejects(client.send(new ec2.DescribeHostsCommand({})), /does not have ec2:DescribeHosts/)
  await assert.rejects(client.send(new ec2.DeleteVpcCommand({ VpcId: undefined })), {
    name: 'MissingParameter',
  })
})

test('loads the package of a service at its first call, once', async () => {
  loads = 0
  await using wire = await serveForTest([api])
  assert.equal(loads, 0)
  const client = new ec2.EC2Client(wire.client)
  await Promise.all([
    client.send(new ec2.DescribeVpcsCommand({})),
    client.send(new ec2.DescribeVpcsCommand({})),
  ])
  assert.equal(loads, 1)
})
