/**
 * How traffic reaches a service: two target groups, and a rule on the production and on the test listener, both
 * with host, path and secret header. Both rules forward to both groups from the start (100/0), since CodeDeploy
 * gates on health only in groups that are attached; from then on the deployments own their action.
 */
import { type Color, originHeader, type Service, targetGroupName } from '@baton/config'
import type { LbListener } from '@cdktn/provider-aws/lib/lb-listener/index.js'
import { LbListenerRule } from '@cdktn/provider-aws/lib/lb-listener-rule/index.js'
import { LbTargetGroup } from '@cdktn/provider-aws/lib/lb-target-group/index.js'
import { Construct } from 'constructs'
import { trafficOf } from '../described.ts'
import type { LoadBalancer } from '../network/load-balancer.ts'
import type { Network } from '../network/network.ts'
import type { OriginHeader } from '../security/origin-header.ts'
import { literal } from '../terraform/literal.ts'
import type { BatonStack } from '../terraform/stack.ts'
import { rulePriority } from './rule-priority.ts'

export interface ServiceTraffic {
  readonly blue: LbTargetGroup
  readonly green: LbTargetGroup
  readonly rules: readonly LbListenerRule[]
}

export function serviceTraffic(
  stack: BatonStack,
  service: Service,
  parts: { network: Network; loadBalancer: LoadBalancer; originHeader: OriginHeader },
): ServiceTraffic {
  const scope = new Construct(stack, `traffic-${service.name}`)
  const { platform } = stack
  const { port, hosts, paths, stickinessSeconds, health, drainSeconds } = trafficOf(service)
  const targetGroup = (color: Color) =>
    new LbTargetGroup(scope, `${service.name}_${color}`, {
      name: targetGroupName(platform, service.name, color),
      targetType: 'ip',
      port,
      protocol: 'HTTP',
      protocolVersion: 'HTTP1',
      vpcId: parts.network.vpc.id,
      deregistrationDelay: String(drainSeconds),
      ...(stickinessSeconds === undefined
        ? {}
        : { stickiness: { type: 'lb_cookie', cookieDuration: stickinessSeconds, enabled: true } }),
      healthCheck: {
        enabled: true,
        path: health.path,
        port: 'traffic-port',
        protocol: 'HTTP',
        matcher: '200',
        interval: health.intervalSeconds,
        timeout: health.timeoutSeconds,
        healthyThreshold: health.healthyThreshold,
        unhealthyThreshold: health.unhealthyThreshold,
      },
    })
  const [blue, green] = [targetGroup('blue'), targetGroup('green')]
  const rules = new Construct(scope, 'rules')
  const priority = rulePriority(
    service.name,
    platform.services.map(({ name }) => name),
  )
  const rule = (id: string, listener: LbListener) =>
    new LbListenerRule(rules, id, {
      listenerArn: listener.arn,
      priority,
      condition: [
        { hostHeader: { values: [...hosts] } },
        { pathPattern: { values: paths.map(literal) } },
        { httpHeader: { httpHeaderName: originHeader, values: [...parts.originHeader.accepted] } },
      ],
      action: [
        {
          type: 'forward',
          forward: {
            ...(stickinessSeconds === undefined
              ? {}
              : { stickiness: { enabled: true, duration: stickinessSeconds } }),
            targetGroup: [
              { arn: blue.arn, weight: 100 },
              { arn: green.arn, weight: 0 },
            ],
          },
        },
      ],
      tags: { Name: `${platform.name}-${service.name}` },
      lifecycle: { ignoreChanges: ['action'] },
    })
  return {
    blue,
    green,
    rules: [
      rule(service.name, parts.loadBalancer.production),
      rule(`${service.name}_test`, parts.loadBalancer.test),
    ],
  }
}
