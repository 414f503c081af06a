/**
 * aws_lb_target_group and aws_lb_target_group_attachment.
 * https://github.com/hashicorp/terraform-provider-aws/blob/main/website/docs/r/lb_target_group.html.markdown
 */
import {
  type AttributeSpecs,
  type Attributes,
  block,
  computed,
  ignored,
  implemented,
  type ResourceType,
} from '../../../terraform/type/resource-type.ts'
import {
  createTargetGroup,
  deleteTargetGroup,
  deregisterTargets,
  modifyTargetGroup,
  modifyTargetGroupAttributes,
  registerTargets,
} from '../control/target-groups.ts'
import { providerHealthCheckDefaults as checkDefaults, targetGroupDefaults } from '../model/attributes.ts'
import type { Elbv2Context } from '../model/context.ts'
import { duplicateTargetGroup } from '../model/errors.ts'
import { arnSuffix, type TargetGroup } from '../model/model.ts'
import { changeTags } from '../model/tags.ts'
import { allTags, blocks, flag, integer, onlyBlock, settingChanges, tagRecord, text } from './values.ts'

const notNetwork = 'for other types of load balancers'
const noDns = 'there is one node: its name never fails over'
const minimumHealthy = 'target_group_health.unhealthy_state_routing.minimum_healthy_targets'
const oneNode = 'one node stands for all zones'

const attributes: AttributeSpecs = {
  name: implemented({ forceNew: true, computed: true }),
  name_prefix: implemented({ forceNew: true, computed: true }),
  port: implemented({ forceNew: true }),
  protocol: implemented({ forceNew: true }),
  protocol_version: implemented({ forceNew: true, computed: true }),
  vpc_id: ignored('targets are reached over loopback', { forceNew: true }),
  target_type: implemented({ forceNew: true, default: 'instance' }),
  ip_address_type: ignored('targets are reached over IPv4 loopback', { forceNew: true, computed: true }),
  deregistration_delay: implemented({ default: targetGroupDefaults['deregistration_delay.timeout_seconds'] }),
  slow_start: implemented({ default: Number(targetGroupDefaults['slow_start.duration_seconds']) }),
  load_balancing_algorithm_type: implemented({ computed: true }),
  load_balancing_anomaly_mitigation: ignored('anomalies are not looked for', { computed: true }),
  load_balancing_cross_zone_enabled: ignored(oneNode, { computed: true }),
  connection_termination: ignored(notNetwork, { computed: true }),
  preserve_client_ip: ignored(notNetwork, { computed: true }),
  proxy_protocol_v2: ignored(notNetwork, { default: false }),
  lambda_multi_value_headers_enabled: ignored('for Lambda targets', { default: false }),
  health_check: block(
    {
      enabled: implemented({ default: checkDefaults.enabled }),
      healthy_threshold: implemented({ default: checkDefaults.healthyThreshold }),
      unhealthy_threshold: implemented({ default: checkDefaults.unhealthyThreshold }),
      interval: implemented({ default: checkDefaults.intervalSeconds }),
      timeout: implemented({ computed: true }),
      matcher: implemented({ computed: true }),
      path: implemented({ computed: true }),
      port: implemented({ default: checkDefaults.port }),
      protocol: implemented({ default: checkDefaults.protocol }),
    },
    { maxItems: 1, computed: true },
  ),
  stickiness: block(
    {
      type: implemented(),
      enabled: implemented({ default: true }),
      cookie_duration: implemented({
        default: Number(targetGroupDefaults['stickiness.lb_cookie.duration_seconds']),
      }),
      cookie_name: implemented(),
    },
    { maxItems: 1, computed: true },
  ),
  target_failover: block(
    { on_deregistration: ignored(notNetwork), on_unhealthy: ignored(notNetwork) },
    { computed: true },
  ),
  target_group_health: block(
    {
      dns_failover: block(
        { minimum_healthy_targets_count: ignored(noDns), minimum_healthy_targets_percentage: ignored(noDns) },
        { maxItems: 1 },
      ),
      unhealthy_state_routing: block(
        {
          minimum_healthy_targets_count: implemented({
            default: Number(targetGroupDefaults[`${minimumHealthy}.count`]),
          }),
          minimum_healthy_targets_percentage: implemented({
            default: targetGroupDefaults[`${minimumHealthy}.percentage`],
          }),
        },
        { maxItems: 1 },
      ),
    },
    { maxItems: 1, computed: true },
  ),
  target_health_state: block(
    {
      enable_unhealthy_connection_termination: ignored(notNetwork),
      unhealthy_draining_interval: ignored(notNetwork),
    },
    { computed: true },
  ),
  tags: implemented(),
  tags_all: computed(),
  id: computed(),
  arn: computed(),
  arn_suffix: computed(),
  load_balancer_arns: computed(),
}

