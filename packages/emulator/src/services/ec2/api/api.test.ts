import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import * as ec2 from '@aws-sdk/client-ec2'
import { testContext } from '../../../protocol/test-kit/context.test-kit.ts'
import { serveForTest } from '../../../protocol/test-kit/protocol.test-kit.ts'
import { createEc2 } from '../index.ts'

/** A client of an emulator that has this service only, and a VPC in it. */
async function network(t: TestContext) {
  const context = testContext()
  const { api } = createEc2(context)
  assert.ok(api)
  const wire = await serveForTest([api])
  t.after(async () => {
    await wire[Symbol.asyncDispose]()
    context.store.close()
  })
  const client = new ec2.EC2Client(wire.client)
  const { Vpc } = await client.send(new ec2.CreateVpcCommand({ CidrBlock: '10.0.0.0/16' }))
  return { client, VpcId: Vpc?.VpcId ?? '' }
}

test('a VPC comes with a route table, a network ACL and a security group, and takes them with it', async (t) => {
  const { client, VpcId } = await network(t)
  const inVpc = { Name: 'vpc-id', Values: [VpcId] }
  const main = { Name: 'association.main', Values: ['true'] }
  const { RouteTables } = await client.send(new ec2.DescribeRouteTablesCommand({ Filters: [inVpc, main] }))
  assert.deepEqual(
    RouteTables?.[0]?.Routes?.map(({ DestinationCidrBlock, GatewayId }) => [DestinationCidrBlock, GatewayId]),
    [['10.0.0.0/16', 'local']],
  )
  const own = { Name: 'default', Values: ['true'] }
  const { NetworkAcls } = await client.send(new ec2.DescribeNetworkAclsCommand({ Filters: [inVpc, own] }))
  assert.deepEqual(
    NetworkAcls?.[0]?.Entries?.map(
      ({ RuleNumber, Egress, RuleAction }) => `${RuleNumber} ${Egress} ${RuleAction}`,
    ).sort(),
    ['100 false allow', '100 true allow', '32767 false deny', '32767 true deny'],
  )
  const name = { Name: 'group-name', Values: ['default'] }
  const { SecurityGroups } = await client.send(
    new ec2.DescribeSecurityGroupsCommand({ Filters: [inVpc, name] }),
  )
  assert.equal(
    SecurityGroups?.[0]?.IpPermissions?.[0]?.UserIdGroupPairs?.[0]?.GroupId,
    SecurityGroups?.[0]?.GroupId,
  )

  const { Subnet } = await client.send(
    new ec2.CreateSubnetCommand({ VpcId, CidrBlock: '10.0.1.0/24', AvailabilityZone: 'ap-northeast-2a' }),
  )
  await assert.rejects(client.send(new ec2.DeleteVpcCommand({ VpcId })), { name: 'DependencyViolation' })
  await client.send(new ec2.DeleteSubnetCommand({ SubnetId: Subnet?.SubnetId }))
  await client.send(new ec2.DeleteVpcCommand({ VpcId }))
  await assert.rejects(client.send(new ec2.DescribeVpcsCommand({ VpcIds: [VpcId] })), {
    name: 'InvalidVpcID.NotFound',
  })
  const left = await client.send(new ec2.DescribeSecurityGroupsCommand({}))
  assert.deepEqual(left.SecurityGroups, [])
})

test('adds, describes, changes and revokes rules of a security group, all of a call or none', async (t) => {
  const { client, VpcId } = await network(t)
  const { GroupId } = await client.send(
    new ec2.CreateSecurityGroupCommand({ GroupName: 'web', Description: 'for the web', VpcId }),
  )
  const everything = { IpProtocol: '-1', FromPort: 0, ToPort: 0, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }
  await client.send(new ec2.RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [everything] }))
  await assert.rejects(
    client.send(new ec2.RevokeSecurityGroupEgressCommand({ GroupId, IpPermissions: [everything] })),
    { name: 'InvalidPermission.NotFound' },
  )
  const https = {
    IpProtocol: 'tcp',
    FromPort: 443,
    ToPort: 443,
    IpRanges: [{ CidrIp: '0.0.0.0/0', Description: 'all' }],
    UserIdGroupPairs: [{ GroupId }],
  }
  const added = await client.send(
    new ec2.AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [https] }),
  )
  assert.equal(added.SecurityGroupRules?.length, 2)
  const again = { ...https, IpRanges: [{ CidrIp: '10.0.0.0/8' }] }
  await assert.rejects(
    client.send(new ec2.AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [again] })),
    { name: 'InvalidPermission.Duplicate' },
  )
  const [first] = added.SecurityGroupRules ?? []
  await client.send(
    new ec2.ModifySecurityGroupRulesCommand({
      GroupId,
      SecurityGroupRules: [
        {
          SecurityGroupRuleId: first?.SecurityGroupRuleId,
          SecurityGroupRule: { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIpv4: '10.0.0.0/8' },
        },
      ],
    }),
  )
  const { SecurityGroups } = await client.send(
    new ec2.DescribeSecurityGroupsCommand({ GroupIds: [GroupId ?? ''] }),
  )
  assert.deepEqual(
    SecurityGroups?.[0]?.IpPermissions?.map(({ FromPort, IpRanges, UserIdGroupPairs }) => [
      FromPort,
      IpRanges?.map(({ CidrIp }) => CidrIp),
      UserIdGroupPairs?.length,
    ]),
    [
      [80, ['10.0.0.0/8'], 0],
      [443, [], 1],
    ],
  )
  assert.deepEqual(SecurityGroups?.[0]?.IpPermissionsEgress, [])
})

