/**
 * The attributes of load balancers, listeners and target groups, with AWS's defaults. The keys are the API's.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
 */
import { invalidConfiguration, validationError } from '../model/errors.ts'
import type { Settings } from '../model/model.ts'

export const loadBalancerDefaults: Settings = {
  'access_logs.s3.enabled': 'false',
  'access_logs.s3.bucket': '',
  'access_logs.s3.prefix': '',
  'client_keep_alive.seconds': '3600',
  'connection_logs.s3.enabled': 'false',
  'connection_logs.s3.bucket': '',
  'connection_logs.s3.prefix': '',
  'deletion_protection.enabled': 'false',
  'health_check_logs.s3.enabled': 'false',
  'health_check_logs.s3.bucket': '',
  'health_check_logs.s3.prefix': '',
  'idle_timeout.timeout_seconds': '60',
  'load_balancing.cross_zone.enabled': 'true',
  'routing.http.desync_mitigation_mode': 'defensive',
  'routing.http.drop_invalid_header_fields.enabled': 'false',
  'routing.http.preserve_host_header.enabled': 'false',
  'routing.http.x_amzn_tls_version_and_cipher_suite.enabled': 'false',
  'routing.http.xff_client_port.enabled': 'false',
  'routing.http.xff_header_processing.mode': 'append',
  'routing.http2.enabled': 'true',
  'waf.fail_open.enabled': 'false',
  'zonal_shift.config.enabled': 'false',
}

export const listenerDefaults: Settings = {
  'routing.http.response.server.enabled': 'true',
  'routing.http.response.strict_transport_security.header_value': '',
  'routing.http.response.access_control_allow_origin.header_value': '',
  'routing.http.response.access_control_allow_methods.header_value': '',
  'routing.http.response.access_control_allow_headers.header_value': '',
  'routing.http.response.access_control_allow_credentials.header_value': '',
  'routing.http.response.access_control_expose_headers.header_value': '',
  'routing.http.response.access_control_max_age.header_value': '',
  'routing.http.response.content_security_policy.header_value': '',
  'routing.http.response.x_content_type_options.header_value': '',
  'routing.http.response.x_frame_options.header_value': '',
}

export const targetGroupDefaults: Settings = {
  'deregistration_delay.timeout_seconds': '300',
  'load_balancing.algorithm.type': 'round_robin',
  'load_balancing.algorithm.anomaly_mitigation': 'off',
  'load_balancing.cross_zone.enabled': 'use_load_balancer_configuration',
  'slow_start.duration_seconds': '0',
  'stickiness.enabled': 'false',
  'stickiness.type': 'lb_cookie',
  'stickiness.app_cookie.cookie_name': '',
  'stickiness.app_cookie.duration_seconds': '86400',
  'stickiness.lb_cookie.duration_seconds': '86400',
  'target_group_health.dns_failover.minimum_healthy_targets.count': '1',
  'target_group_health.dns_failover.minimum_healthy_targets.percentage': 'off',
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': '1',
  'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage': 'off',
}

/** Bounds of the numbers among them, inclusive. */
const bounds: Readonly<Record<string, readonly [number, number]>> = {
  'idle_timeout.timeout_seconds': [1, 4000],
  'client_keep_alive.seconds': [60, 604_800],
  'deregistration_delay.timeout_seconds': [0, 3600],
  'stickiness.lb_cookie.duration_seconds': [1, 604_800],
  'stickiness.app_cookie.duration_seconds': [1, 604_800],
}

const choices: Readonly<Record<string, readonly string[]>> = {
  'load_balancing.algorithm.anomaly_mitigation': ['on', 'off'],
  'load_balancing.algorithm.type': ['round_robin', 'least_outstanding_requests', 'weighted_random'],
  'routing.http.desync_mitigation_mode': ['monitor', 'defensive', 'strictest'],
  'routing.http.xff_header_processing.mode': ['append', 'preserve', 'remove'],
  'stickiness.type': ['lb_cookie', 'app_cookie'],
}

/** `current` with `changes`, or the `ValidationError` that AWS would answer. */
export function changeSettings(
  current: Settings,
  changes: readonly { Key?: string | undefined; Value?: string | undefined }[],
): Settings {
  const changed: Record<string, string> = { ...current }
  for (const { Key: key = '', Value: value = '' } of changes) {
    if (!(key in current)) throw validationError(`Attribute key '${key}' is not recognized`)
    const bound = bounds[key]
    if (
      bound &&
      !(Number.isInteger(Number(value)) && Number(value) >= bound[0] && Number(value) <= bound[1])
    ) {
      throw validationError(`'${key}' value '${value}' must be between '${bound[0]}-${bound[1]}' inclusive`)
    }
    const choice = choices[key]
    if (choice && !choice.includes(value)) {
      throw validationError(`'${key}' value '${value}' must be one of [${choice.join(', ')}]`)
    }
    if (key.endsWith('.enabled') && current[key] !== 'use_load_balancer_configuration') {
      if (value !== 'true' && value !== 'false') {
        throw validationError(`'${key}' value '${value}' must be one of [true, false]`)
      }
    }
    if (
      key === 'slow_start.duration_seconds' &&
      value !== '0' &&
      !(Number.isInteger(Number(value)) && Number(value) >= 30 && Number(value) <= 900)
    ) {
      throw validationError(`'${key}' must be between '30-900' inclusive, or 0 to disable it`)
    }
    changed[key] = value
  }
  return changed
}

/**
 * Throws where a target group cannot have these attributes together, whichever of them was changed last.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#slow-start-mode
 */
export function checkTargetGroupSettings(settings: Settings): void {
  const algorithm = settings['load_balancing.algorithm.type'] ?? 'round_robin'
  if (settings['slow_start.duration_seconds'] !== '0' && algorithm !== 'round_robin') {
    const named = algorithm.replaceAll('_', ' ')
    throw invalidConfiguration(`You cannot enable both slow start and ${named} algorithm on a target group`)
  }
  if (settings['load_balancing.algorithm.anomaly_mitigation'] === 'on' && algorithm !== 'weighted_random') {
    throw invalidConfiguration('Anomaly mitigation is only available with the weighted random algorithm')
  }
  if (settings['stickiness.app_cookie.cookie_name']?.startsWith('AWSALB')) {
    throw validationError("The name of an application cookie cannot start with 'AWSALB'")
  }
}

export const toAttributes = (settings: Settings) =>
  Object.entries(settings).map(([Key, Value]) => ({ Key, Value }))
