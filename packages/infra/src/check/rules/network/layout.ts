/** Subnets, zones and routes: whether the network has room for what is in it. */

import { contains, isNetworkSize, largestPrefix, overlaps, parseBlock, smallestPrefix } from '@baton/config'
import type { Resource } from '../../model/block.ts'
import type { Rule } from '../../model/finding.ts'
import { type Endpoint, networkOf } from '../../model/network.ts'

const subnetsPage = 'https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html'
const isApplication = (balancer: Resource) =>
  (balancer.text('load_balancer_type') ?? 'application') === 'application'
const blockOf = (resource: Resource) => parseBlock(resource.text('cidr_block') ?? '')
const zonesOf = (subnets: readonly Resource[]) =>
  new Set(
    subnets.map(
      (subnet) => subnet.text('availability_zone') ?? subnet.text('availability_zone_id') ?? subnet.address,
    ),
  )

/** What a task needs of AWS to start, where no route leads out. */
const neededEndpoints = ['ecr.api', 'ecr.dkr', 's3', 'logs', 'secretsmanager']

export const layoutRules: readonly Rule[] = [
  {
    name: 'subnet-block',
    severity: 'error',
    demand: 'Subnets lie inside of their VPC and do not overlap.',
    source: subnetsPage,
    *check(terraform) {
      for (const vpc of terraform.all('aws_vpc')) {
        const more = terraform.pointingAt(vpc, 'aws_vpc_ipv4_cidr_block_association', 'vpc_id')
        const blocks = [vpc, ...more].flatMap((each) => blockOf(each) ?? [])
        const seen: Resource[] = []
        for (const subnet of terraform.pointingAt(vpc, 'aws_subnet', 'vpc_id')) {
          const own = blockOf(subnet)
          if (own === undefined) continue
          if (blocks.length > 0 && !blocks.some((block) => contains(block, own))) {
            yield {
              at: subnet,
              reason: `${own.text} is outside of ${blocks.map(({ text }) => text).join(', ')}`,
              fix: 'Use a block of the VPC.',
            }
          }
          const other = seen.find((each) => {
            const block = blockOf(each)
            return block !== undefined && overlaps(block, own)
          })
          if (other !== undefined)
            yield {
              at: subnet,
              reason: `${own.text} overlaps ${other.address}`,
              fix: 'Use a block that is free.',
            }
          if (!isNetworkSize(own))
            yield {
              at: subnet,
              reason: `AWS accepts no /${own.prefix}`,
              fix: `Use /${largestPrefix} to /${smallestPrefix}.`,
            }
          seen.push(subnet)
        }
      }
    },
  },
  {
    name: 'zones',
    severity: 'error',
    demand: 'A load balancer and a database have subnets in two zones.',
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer',
    *check(terraform) {
      const placed = [
        ...terraform
          .all('aws_lb')
          .filter(isApplication)
          .map((at) => ({ at, subnets: at.references('subnets') })),
        ...terraform.all('aws_db_subnet_group').map((at) => ({ at, subnets: at.references('subnet_ids') })),
      ]
      for (const { at, subnets } of placed) {
        // Subnets that come from elsewhere cannot be judged.
        if (
          subnets.length < at.texts('subnets').length + at.texts('subnet_ids').length ||
          zonesOf(subnets).size >= 2
        )
          continue
        yield {
          at,
          reason: `its subnets are in ${zonesOf(subnets).size} zone: AWS refuses it`,
          fix: 'Name subnets of two zones.',
        }
      }
    },
  },
  {
    name: 'service-zones',
    severity: 'warning',
    demand: 'The tasks of a service are spread over two zones.',
    source: 'https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html',
    *check(terraform) {
      for (const { at, kind, subnets } of networkOf(terraform).endpoints) {
        if (kind !== 'service' || subnets.length === 0 || zonesOf(subnets).size >= 2) continue
        yield { at, reason: 'all of its tasks are in one zone', fix: 'Name subnets of two zones.' }
      }
    },
  },
  {
    name: 'load-balancer-subnet',
    severity: 'error',
    demand: 'A load balancer has room to grow, and a public one routes to the internet.',
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer',
    *check(terraform) {
      const { wayOut } = networkOf(terraform)
      for (const balancer of terraform.all('aws_lb').filter(isApplication)) {
        for (const subnet of balancer.references('subnets').filter(({ type }) => type === 'aws_subnet')) {
          const block = blockOf(subnet)
          if (block !== undefined && block.prefix > 27)
            yield {
              at: balancer,
              reason: `${subnet.address} is a /${block.prefix}: it needs 8 free addresses`,
              fix: 'Use a /27 or larger.',
            }
          if (balancer.flag('internal') === true || wayOut(subnet) === 'internet-gateway') continue
          yield {
            at: balancer,
            reason: `${subnet.address} has no route to an internet gateway: no one can reach it`,
            fix: 'Use public subnets.',
          }
        }
      }
    },
  },
  {
    name: 'nat-subnet',
    severity: 'error',
    demand: 'A NAT gateway is in a subnet that routes to the internet gateway.',
    source: 'https://docs.aws.amazon.com/vpc/latest/userguide/nat-gateway-basics.html',
    *check(terraform) {
      const { wayOut } = networkOf(terraform)
      for (const gateway of terraform.all('aws_nat_gateway')) {
        const [subnet] = gateway.references('subnet_id')
        if (
          subnet === undefined ||
          gateway.text('connectivity_type') === 'private' ||
          wayOut(subnet) === 'internet-gateway'
        )
          continue
        yield {
          at: gateway,
          reason: `${subnet.address} does not lead to the internet`,
          fix: 'Place it in a public subnet.',
        }
      }
    },
  },
  {
    name: 'way-out',
    severity: 'error',
    demand: 'A task reaches the registry, the logs and its secrets.',
    source: 'https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html',
    *check(terraform) {
      const { endpoints, wayOut } = networkOf(terraform)
      const served = terraform.all('aws_vpc_endpoint').map((endpoint) => endpoint.text('service_name') ?? '')
      const missing = neededEndpoints.filter(
        (name) => !served.some((service) => service.endsWith(`.${name}`)),
      )
      const isTask = ({ kind }: Endpoint) => kind === 'service' || kind === 'task'
      for (const task of endpoints.filter(isTask)) {
        const shut = task.subnets.find((subnet) => {
          const way = wayOut(subnet)
          return way === undefined || (way === 'internet-gateway' && !task.isPublic)
        })
        if (shut === undefined || missing.length === 0) continue
        yield {
          at: task.at,
          reason:
            wayOut(shut) === undefined
              ? `${shut.address} has no way out, and no VPC endpoint for ${missing.join(', ')}: its tasks could not start`
              : `${shut.address} leads out by the internet gateway, which takes public addresses only: its tasks could not start`,
          fix: 'Route to a NAT gateway, set assign_public_ip in a public subnet, or add the VPC endpoints.',
        }
      }
    },
  },
  {
    name: 'database-way-out',
    severity: 'note',
    demand: 'A database has no way out to the world.',
    source:
      'https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html',
    *check(terraform) {
      const { endpoints, wayOut } = networkOf(terraform)
      for (const database of endpoints.filter(({ kind }) => kind === 'database')) {
        const open = database.subnets.find((subnet) => wayOut(subnet) !== undefined)
        if (open === undefined) continue
        yield {
          at: database.at,
          reason: `${open.address} routes to the world`,
          fix: 'Give the database subnets a route table without routes.',
        }
      }
    },
  },
]