export function targetGroupType(env: Elbv2Context): ResourceType {
  return {
    type: 'aws_lb_target_group',
    attributes,
    create(planned) {
      const prefix = text(planned, 'name_prefix') ?? 'tf-'
      const name = text(planned, 'name') ?? `${prefix}${env.context.ids.hex('', 26)}`.slice(0, 32)
      // The API would take one that is the same for the same; the provider looks first, and never takes it over.
      if (env.state.targetGroups.values().some((known) => known.name === name))
        throw duplicateTargetGroup(name)
      const group = createTargetGroup(env, {
        Name: name,
        Port: integer(planned, 'port'),
        Protocol: text(planned, 'protocol') as 'HTTP' | 'HTTPS' | undefined,
        ProtocolVersion: text(planned, 'protocol_version'),
        VpcId: text(planned, 'vpc_id'),
        TargetType: text(planned, 'target_type') as 'ip' | 'instance' | undefined,
        ...healthCheckInput(planned),
        Tags: allTags(planned),
      })
      return attributesOf(env, planned, modifyTargetGroupAttributes(env, group.arn, changes(planned)))
    },
    read(prior) {
      const group = env.state.targetGroups.get(String(prior.id))
      return group && attributesOf(env, prior, group)
    },
    update(planned, prior) {
      const arn = String(prior.id)
      modifyTargetGroup(env, { TargetGroupArn: arn, ...healthCheckInput(planned) })
      changeTags(env, arn, () => tagRecord(planned))
      const group = modifyTargetGroupAttributes(env, arn, changes(planned))
      return attributesOf(env, { ...prior, ...planned }, group)
    },
    delete: (prior) => deleteTargetGroup(env, String(prior.id)),
  }
}

function healthCheckInput(planned: Attributes) {
  const check = onlyBlock(planned, 'health_check')
  return {
    HealthCheckEnabled: flag(check, 'enabled') ?? checkDefaults.enabled,
    HealthCheckProtocol: (text(check, 'protocol') ?? checkDefaults.protocol) as 'HTTP' | 'HTTPS',
    HealthCheckPort: text(check, 'port') ?? checkDefaults.port,
    HealthCheckPath: text(check, 'path') ?? checkDefaults.path,
    HealthCheckIntervalSeconds: integer(check, 'interval') ?? checkDefaults.intervalSeconds,
    HealthCheckTimeoutSeconds: integer(check, 'timeout') ?? checkDefaults.timeoutSeconds,
    HealthyThresholdCount: integer(check, 'healthy_threshold') ?? checkDefaults.healthyThreshold,
    UnhealthyThresholdCount: integer(check, 'unhealthy_threshold') ?? checkDefaults.unhealthyThreshold,
    Matcher: { HttpCode: text(check, 'matcher') ?? checkDefaults.matcher },
  }
}

function changes(planned: Attributes) {
  const stickiness = onlyBlock(planned, 'stickiness')
  const routing = onlyBlock(onlyBlock(planned, 'target_group_health'), 'unhealthy_state_routing')
  const application = text(stickiness, 'type') === 'app_cookie'
  return [
    ...settingChanges(planned, {
      deregistration_delay: 'deregistration_delay.timeout_seconds',
      slow_start: 'slow_start.duration_seconds',
      load_balancing_algorithm_type: 'load_balancing.algorithm.type',
    }),
    ...(routing
      ? settingChanges(routing, {
          minimum_healthy_targets_count: `${minimumHealthy}.count`,
          minimum_healthy_targets_percentage: `${minimumHealthy}.percentage`,
        })
      : []),
    ...(stickiness
      ? [
          { Key: 'stickiness.enabled', Value: String(flag(stickiness, 'enabled') ?? true) },
          {
            Key: 'stickiness.type',
            Value: text(stickiness, 'type') ?? targetGroupDefaults['stickiness.type'],
          },
          {
            Key: `stickiness.${application ? 'app' : 'lb'}_cookie.duration_seconds`,
            Value:
              text(stickiness, 'cookie_duration') ??
              targetGroupDefaults['stickiness.lb_cookie.duration_seconds'],
          },
          ...(application
            ? [{ Key: 'stickiness.app_cookie.cookie_name', Value: text(stickiness, 'cookie_name') ?? '' }]
            : []),
        ]
      : []),
  ]
}

