/** Making, changing and deleting target groups, and registering targets with them. */

import { isIP } from 'node:net'
import { isDeepStrictEqual } from 'node:util'
import type {
  CreateTargetGroupInput,
  ModifyTargetGroupInput,
  TargetDescription,
  TargetGroupAttribute,
} from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Target } from '../contract.ts'
import { healthCheckDefaults, targetGroupDefaults } from '../model/attributes.ts'
import type { Elbv2Context } from '../model/context.ts'
import {
  duplicateTargetGroup,
  invalidTarget,
  notImplemented,
  targetGroupInUse,
  validationError,
} from '../model/errors.ts'
import type { HealthCheck, TargetGroup } from '../model/model.ts'
import { checkName, tagsOf } from '../model/tags.ts'
import { changeSettings, checkTargetGroupSettings } from './settings.ts'

/**
 * The same one again is the one that there is, whatever its attributes and tags are.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
 */
export function createTargetGroup(env: Elbv2Context, input: CreateTargetGroupInput): TargetGroup {
  const { context, state } = env
  const name = checkName('Target group', input.Name)
  const targetType = input.TargetType ?? 'instance'
  if (targetType !== 'ip' && targetType !== 'instance')
    throw notImplemented(`target groups of type '${targetType}'`)
  if (input.Protocol === undefined) throw validationError('A protocol must be specified')
  if (input.Protocol !== 'HTTP' && input.Protocol !== 'HTTPS') {
    throw notImplemented(`target groups of protocol '${input.Protocol}'`)
  }
  // The AWS provider sends an empty text where nothing is configured, and AWS takes it for the default.
  const version = input.ProtocolVersion || 'HTTP1'
  if (version !== 'HTTP1') throw notImplemented(`target groups of protocol version '${version}'`)
  if (input.Port === undefined) throw validationError('A port must be specified')
  const asked: Omit<TargetGroup, 'arn' | 'settings' | 'tags'> = {
    name,
    protocol: input.Protocol,
    protocolVersion: 'HTTP1',
    port: input.Port,
    ...(input.VpcId === undefined ? {} : { vpcId: input.VpcId }),
    targetType,
    ipAddressType: input.IpAddressType ?? 'ipv4',
    healthCheck: healthCheckOf(input, healthCheckDefaults),
  }
  const known = state.targetGroups.values().find((each) => each.name === name)
  if (known) {
    const { arn: _arn, settings: _settings, tags: _tags, ...settled } = known
    if (!isDeepStrictEqual(settled, asked)) throw duplicateTargetGroup(name)
    return known
  }
  const group: TargetGroup = {
    ...asked,
    arn: `arn:aws:elasticloadbalancing:${context.region}:${context.accountId}:targetgroup/${name}/${context.ids.hex('', 16)}`,
    settings: targetGroupDefaults,
    tags: tagsOf(input.Tags),
  }
  state.targetGroups.put(group.arn, group)
  return group
}

/** What the input says of the health check; `otherwise` where it says nothing. */
function healthCheckOf(
  input: CreateTargetGroupInput | ModifyTargetGroupInput,
  otherwise: HealthCheck,
): HealthCheck {
  return checkHealthCheck({
    enabled: input.HealthCheckEnabled ?? otherwise.enabled,
    protocol: healthCheckProtocol(input.HealthCheckProtocol ?? otherwise.protocol),
    port: input.HealthCheckPort ?? otherwise.port,
    path: input.HealthCheckPath ?? otherwise.path,
    intervalSeconds: input.HealthCheckIntervalSeconds ?? otherwise.intervalSeconds,
    timeoutSeconds: input.HealthCheckTimeoutSeconds ?? otherwise.timeoutSeconds,
    healthyThreshold: input.HealthyThresholdCount ?? otherwise.healthyThreshold,
    unhealthyThreshold: input.UnhealthyThresholdCount ?? otherwise.unhealthyThreshold,
    matcher: input.Matcher?.HttpCode ?? otherwise.matcher,
  })
}

/** The next health check goes by the changed settings. */
export function modifyTargetGroup(env: Elbv2Context, input: ModifyTargetGroupInput): TargetGroup {
  const group = env.state.targetGroup(input.TargetGroupArn)
  const changed: TargetGroup = {
    ...group,
    healthCheck: healthCheckOf(input, group.healthCheck),
  }
  env.state.targetGroups.put(group.arn, changed)
  env.dataPlane.refresh()
  return changed
}

