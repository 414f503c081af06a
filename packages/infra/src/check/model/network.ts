/**
 * The network as far as it decides what reaches what: security groups, subnets, what is attached to them, and the
 * routes of each subnet.
 */

import { contains, parseBlock } from '@baton/config'
import type { Resource } from './block.ts'
import { groupTypes, isWorld, ruleTypes, type SecurityRule, securityRules } from './security-rules.ts'
import type { Terraform } from './terraform.ts'

/** Something with an address in the network. */
export interface Endpoint {
  readonly at: Resource
  /** e.g. `service`; `kind` and `name` are what users read. */
  readonly kind: string
  readonly name: string
  readonly groups: readonly Resource[]
  readonly subnets: readonly Resource[]
  /** Whether it has an address that the world can route to. */
  readonly isPublic: boolean
}

export interface Network {
  readonly rules: readonly SecurityRule[]
  readonly endpoints: readonly Endpoint[]
  /** Ways out of a subnet to the world, by its routes. */
  wayOut(subnet: Resource): 'internet-gateway' | 'nat-gateway' | 'other' | undefined
  /** The rules that let the world in, where an address is there to come in by. */
  fromWorld(endpoint: Endpoint): SecurityRule[]
  /** Pairs of rules, out and in, that let one endpoint call another. */
  between(from: Endpoint, to: Endpoint): SecurityRule[]
  reaches(from: Endpoint, to: Endpoint, port: number): boolean
}

const known = new WeakMap<Terraform, Network>()

/** The network of the stacks; read once. */
export function networkOf(terraform: Terraform): Network {
  const network = known.get(terraform) ?? readNetwork(terraform)
  known.set(terraform, network)
  return network
}

/** How endpoint types say where they are. */
const kinds: Readonly<
  Record<string, { kind: string; groups: string[]; subnets: string[]; isPublic: (at: Resource) => boolean }>
> = {
  aws_lb: {
    kind: 'load balancer',
    groups: ['security_groups'],
    subnets: ['subnets'],
    isPublic: (at) => at.flag('internal') !== true,
  },
  aws_ecs_service: {
    kind: 'service',
    groups: ['network_configuration', 'security_groups'],
    subnets: ['network_configuration', 'subnets'],
    isPublic: (at) => at.flag('network_configuration', 'assign_public_ip') === true,
  },
  aws_scheduler_schedule: {
    kind: 'job',
    groups: ['target', 'ecs_parameters', 'network_configuration', 'security_groups'],
    subnets: ['target', 'ecs_parameters', 'network_configuration', 'subnets'],
    isPublic: () => false,
  },
  aws_db_instance: {
    kind: 'database',
    groups: ['vpc_security_group_ids'],
    subnets: ['db_subnet_group_name'],
    isPublic: (at) => at.flag('publicly_accessible') === true,
  },
  aws_efs_mount_target: {
    kind: 'file system',
    groups: ['security_groups'],
    subnets: ['subnet_id'],
    isPublic: () => false,
  },
  aws_lambda_function: {
    kind: 'function',
    groups: ['vpc_config', 'security_group_ids'],
    subnets: ['vpc_config', 'subnet_ids'],
    isPublic: () => false,
  },
  aws_instance: {
    kind: 'instance',
    groups: ['vpc_security_group_ids'],
    subnets: ['subnet_id'],
    isPublic: (at) => at.flag('associate_public_ip_address') !== false,
  },
}

function readNetwork(terraform: Terraform): Network {
  const rules = securityRules(terraform)
  const wayOut = waysOut(terraform)
  const endpoints = [...namedEndpoints(terraform), ...otherEndpoints(terraform)].map((endpoint) => ({
    ...endpoint,
    // An address of its own leads nowhere without a route to the internet gateway.
    isPublic: endpoint.isPublic && endpoint.subnets.some((subnet) => wayOut(subnet) === 'internet-gateway'),
  }))
  const rulesOf = (endpoint: Endpoint, direction: SecurityRule['direction']) =>
    rules.filter((rule) => rule.direction === direction && endpoint.groups.includes(rule.group))
  const between = (from: Endpoint, to: Endpoint) =>
    rulesOf(to, 'ingress').filter(
      (rule) =>
        admits(rule, from) &&
        rulesOf(from, 'egress').some(
          (out) =>
            admits(out, to) &&
            (out.ports.protocol === 'all' ||
              rule.ports.protocol === 'all' ||
              out.ports.protocol === rule.ports.protocol) &&
            out.ports.from <= rule.ports.to &&
            rule.ports.from <= out.ports.to,
        ),
    )
  return {
    rules,
    endpoints,
    wayOut,
    between,
    fromWorld: (endpoint) => (endpoint.isPublic ? rulesOf(endpoint, 'ingress').filter(isWorld) : []),
    reaches: (from, to, port) =>
      between(from, to).some(({ ports }) => ports.from <= port && port <= ports.to) &&
      rulesOf(from, 'egress').some(
        (out) => admits(out, to) && out.ports.from <= port && port <= out.ports.to,
      ),
  }
}