function attributesOf(env: Elbv2Context, base: Attributes, group: TargetGroup): Attributes {
  const { healthCheck: check } = group
  // A group of before an attribute was known does not have it.
  const settings = { ...targetGroupDefaults, ...group.settings }
  const application = settings['stickiness.type'] === 'app_cookie'
  return {
    ...base,
    id: group.arn,
    arn: group.arn,
    arn_suffix: arnSuffix(group.arn),
    name: group.name,
    port: group.port,
    protocol: group.protocol,
    protocol_version: group.protocolVersion,
    vpc_id: group.vpcId ?? null,
    target_type: group.targetType,
    ip_address_type: group.ipAddressType,
    deregistration_delay: settings['deregistration_delay.timeout_seconds'],
    slow_start: Number(settings['slow_start.duration_seconds']),
    load_balancing_algorithm_type: settings['load_balancing.algorithm.type'],
    load_balancing_anomaly_mitigation: settings['load_balancing.algorithm.anomaly_mitigation'],
    load_balancing_cross_zone_enabled: settings['load_balancing.cross_zone.enabled'],
    health_check: [
      {
        enabled: check.enabled,
        healthy_threshold: check.healthyThreshold,
        unhealthy_threshold: check.unhealthyThreshold,
        interval: check.intervalSeconds,
        timeout: check.timeoutSeconds,
        matcher: check.matcher,
        path: check.path,
        port: check.port,
        protocol: check.protocol,
      },
    ],
    stickiness: [
      {
        enabled: settings['stickiness.enabled'] === 'true',
        type: settings['stickiness.type'],
        cookie_duration: Number(settings[`stickiness.${application ? 'app' : 'lb'}_cookie.duration_seconds`]),
        cookie_name: application ? settings['stickiness.app_cookie.cookie_name'] : null,
      },
    ],
    target_group_health: [
      {
        dns_failover: [{ minimum_healthy_targets_count: '1', minimum_healthy_targets_percentage: 'off' }],
        unhealthy_state_routing: [
          {
            minimum_healthy_targets_count: Number(settings[`${minimumHealthy}.count`]),
            minimum_healthy_targets_percentage: settings[`${minimumHealthy}.percentage`],
          },
        ],
      },
    ],
    target_failover: blocks(base, 'target_failover'),
    target_health_state: blocks(base, 'target_health_state'),
    load_balancer_arns: [...(env.state.associations().get(group.arn) ?? [])],
    tags_all: { ...group.tags },
  }
}

/** A target that Terraform registers. */
export function targetGroupAttachmentType(env: Elbv2Context): ResourceType {
  const target = (attributes: Attributes) => {
    const group = env.state.targetGroups.get(String(attributes.target_group_arn))
    return { group, id: String(attributes.target_id), port: integer(attributes, 'port') ?? group?.port ?? 0 }
  }
  const live = (attributes: Attributes) => {
    const { group, id, port } = target(attributes)
    const found = group && env.dataPlane.targets.find(group.arn, { id, port })
    return found && found.health.state !== 'draining' ? found : undefined
  }
  return {
    type: 'aws_lb_target_group_attachment',
    attributes: {
      target_group_arn: implemented({ forceNew: true }),
      target_id: implemented({ forceNew: true }),
      port: implemented({ forceNew: true }),
      availability_zone: ignored(oneNode, { forceNew: true }),
      quic_server_id: ignored(notNetwork, { forceNew: true }),
      id: computed(),
    },
    create(planned) {
      const { id, port } = target(planned)
      registerTargets(env, text(planned, 'target_group_arn'), [{ Id: id, Port: port }])
      return { ...planned, id: `${String(planned.target_group_arn)}-${env.context.ids.hex('', 26)}` }
    },
    read: (prior) => (live(prior) ? prior : undefined),
    delete(prior) {
      const { id, port } = target(prior)
      // The provider does not wait for the end of draining either.
      if (live(prior)) void deregisterTargets(env, text(prior, 'target_group_arn'), [{ Id: id, Port: port }])
    },
  }
}