export function modifyTargetGroupAttributes(
  env: Elbv2Context,
  arn: string | undefined,
  attributes: readonly TargetGroupAttribute[],
): TargetGroup {
  const group = env.state.targetGroup(arn)
  const changed = { ...group, settings: changeSettings(group.settings, attributes) }
  checkTargetGroupSettings(changed.settings)
  env.state.targetGroups.put(group.arn, changed)
  env.dataPlane.refresh()
  return changed
}

/** A group that a rule forwards to cannot be deleted; one with targets can. */
export function deleteTargetGroup(env: Elbv2Context, arn: string | undefined): void {
  const group = env.state.targetGroups.get(arn ?? '')
  // Deleting what does not exist succeeds: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_DeleteTargetGroup.html
  if (!group) return
  if (env.state.associations().has(group.arn)) throw targetGroupInUse(group.arn)
  env.dataPlane.targets.forgetGroup(group.arn)
  env.state.targetGroups.delete(group.arn)
}

export function registerTargets(
  env: Elbv2Context,
  arn: string | undefined,
  targets: readonly TargetDescription[],
): void {
  const group = env.state.targetGroup(arn)
  const checked = targets.map((target) => checkTarget(group, target))
  for (const target of checked) env.dataPlane.targets.register(group, target)
}

/** Starts to drain; the promise is of the end of it. */
export function deregisterTargets(
  env: Elbv2Context,
  arn: string | undefined,
  targets: readonly TargetDescription[],
): Promise<unknown> {
  const group = env.state.targetGroup(arn)
  const registered = targets.flatMap((target) => {
    const members = env.dataPlane.targets.members(group.arn).map((each) => each.target)
    // Without a port all registrations of the id are meant.
    const found = members.filter((each) => each.id === target.Id && each.port === (target.Port ?? each.port))
    if (found.length === 0) {
      throw invalidTarget(
        `The following targets are not registered with the target group: '${target.Id}:${target.Port ?? group.port}'`,
      )
    }
    return found
  })
  return Promise.all(registered.map((target) => env.dataPlane.targets.deregister(group, target)))
}

function checkTarget(group: TargetGroup, target: TargetDescription): Target {
  const id = target.Id ?? ''
  const port = target.Port ?? group.port
  if (group.targetType !== 'ip') throw notImplemented('registering instances; use a target group of type ip')
  if (isIP(id) === 0) throw validationError(`The IP address '${id}' is not a valid IPv4 address`)
  if (port < 1 || port > 65_535)
    throw validationError(`The port '${port}' must be between '1-65535' inclusive`)
  return { id, port }
}

function healthCheckProtocol(protocol: string): HealthCheck['protocol'] {
  if (protocol === 'HTTP' || protocol === 'HTTPS') return protocol
  throw validationError(`Health check protocol '${protocol}' must be one of 'HTTP, HTTPS'`)
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html#health-check-settings */
function checkHealthCheck(check: HealthCheck): HealthCheck {
  const between = (what: string, value: number, from: number, to: number) => {
    if (!(Number.isInteger(value) && value >= from && value <= to)) {
      throw validationError(`${what} '${value}' must be between '${from}-${to}' inclusive`)
    }
  }
  if (!check.enabled)
    throw validationError(
      'Health check enabled must be true for target groups with target type ip or instance',
    )
  between('Health check interval', check.intervalSeconds, 5, 300)
  between('Health check timeout', check.timeoutSeconds, 2, 120)
  between('Healthy threshold count', check.healthyThreshold, 2, 10)
  between('Unhealthy threshold count', check.unhealthyThreshold, 2, 10)
  if (check.timeoutSeconds >= check.intervalSeconds) {
    throw validationError('Health check interval must be greater than the timeout.')
  }
  // It is put into the request line of each check as it is.
  if (!/^\/[\x21-\x7e]{0,1023}$/.test(check.path)) {
    throw validationError(
      `Health check path '${check.path}' must begin with a '/' character, and can only contain printable ASCII characters, without spaces, up to 1024 of them`,
    )
  }
  if (check.port !== 'traffic-port') between('Health check port', Number(check.port), 1, 65_535)
  if (!/^\d{3}([,-]\d{3})*$/.test(check.matcher)) {
    throw validationError(
      `Health check matcher HTTP code '${check.matcher}' must be within '200-499' inclusive`,
    )
  }
  return check
}