test('routes, associations and the main table are written, replaced and taken back', async (t) => {
  const { client, VpcId } = await network(t)
  const { InternetGateway } = await client.send(new ec2.CreateInternetGatewayCommand({}))
  const GatewayId = InternetGateway?.InternetGatewayId
  await client.send(new ec2.AttachInternetGatewayCommand({ InternetGatewayId: GatewayId, VpcId }))
  const { RouteTable } = await client.send(new ec2.CreateRouteTableCommand({ VpcId }))
  const RouteTableId = RouteTable?.RouteTableId ?? ''
  const out = { RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId }
  await client.send(new ec2.CreateRouteCommand(out))
  await assert.rejects(client.send(new ec2.CreateRouteCommand(out)), { name: 'RouteAlreadyExists' })
  const { Subnet } = await client.send(new ec2.CreateSubnetCommand({ VpcId, CidrBlock: '10.0.1.0/24' }))
  const { AssociationId } = await client.send(
    new ec2.AssociateRouteTableCommand({ RouteTableId, SubnetId: Subnet?.SubnetId }),
  )
  await assert.rejects(client.send(new ec2.DeleteRouteTableCommand({ RouteTableId })), {
    name: 'DependencyViolation',
  })
  await client.send(new ec2.DisassociateRouteTableCommand({ AssociationId }))
  await client.send(new ec2.DeleteRouteCommand({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0' }))
  await client.send(new ec2.DeleteRouteTableCommand({ RouteTableId }))
})

test('tags are written at creation and afterwards, filtered by, and taken off', async (t) => {
  const { client, VpcId } = await network(t)
  await client.send(new ec2.CreateTagsCommand({ Resources: [VpcId], Tags: [{ Key: 'Name', Value: 'main' }] }))
  const find = async (value: string) => {
    const { Vpcs } = await client.send(
      new ec2.DescribeVpcsCommand({ Filters: [{ Name: 'tag:Name', Values: [value] }] }),
    )
    return Vpcs?.length
  }
  assert.equal(await find('m*n'), 1)
  await client.send(new ec2.DeleteTagsCommand({ Resources: [VpcId], Tags: [{ Key: 'Name' }] }))
  assert.equal(await find('main'), 0)
  await assert.rejects(
    client.send(new ec2.DescribeVpcsCommand({ Filters: [{ Name: 'colour', Values: ['red'] }] })),
    /The filter 'colour' is invalid here/,
  )
})

test('an address that a NAT gateway has cannot be released', async (t) => {
  const { client, VpcId } = await network(t)
  const { Subnet } = await client.send(new ec2.CreateSubnetCommand({ VpcId, CidrBlock: '10.0.1.0/24' }))
  const { AllocationId } = await client.send(new ec2.AllocateAddressCommand({ Domain: 'vpc' }))
  const { NatGateway } = await client.send(
    new ec2.CreateNatGatewayCommand({ SubnetId: Subnet?.SubnetId, AllocationId }),
  )
  await assert.rejects(client.send(new ec2.ReleaseAddressCommand({ AllocationId })), {
    name: 'InvalidIPAddress.InUse',
  })
  const NatGatewayId = NatGateway?.NatGatewayId
  await client.send(new ec2.DeleteNatGatewayCommand({ NatGatewayId }))
  await client.send(new ec2.ReleaseAddressCommand({ AllocationId }))
  await assert.rejects(
    client.send(new ec2.DescribeNatGatewaysCommand({ NatGatewayIds: [NatGatewayId ?? ''] })),
    {
      name: 'NatGatewayNotFound',
    },
  )
})

test('subnets have their VPC’s own network ACL until they are given another', async (t) => {
  const { client, VpcId } = await network(t)
  const { Subnet } = await client.send(new ec2.CreateSubnetCommand({ VpcId, CidrBlock: '10.0.1.0/24' }))
  const bySubnet = { Filters: [{ Name: 'association.subnet-id', Values: [Subnet?.SubnetId ?? ''] }] }
  const before = await client.send(new ec2.DescribeNetworkAclsCommand(bySubnet))
  assert.equal(before.NetworkAcls?.[0]?.IsDefault, true)
  const { NetworkAcl } = await client.send(new ec2.CreateNetworkAclCommand({ VpcId }))
  await client.send(
    new ec2.ReplaceNetworkAclAssociationCommand({
      AssociationId: before.NetworkAcls?.[0]?.Associations?.[0]?.NetworkAclAssociationId,
      NetworkAclId: NetworkAcl?.NetworkAclId,
    }),
  )
  const after = await client.send(new ec2.DescribeNetworkAclsCommand(bySubnet))
  assert.equal(after.NetworkAcls?.[0]?.NetworkAclId, NetworkAcl?.NetworkAclId)
})
