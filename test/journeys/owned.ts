/**
 * What deployments own on a platform, read through AWS's own APIs, so that a journey can hold the state before an
 * apply against the state after it: weights of the listener rules, task sets, count, scaling, the sites' pointers.
 */
import { DescribeScalableTargetsCommand } from '@aws-sdk/client-application-auto-scaling'
import { DescribeServicesCommand } from '@aws-sdk/client-ecs'
import {
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  type ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import { loadBalancerName, type Platform } from '../../packages/config/src/index.ts'
import {
  type Clients,
  currentRelease,
  serviceManifest,
  siteManifest,
} from '../../packages/release/src/index.ts'

/** Weight in percent by color of the target group. */
export type Weights = Readonly<Record<string, number>>

export interface ServiceState {
  /** By port of the listener: 443 is production. */
  readonly weights: Readonly<Record<number, Weights>>
  readonly service: unknown
  readonly suspended: unknown
}

export interface OwnedState {
  readonly services: Readonly<Record<string, ServiceState>>
  /** Id of the current release, by site. */
  readonly pointers: Readonly<Record<string, string | undefined>>
}

export async function ownedState(
  clients: Clients,
  elb: ElasticLoadBalancingV2Client,
  platform: Platform,
): Promise<OwnedState> {
  const weights = await ruleWeights(elb, platform)
  const services = platform.services.map(async ({ name }) => {
    const manifest = await serviceManifest(clients, platform.name, name)
    const { services: [service] = [] } = await clients.ecs.send(
      new DescribeServicesCommand({ cluster: manifest.cluster, services: [manifest.service] }),
    )
    const { ScalableTargets: [target] = [] } = await clients.autoScaling.send(
      new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs', ResourceIds: [manifest.scalableTarget] }),
    )
    const state: ServiceState = {
      weights: weights.get(name) ?? {},
      service: {
        taskDefinition: service?.taskDefinition,
        desiredCount: service?.desiredCount,
        loadBalancers: service?.loadBalancers,
        // Those that drain go away by themselves, and counts of running tasks move by themselves.
        taskSets: service?.taskSets
          ?.filter(({ status }) => status !== 'DRAINING')
          .map(({ id, status, taskDefinition, loadBalancers, scale }) => ({
            ...{ id, status, taskDefinition, loadBalancers, scale },
          })),
      },
      suspended: target?.SuspendedState,
    }
    return [name, state] as const
  })
  const pointers = platform.sites.map(
    async ({ name }) =>
      [name, await currentRelease(clients, await siteManifest(clients, platform.name, name))] as const,
  )
  return {
    services: Object.fromEntries(await Promise.all(services)),
    pointers: Object.fromEntries(await Promise.all(pointers)),
  }
}

/** By service, found by the target groups that its rules forward to. */
async function ruleWeights(elb: ElasticLoadBalancingV2Client, platform: Platform) {
  const { LoadBalancers: [balancer] = [] } = await elb.send(
    new DescribeLoadBalancersCommand({ Names: [loadBalancerName(platform)] }),
  )
  const { Listeners = [] } = await elb.send(
    new DescribeListenersCommand({ LoadBalancerArn: balancer?.LoadBalancerArn }),
  )
  const weights = new Map<string, Record<number, Weights>>()
  for (const { ListenerArn, Port = 0 } of Listeners) {
    const { Rules = [] } = await elb.send(new DescribeRulesCommand({ ListenerArn }))
    for (const { Actions: [action] = [] } of Rules) {
      const groups = (action?.ForwardConfig?.TargetGroups ?? []).map(
        ({ TargetGroupArn = '', Weight = 0 }) => {
          const [, service = '', color = ''] = /([^-]+)-(blue|green)\//.exec(TargetGroupArn) ?? []
          return { service, color, weight: Weight }
        },
      )
      const service = groups[0]?.service
      if (service === undefined) continue
      const byColor = Object.fromEntries(groups.map(({ color, weight }) => [color, weight]))
      weights.set(service, { ...weights.get(service), [Port]: byColor })
    }
  }
  return weights
}
