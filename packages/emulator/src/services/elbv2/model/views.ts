/** The documents of the store as the API shows them. */
import type * as sdk from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Elbv2Context } from './context.ts'
import type { Listener, LoadBalancer, Rule, TargetGroup } from './model.ts'

export function loadBalancerView(loadBalancer: LoadBalancer): sdk.LoadBalancer {
  return {
    LoadBalancerArn: loadBalancer.arn,
    DNSName: loadBalancer.dnsName,
    CanonicalHostedZoneId: loadBalancer.canonicalHostedZoneId,
    CreatedTime: new Date(loadBalancer.createdAt),
    LoadBalancerName: loadBalancer.name,
    Scheme: loadBalancer.scheme,
    VpcId: loadBalancer.vpcId,
    State: { Code: 'active' },
    Type: 'application',
    AvailabilityZones: zonesView(loadBalancer),
    SecurityGroups: [...loadBalancer.securityGroups],
    IpAddressType: loadBalancer.ipAddressType as sdk.IpAddressType,
  }
}

export const zonesView = ({ subnets }: LoadBalancer): sdk.AvailabilityZone[] =>
  subnets.map(({ id, zone }) => ({ ZoneName: zone, SubnetId: id, LoadBalancerAddresses: [] }))

export function listenerView({ state }: Elbv2Context, listener: Listener): sdk.Listener {
  return {
    ListenerArn: listener.arn,
    LoadBalancerArn: listener.loadBalancerArn,
    Port: listener.port,
    Protocol: listener.protocol,
    DefaultActions: [...state.defaultRule(listener.arn).actions],
    ...(listener.protocol === 'HTTPS'
      ? {
          Certificates: [{ CertificateArn: listener.certificateArn }],
          SslPolicy: listener.sslPolicy,
          MutualAuthentication: { Mode: 'off' },
        }
      : {}),
  }
}

export function ruleView(rule: Rule): sdk.Rule {
  return {
    RuleArn: rule.arn,
    Priority: String(rule.priority),
    Conditions: [...rule.conditions],
    Actions: [...rule.actions],
    IsDefault: rule.priority === 'default',
    Transforms: [...(rule.transforms ?? [])],
  }
}

export function targetGroupView({ state }: Elbv2Context, group: TargetGroup): sdk.TargetGroup {
  const check = group.healthCheck
  return {
    TargetGroupArn: group.arn,
    TargetGroupName: group.name,
    Protocol: group.protocol,
    Port: group.port,
    VpcId: group.vpcId,
    HealthCheckProtocol: check.protocol,
    HealthCheckPort: check.port,
    HealthCheckEnabled: check.enabled,
    HealthCheckIntervalSeconds: check.intervalSeconds,
    HealthCheckTimeoutSeconds: check.timeoutSeconds,
    HealthyThresholdCount: check.healthyThreshold,
    UnhealthyThresholdCount: check.unhealthyThreshold,
    HealthCheckPath: check.path,
    Matcher: { HttpCode: check.matcher },
    LoadBalancerArns: [...(state.associations().get(group.arn) ?? [])],
    TargetType: group.targetType,
    ProtocolVersion: group.protocolVersion,
    IpAddressType: group.ipAddressType as sdk.TargetGroupIpAddressTypeEnum,
  }
}
