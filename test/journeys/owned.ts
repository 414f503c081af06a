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

export interface OwnedState {
  /** Of the service's rules, by port of the listener: 443 is production. */
  readonly weights: Readonly<Record<number, Weights>>
  readonly service: unknown
  readonly suspended: unknown
  /** Id of the current release, by site. */
  readonly pointers: Readonly<Record<string, string | undefined>>
}

/** Of one service, and of all sites. */
export async function ownedState(
  clients: Clients,
  elb: ElasticLoadBalancingV2Client,
  platform: Platform,
  name: string,
): Promise<OwnedState> {
  const manifest = await serviceManifest(clients, platform.name, name)
  const { services: [service] = [] } = await clients.ecs.send(
    new DescribeServicesCommand({ cluster: manifest.cluster, services: [manifest.service] }),
  )
  const { ScalableTargets: [target] = [] } = await clients.autoScaling.send(
    new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs', ResourceIds: [manifest.scalableTarget] }),
  )
  const pointers = platform.sites.map(
    async ({ name }) =>
      [name, await currentRelease(clients, await siteManifest(clients, platform.name, name))] as const,
  )
  return {
    weights: await ruleWeights(elb, platform, name),
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
    pointers: Object.fromEntries(await Promise.all(pointers)),
  }
}

/** By port; the rules of a service are those that forward to its target groups. */
async function ruleWeights(
  elb: ElasticLoadBalancingV2Client,
  platform: Platform,
  service: string,
): Promise<Record<number, Weights>> {
  const { LoadBalancers: [balancer] = [] } = await elb.send(
    new DescribeLoadBalancersCommand({ Names: [loadBalancerName(platform)] }),
  )
  const { Listeners = [] } = await elb.send(
    new DescribeListenersCommand({ LoadBalancerArn: balancer?.LoadBalancerArn }),
  )
  const weights: Record<number, Weights> = {}
  for (const { ListenerArn, Port = 0 } of Listeners) {
    const { Rules = [] } = await elb.send(new DescribeRulesCommand({ ListenerArn }))
    for (const { Actions: [action] = [] } of Rules) {
      for (const { TargetGroupArn = '', Weight = 0 } of action?.ForwardConfig?.TargetGroups ?? []) {
        const [, name, color = ''] = /([^-]+)-(blue|green)\//.exec(TargetGroupArn) ?? []
        if (name === service) weights[Port] = { ...weights[Port], [color]: Weight }
      }
    }
  }
  return weights
}
