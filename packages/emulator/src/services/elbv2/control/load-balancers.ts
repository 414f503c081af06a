/** Making, changing and deleting load balancers. */
import type {
  CreateLoadBalancerInput,
  LoadBalancerAttribute,
  SetSubnetsInput,
  SubnetMapping,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { loadBalancerDefaults } from '../model/attributes.ts'
import type { Elbv2Context } from '../model/context.ts'
import {
  duplicateLoadBalancer,
  notImplemented,
  operationNotPermitted,
  validationError,
} from '../model/errors.ts'
import type { LoadBalancer } from '../model/model.ts'
import { canonicalHostedZoneId } from '../model/regions.ts'
import { checkName, tagsOf } from '../model/tags.ts'
import { closeListener } from './listeners.ts'
import { changeSettings } from './settings.ts'

/**
 * The same one again is the one that there is.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
 */
export function createLoadBalancer(env: Elbv2Context, input: CreateLoadBalancerInput): LoadBalancer {
  const { context, state } = env
  if ((input.Type ?? 'application') !== 'application')
    throw notImplemented(`load balancers of type '${input.Type}'`)
  const name = checkName('Load balancer', input.Name)
  if (name.startsWith('internal-')) throw validationError("Load balancer names cannot start with 'internal-'")
  const scheme = input.Scheme ?? 'internet-facing'
  const subnets = subnetsOf(env, input)
  const securityGroups = input.SecurityGroups ?? []
  const ipAddressType = input.IpAddressType ?? 'ipv4'
  const known = state.loadBalancers.values().find((each) => each.name === name)
  if (known) {
    const same =
      known.scheme === scheme &&
      known.ipAddressType === ipAddressType &&
      sameMembers(idsOf(known.subnets), idsOf(subnets)) &&
      sameMembers(known.securityGroups, securityGroups)
    if (!same) throw duplicateLoadBalancer(name)
    return known
  }
  const { region, accountId, ids, clock } = context
  const id = ids.hex('', 16)
  const vpcId = subnets.map((subnet) => env.subnet(subnet.id)?.vpcId).find((each) => each !== undefined)
  const number = (Number.parseInt(ids.hex('', 12), 16) % 9_000_000_000) + 1_000_000_000
  const loadBalancer: LoadBalancer = {
    arn: `arn:aws:elasticloadbalancing:${region}:${accountId}:loadbalancer/app/${name}/${id}`,
    name,
    dnsName: `${scheme === 'internal' ? 'internal-' : ''}${name}-${number}.${region}.elb.amazonaws.com`,
    canonicalHostedZoneId: canonicalHostedZoneId(region),
    createdAt: clock.now(),
    scheme,
    ...(vpcId === undefined ? {} : { vpcId }),
    subnets,
    securityGroups,
    ipAddressType,
    settings: loadBalancerDefaults,
    tags: tagsOf(input.Tags),
  }
  state.loadBalancers.put(loadBalancer.arn, loadBalancer)
  return loadBalancer
}

export function modifyLoadBalancerAttributes(
  env: Elbv2Context,
  arn: string | undefined,
  attributes: readonly LoadBalancerAttribute[],
): LoadBalancer {
  const loadBalancer = env.state.loadBalancer(arn)
  const changed = put(env, { ...loadBalancer, settings: changeSettings(loadBalancer.settings, attributes) })
  env.dataPlane.refresh()
  return changed
}

export function setSubnets(env: Elbv2Context, input: SetSubnetsInput): LoadBalancer {
  const loadBalancer = env.state.loadBalancer(input.LoadBalancerArn)
  return put(env, {
    ...loadBalancer,
    subnets: subnetsOf(env, input),
    ipAddressType: input.IpAddressType ?? loadBalancer.ipAddressType,
  })
}

/** Members that change in place. */
export function changeLoadBalancer(
  env: Elbv2Context,
  arn: string | undefined,
  change: Partial<Pick<LoadBalancer, 'securityGroups' | 'ipAddressType' | 'tags'>>,
): LoadBalancer {
  return put(env, { ...env.state.loadBalancer(arn), ...change })
}

/** Deletes its listeners and rules with it; target groups stay. */
export async function deleteLoadBalancer(env: Elbv2Context, arn: string | undefined): Promise<void> {
  const loadBalancer = env.state.loadBalancer(arn)
  if (loadBalancer.settings['deletion_protection.enabled'] === 'true') {
    throw operationNotPermitted(
      `Load balancer '${loadBalancer.arn}' cannot be deleted because deletion protection is enabled`,
    )
  }
  await Promise.all(env.state.listenersOf(loadBalancer.arn).map((listener) => closeListener(env, listener)))
  env.state.loadBalancers.delete(loadBalancer.arn)
  env.dataPlane.refresh()
}

function put(env: Elbv2Context, loadBalancer: LoadBalancer): LoadBalancer {
  env.state.loadBalancers.put(loadBalancer.arn, loadBalancer)
  return loadBalancer
}

function subnetsOf(
  env: Elbv2Context,
  input: { Subnets?: string[] | undefined; SubnetMappings?: SubnetMapping[] | undefined },
): LoadBalancer['subnets'] {
  const ids = input.Subnets ?? (input.SubnetMappings ?? []).map((mapping) => mapping.SubnetId ?? '')
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer
  if (new Set(ids).size < 2)
    throw validationError('At least two subnets in two different Availability Zones must be specified')
  return ids.map((id, index) => ({
    id,
    zone: env.subnet(id)?.zone ?? `${env.context.region}${String.fromCharCode(97 + index)}`,
  }))
}

const idsOf = (subnets: LoadBalancer['subnets']) => subnets.map(({ id }) => id)

const sameMembers = (known: readonly string[], asked: readonly string[]) =>
  known.length === asked.length && asked.every((each) => known.includes(each))
