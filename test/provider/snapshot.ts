/**
 * Everything that an emulator's APIs say of what an example made, without what must differ between two of them: ids, times,
 * names that were made up.
 */
import * as cloudwatchLogs from '@aws-sdk/client-cloudwatch-logs'
import * as ec2 from '@aws-sdk/client-ec2'
import * as elbv2 from '@aws-sdk/client-elastic-load-balancing-v2'
import * as eventbridge from '@aws-sdk/client-eventbridge'
import * as iam from '@aws-sdk/client-iam'
import * as s3 from '@aws-sdk/client-s3'
import * as sns from '@aws-sdk/client-sns'

export type Snapshot = Readonly<Record<string, readonly unknown[]>>

interface ClientOptions {
  readonly region: string
  readonly endpoint: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

export async function snapshotOf(options: ClientOptions): Promise<Snapshot> {
  const network = new ec2.EC2Client(options)
  const balancers = new elbv2.ElasticLoadBalancingV2Client(options)
  const identities = new iam.IAMClient(options)
  const rules = new eventbridge.EventBridgeClient(options)
  const logs = new cloudwatchLogs.CloudWatchLogsClient(options)
  const buckets = new s3.S3Client({ ...options, forcePathStyle: true })
  const topics = new sns.SNSClient(options)

  const { Roles = [] } = await identities.send(new iam.ListRolesCommand({}))
  const roles = await each(Roles, async ({ RoleName }) => {
    const { PolicyNames = [] } = await identities.send(new iam.ListRolePoliciesCommand({ RoleName }))
    return {
      role: (await identities.send(new iam.GetRoleCommand({ RoleName }))).Role,
      attached: (await identities.send(new iam.ListAttachedRolePoliciesCommand({ RoleName })))
        .AttachedPolicies,
      inline: await each(PolicyNames, (PolicyName) =>
        identities.send(new iam.GetRolePolicyCommand({ RoleName, PolicyName })),
      ),
    }
  })
  const { Rules = [] } = await rules.send(new eventbridge.ListRulesCommand({}))
  const { logGroups = [] } = await logs.send(new cloudwatchLogs.DescribeLogGroupsCommand({}))
  const { Buckets = [] } = await buckets.send(new s3.ListBucketsCommand({}))
  const all = {
    vpcs: (await network.send(new ec2.DescribeVpcsCommand({}))).Vpcs,
    subnets: (await network.send(new ec2.DescribeSubnetsCommand({}))).Subnets,
    internetGateways: (await network.send(new ec2.DescribeInternetGatewaysCommand({}))).InternetGateways,
    natGateways: (await network.send(new ec2.DescribeNatGatewaysCommand({}))).NatGateways,
    addresses: (await network.send(new ec2.DescribeAddressesCommand({}))).Addresses,
    routeTables: (await network.send(new ec2.DescribeRouteTablesCommand({}))).RouteTables,
    networkAcls: (await network.send(new ec2.DescribeNetworkAclsCommand({}))).NetworkAcls,
    securityGroups: (await network.send(new ec2.DescribeSecurityGroupsCommand({}))).SecurityGroups,
    rulesOfGroups: (await network.send(new ec2.DescribeSecurityGroupRulesCommand({}))).SecurityGroupRules,
    endpoints: (await network.send(new ec2.DescribeVpcEndpointsCommand({}))).VpcEndpoints,
    balancers: (await balancers.send(new elbv2.DescribeLoadBalancersCommand({}))).LoadBalancers,
    targetGroups: (await balancers.send(new elbv2.DescribeTargetGroupsCommand({}))).TargetGroups,
    roles,
    policies: (await identities.send(new iam.ListPoliciesCommand({ Scope: 'Local' }))).Policies,
    rules: await each(Rules, async (rule) => ({
      rule,
      targets: (await rules.send(new eventbridge.ListTargetsByRuleCommand({ Rule: rule.Name }))).Targets,
      tags: (await rules.send(new eventbridge.ListTagsForResourceCommand({ ResourceARN: rule.Arn }))).Tags,
    })),
    logGroups: await each(logGroups, async (group) => ({
      group,
      tags: (
        await logs.send(new cloudwatchLogs.ListTagsForResourceCommand({ resourceArn: group.logGroupArn }))
      ).tags,
    })),
    topics: (await topics.send(new sns.ListTopicsCommand({}))).Topics,
    buckets: await each(Buckets, async ({ Name }) => ({
      Name,
      block: await buckets
        .send(new s3.GetPublicAccessBlockCommand({ Bucket: Name }))
        .then(({ PublicAccessBlockConfiguration }) => PublicAccessBlockConfiguration),
    })),
  }
  return Object.fromEntries(Object.entries(all).map(([name, list]) => [name, sorted(list ?? [])]))
}

async function each<T, Result>(items: readonly T[], work: (item: T) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = []
  for (const item of items) results.push(await work(item))
  return results
}

/** Members that no two emulators have in common. */
const VARYING =
  /^(\$metadata|CreateDate|CreatedTime|CreationTime|creationTime|CreationTimestamp|CreateTime|UpdateDate|PublicIp|RoleId|PolicyId|CanonicalHostedZoneId)$/

/** Ids, in texts too: `vpc-0123456789abcdef0`, the ends of load balancers' ARNs and names. */
const ID = /\b(?<kind>[a-z]+(?:-[a-z]+)*)-[0-9a-f]{8,17}\b|(?<=\/)[0-9a-f]{16}\b|(?<=-)\d{6,10}(?=\.)/g

function normal(value: unknown): unknown {
  const document = typeof value === 'string' ? documentOf(value) : undefined
  if (document !== undefined) return normal(document)
  if (typeof value === 'string') return value.replace(ID, (_id, kind?: string) => `${kind ?? ''}*`)
  if (value instanceof Date) return 'a time'
  if (Array.isArray(value)) return sorted(value)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([name, one]) => !VARYING.test(name) && one !== undefined)
  return Object.fromEntries(entries.map(([name, one]) => [name, normal(one)]).sort(byText))
}

/** A policy or a pattern, whose members have no order; the provider writes them in one of its own. */
function documentOf(text: string): object | undefined {
  if (!/^(?:\{|%7B)/.test(text)) return undefined
  try {
    return JSON.parse(decodeURIComponent(text))
  } catch {
    return undefined
  }
}

/** Lists of AWS have no order of their own. */
const sorted = (list: readonly unknown[]): unknown[] => list.map(normal).sort(byText)

const byText = (a: unknown, b: unknown): number => {
  const [one, other] = [JSON.stringify(a) ?? '', JSON.stringify(b) ?? '']
  return one < other ? -1 : one > other ? 1 : 0
}
