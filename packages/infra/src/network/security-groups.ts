/**
 * Who may talk to whom, by reference and never by address, except where the world comes in: ports 80 and 443 of
 * the load balancer and its test listener, whose rules demand the secret header.
 */
import { securityGroupName } from '@baton/config'
import { SecurityGroup } from '@cdktn/provider-aws/lib/security-group/index.js'
import { VpcSecurityGroupEgressRule } from '@cdktn/provider-aws/lib/vpc-security-group-egress-rule/index.js'
import { VpcSecurityGroupIngressRule } from '@cdktn/provider-aws/lib/vpc-security-group-ingress-rule/index.js'
import { Construct } from 'constructs'
import type { BatonStack } from '../terraform/stack.ts'
import type { Network } from './network.ts'

export interface SecurityGroups {
  readonly loadBalancer: SecurityGroup
  /** One per service, by the service's name. */
  readonly services: ReadonlyMap<string, SecurityGroup>
  readonly migration: SecurityGroup
  readonly database: SecurityGroup
  readonly fileSystem: SecurityGroup
}

const world = '0.0.0.0/0'

export function securityGroups(stack: BatonStack, network: Network): SecurityGroups {
  const scope = new Construct(stack, 'security-groups')
  const { platform } = stack
  const group = (id: string, part: string, description: string) =>
    new SecurityGroup(scope, id, {
      name: securityGroupName(platform, part),
      description,
      vpcId: network.vpc.id,
      tags: { Name: securityGroupName(platform, part) },
      // A group in use cannot be deleted: the new one has to be there first.
      lifecycle: { createBeforeDestroy: true },
    })
  const rules = new Construct(scope, 'rules')
  const fromWorld = (id: string, to: SecurityGroup, port: number, description: string) =>
    new VpcSecurityGroupIngressRule(rules, id, {
      securityGroupId: to.id,
      cidrIpv4: world,
      ipProtocol: 'tcp',
      fromPort: port,
      toPort: port,
      description,
    })
  const connect = (from: SecurityGroup, to: SecurityGroup, port: number) => {
    const id = `${to.node.id}_from_${from.node.id}`
    const description = `${from.node.id} to ${to.node.id}`
    const rule = { ipProtocol: 'tcp', fromPort: port, toPort: port, description }
    new VpcSecurityGroupIngressRule(rules, id, {
      securityGroupId: to.id,
      referencedSecurityGroupId: from.id,
      ...rule,
    })
    new VpcSecurityGroupEgressRule(rules, `${from.node.id}_to_${to.node.id}`, {
      securityGroupId: from.id,
      referencedSecurityGroupId: to.id,
      ...rule,
    })
  }
  const toWorld = (from: SecurityGroup, description: string) =>
    new VpcSecurityGroupEgressRule(rules, `${from.node.id}_https`, {
      securityGroupId: from.id,
      cidrIpv4: world,
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
      description,
    })

  const loadBalancer = group('load_balancer', 'load-balancer', 'Load balancer')
  const database = group('database', 'database', 'Database')
  const fileSystem = group('logs', 'logs', 'File system of the logs')
  const migration = group('migration', 'migration', 'Migration task')
  fromWorld('http', loadBalancer, 80, 'HTTP, redirected to HTTPS')
  fromWorld('https', loadBalancer, 443, 'HTTPS')
  fromWorld('test', loadBalancer, platform.delivery.testPort, 'Test listener, behind the secret header')
  connect(migration, database, 5432)
  toWorld(migration, 'AWS APIs and registries')

  const services = new Map<string, SecurityGroup>()
  for (const service of platform.services) {
    const tasks = group(service.name, service.name, `Tasks of ${service.name}`)
    connect(loadBalancer, tasks, service.port)
    connect(tasks, database, 5432)
    connect(tasks, fileSystem, 2049)
    toWorld(tasks, 'AWS APIs and other services')
    services.set(service.name, tasks)
  }
  return { loadBalancer, services, migration, database, fileSystem }
}
