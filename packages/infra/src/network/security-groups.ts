/**
 * Who may connect to whom. Inside the network a rule names a security group, never an address. From outside, the
 * load balancer admits CloudFront's addresses on 443 and nothing else: viewers come by the distributions, which
 * speak HTTPS with it, so port 80 has no rule. The test listener is closed too, unless the smoke test (a Lambda
 * function outside of the VPC, whose address no one knows) or `delivery.testAccess` needs it.
 */
import { jobPart, securityGroupName } from '@baton/config'
import { DataAwsEc2ManagedPrefixList } from '@cdktn/provider-aws/lib/data-aws-ec2-managed-prefix-list/index.js'
import { SecurityGroup } from '@cdktn/provider-aws/lib/security-group/index.js'
import { VpcSecurityGroupEgressRule } from '@cdktn/provider-aws/lib/vpc-security-group-egress-rule/index.js'
import { VpcSecurityGroupIngressRule } from '@cdktn/provider-aws/lib/vpc-security-group-ingress-rule/index.js'
import { Construct } from 'constructs'
import type { BatonStack } from '../terraform/stack.ts'
import type { Network } from './network.ts'

export interface SecurityGroups {
  readonly loadBalancer: SecurityGroup
  /** One per service and job, by what it is named after: `admin`, `job-nightly`. */
  readonly tasks: ReadonlyMap<string, SecurityGroup>
  /** Of the database and of its migration; absent where the platform has no database. */
  readonly store?: { readonly database: SecurityGroup; readonly migration: SecurityGroup }
  readonly fileSystem: SecurityGroup
}

const world = '0.0.0.0/0'

/**
 * The addresses from which CloudFront calls origins, kept up to date by AWS. In a security group it counts as 55
 * rules of 60.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html
 */
const cloudfrontAddresses = 'com.amazonaws.global.cloudfront.origin-facing'

/** From where a rule admits connections: a block of addresses, or a prefix list. */
type Source = { readonly cidrIpv4: string } | { readonly prefixListId: string }

export function securityGroups(stack: BatonStack, network: Network): SecurityGroups {
  const scope = new Construct(stack, 'security-groups')
  const { platform } = stack
  const group = (id: string, part: string, description: string) =>
    new SecurityGroup(scope, id, {
      name: securityGroupName(platform, part),
      description,
      vpcId: network.vpc.id,
      tags: { Name: securityGroupName(platform, part) },
      // A group in use cannot be deleted: the new one must exist first.
      lifecycle: { createBeforeDestroy: true },
    })
  const rules = new Construct(scope, 'rules')
  const admit = (id: string, to: SecurityGroup, source: Source, port: number, description: string) =>
    new VpcSecurityGroupIngressRule(rules, id, {
      securityGroupId: to.id,
      ...source,
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
  const fileSystem = group('logs', 'logs', 'File system of the logs')
  const store =
    platform.database === undefined
      ? undefined
      : {
          database: group('database', 'database', 'Database'),
          migration: group('migration', 'migration', 'Migration task'),
        }
  // The place for others that may call the load balancer directly, such as an environment without distributions.
  admit('https', loadBalancer, { prefixListId: edgePrefixList(scope).id }, 443, 'HTTPS from CloudFront')
  const { testPort, smokeTest, testAccess } = platform.delivery
  if (smokeTest)
    admit('test', loadBalancer, { cidrIpv4: world }, testPort, 'Smoke test, with the secret header')
  testAccess.forEach((cidrIpv4, index) => {
    admit(`test_${index + 1}`, loadBalancer, { cidrIpv4 }, testPort, 'Test listener, with the secret header')
  })
  if (store !== undefined) {
    connect(store.migration, store.database, 5432)
    toWorld(store.migration, 'AWS APIs and registries')
  }
  const tasks = new Map<string, SecurityGroup>()
  const described = [
    ...platform.services.map(({ name, traffic, database }) => ({ name, id: name, traffic, database })),
    ...platform.jobs.map(({ name, database }) => ({
      name: jobPart(name),
      id: `job_${name}`,
      traffic: undefined,
      database,
    })),
  ]
  for (const { name, id, traffic, database } of described) {
    const own = group(id, name, `Tasks of ${name}`)
    if (traffic !== undefined) connect(loadBalancer, own, traffic.port)
    if (database && store !== undefined) connect(own, store.database, 5432)
    connect(own, fileSystem, 2049)
    toWorld(own, 'AWS APIs and other services')
    tasks.set(name, own)
  }
  return { loadBalancer, tasks, fileSystem, ...(store === undefined ? {} : { store }) }
}

const edgePrefixList = (scope: Construct): DataAwsEc2ManagedPrefixList =>
  new DataAwsEc2ManagedPrefixList(new Construct(scope, 'prefix-list'), 'cloudfront', {
    name: cloudfrontAddresses,
  })