/** Whether a rule is about this endpoint: by its group, or by a block that contains its subnets. */
function admits({ peer }: SecurityRule, endpoint: Endpoint): boolean {
  if (peer.kind === 'group') return endpoint.groups.includes(peer.group)
  const block = peer.kind === 'block' ? parseBlock(peer.cidr) : undefined
  if (block === undefined) return false
  return endpoint.subnets.some((subnet) => {
    const own = parseBlock(subnet.text('cidr_block') ?? '')
    return own !== undefined && contains(block, own)
  })
}

function namedEndpoints(terraform: Terraform): Endpoint[] {
  return terraform.all(...Object.keys(kinds)).flatMap((at) => {
    const description = kinds[at.type]
    if (description === undefined) return []
    const groups = at.references(...description.groups)
    if (groups.length === 0 && at.type === 'aws_lambda_function') return []
    const file = at.type === 'aws_efs_mount_target' ? at.references('file_system_id')[0] : undefined
    const subnets = at
      .references(...description.subnets)
      .flatMap((each) => (each.type === 'aws_subnet' ? [each] : each.references('subnet_ids')))
    return [
      {
        at,
        kind: description.kind,
        name: (file ?? at).id,
        groups,
        subnets,
        isPublic: description.isPublic(at),
      },
    ]
  })
}

/**
 * Whatever else names a security group. The manifest of a task that the release runs once names its group and
 * subnets in an SSM parameter: the task itself is no resource.
 */
function otherEndpoints(terraform: Terraform): Endpoint[] {
  const passed = new Set<string>([...Object.keys(kinds), ...groupTypes, ...ruleTypes])
  return terraform.resources
    .filter(({ kind, type }) => kind === 'resource' && !passed.has(type))
    .flatMap((at) => {
      const references = at.references()
      const groups = references.filter(({ type }) => groupTypes.some((each) => each === type))
      if (groups.length === 0) return []
      const isTask = at.type === 'aws_ssm_parameter'
      const manifest = isTask ? at.embedded('value') : undefined
      const isPublic =
        typeof manifest === 'object' &&
        manifest !== null &&
        'assignPublicIp' in manifest &&
        manifest.assignPublicIp === true
      const subnets = references.filter(({ type }) => type === 'aws_subnet')
      return [{ at, kind: isTask ? 'task' : at.type, name: at.id, groups, subnets, isPublic }]
    })
}

/** Subnets without a route table of their own use the main one of the VPC. */
function waysOut(terraform: Terraform): Network['wayOut'] {
  const associations = terraform.all('aws_route_table_association')
  const toWorld = (cidrs: readonly string[]) => cidrs.some((cidr) => cidr === '0.0.0.0/0' || cidr === '::/0')
  const targets = new Map<Resource, string>()
  const learn = (table: Resource | undefined, target: string | undefined) => {
    if (table !== undefined && target !== undefined) targets.set(table, target)
  }
  for (const route of terraform.all('aws_route')) {
    if (!toWorld([...route.texts('destination_cidr_block'), ...route.texts('destination_ipv6_cidr_block')]))
      continue
    learn(route.references('route_table_id')[0], targetOf(route.references()))
  }
  for (const table of terraform.all('aws_route_table', 'aws_default_route_table')) {
    for (const route of table.blocks('route')) {
      if (toWorld([...route.texts('cidr_block'), ...route.texts('ipv6_cidr_block')]))
        learn(table, targetOf(route.references()))
    }
  }
  return (subnet) => {
    const table = associations
      .find((each) => each.references('subnet_id').includes(subnet))
      ?.references('route_table_id')[0]
    const target = table === undefined ? undefined : targets.get(table)
    if (target === 'aws_internet_gateway') return 'internet-gateway'
    if (target === 'aws_nat_gateway') return 'nat-gateway'
    return target === undefined ? undefined : 'other'
  }
}

const targetOf = (references: readonly Resource[]): string | undefined =>
  references.find(({ type }) => type !== 'aws_route_table')?.type
