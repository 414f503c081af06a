/**
 * The network: one VPC; per zone a public subnet (load balancer, NAT gateway), a private one (tasks, mount
 * targets) and one for the database, which has no route to the internet. `nat: none` puts the tasks in the public
 * subnets with public addresses; their security group still admits the load balancer only.
 */
import { DefaultSecurityGroup } from '@cdktn/provider-aws/lib/default-security-group/index.js'
import { Eip } from '@cdktn/provider-aws/lib/eip/index.js'
import { InternetGateway } from '@cdktn/provider-aws/lib/internet-gateway/index.js'
import { NatGateway } from '@cdktn/provider-aws/lib/nat-gateway/index.js'
import { Route } from '@cdktn/provider-aws/lib/route/index.js'
import { RouteTable } from '@cdktn/provider-aws/lib/route-table/index.js'
import { RouteTableAssociation } from '@cdktn/provider-aws/lib/route-table-association/index.js'
import { Subnet } from '@cdktn/provider-aws/lib/subnet/index.js'
import { Vpc } from '@cdktn/provider-aws/lib/vpc/index.js'
import { VpcEndpoint } from '@cdktn/provider-aws/lib/vpc-endpoint/index.js'
import { Construct } from 'constructs'
import type { BatonStack } from '../terraform/stack.ts'

export interface Network {
  readonly vpc: Vpc
  readonly publicSubnets: readonly Subnet[]
  readonly privateSubnets: readonly Subnet[]
  readonly databaseSubnets: readonly Subnet[]
  /** Where tasks run, and whether they carry public addresses. */
  readonly taskSubnets: readonly Subnet[]
  readonly assignPublicIp: boolean
  /** Way out of the task subnets: tasks must not start before it is open. */
  readonly egress: readonly Route[]
}

export function network(stack: BatonStack): Network {
  const scope = new Construct(stack, 'network')
  const { network, name } = stack.platform
  const tags = (part: string) => ({ Name: `${name}-${part}` })
  const vpc = new Vpc(scope, 'main', {
    cidrBlock: network.cidr,
    enableDnsSupport: true,
    enableDnsHostnames: true,
    tags: { Name: name },
  })
  // No rules: what is started without a security group reaches nothing.
  new DefaultSecurityGroup(scope, 'default', { vpcId: vpc.id, tags: tags('default') })
  const gateway = new InternetGateway(scope, 'internet', { vpcId: vpc.id, tags: { Name: name } })

  const subnets = (kind: 'public' | 'private' | 'database') =>
    network.zones.map(
      (zone) =>
        new Subnet(scope, `${kind}_${zone.letter}`, {
          vpcId: vpc.id,
          availabilityZone: zone.name,
          cidrBlock: zone[`${kind}Cidr`],
          mapPublicIpOnLaunch: false,
          tags: tags(`${kind}-${zone.letter}`),
        }),
    )
  const [publicSubnets, privateSubnets, databaseSubnets] = [
    subnets('public'),
    subnets('private'),
    stack.platform.database === undefined ? [] : subnets('database'),
  ]

  const tables = new Construct(scope, 'tables')
  const table = (id: string, members: readonly Subnet[]) => {
    const routes = new RouteTable(tables, id, { vpcId: vpc.id, tags: tags(id.replaceAll('_', '-')) })
    for (const subnet of members) {
      new RouteTableAssociation(new Construct(tables, `${subnet.node.id}_association`), subnet.node.id, {
        subnetId: subnet.id,
        routeTableId: routes.id,
      })
    }
    return routes
  }
  const publicTable = table('public', publicSubnets)
  const publicRoute = new Route(scope, 'public', {
    routeTableId: publicTable.id,
    destinationCidrBlock: '0.0.0.0/0',
    gatewayId: gateway.id,
  })
  if (databaseSubnets.length > 0) table('database', databaseSubnets)
  const privateTables = network.zones.map((zone, index) =>
    table(`private_${zone.letter}`, privateSubnets.slice(index, index + 1)),
  )
  const egress = natGateways(stack, scope, { publicSubnets, privateTables, publicRoute })

  // Images come from ECR through S3: without charge, and not through the NAT gateway.
  new VpcEndpoint(scope, 's3', {
    vpcId: vpc.id,
    serviceName: `com.amazonaws.${stack.platform.region}.s3`,
    vpcEndpointType: 'Gateway',
    routeTableIds: [publicTable, ...privateTables].map(({ id }) => id),
    tags: tags('s3'),
  })

  const open = network.nat === 'none'
  return {
    vpc,
    publicSubnets,
    privateSubnets,
    databaseSubnets,
    taskSubnets: open ? publicSubnets : privateSubnets,
    assignPublicIp: open,
    egress: open ? [publicRoute] : egress,
  }
}

function natGateways(
  stack: BatonStack,
  parent: Construct,
  wiring: { publicSubnets: readonly Subnet[]; privateTables: readonly RouteTable[]; publicRoute: Route },
): Route[] {
  const { network, name } = stack.platform
  if (network.nat === 'none') return []
  const scope = new Construct(parent, 'nat')
  const withGateway = network.nat === 'gateway' ? network.zones.slice(0, 1) : network.zones
  const gateways = withGateway.map((zone, index) => {
    const address = new Eip(new Construct(scope, `${zone.letter}_address`), `nat_${zone.letter}`, {
      domain: 'vpc',
      tags: { Name: `${name}-nat-${zone.letter}` },
    })
    return new NatGateway(scope, zone.letter, {
      allocationId: address.id,
      subnetId: wiring.publicSubnets[index]?.id ?? '',
      tags: { Name: `${name}-${zone.letter}` },
      dependsOn: [wiring.publicRoute],
    })
  })
  return wiring.privateTables.map(
    (table, index) =>
      new Route(scope, table.node.id, {
        routeTableId: table.id,
        destinationCidrBlock: '0.0.0.0/0',
        natGatewayId: (gateways[index] ?? gateways[0])?.id ?? '',
      }),
  )
}
