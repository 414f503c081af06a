/** Changing the attributes of load balancers, listeners and target groups: what AWS takes. Defaults: model/attributes.ts. */
import { invalidConfiguration, validationError } from '../model/errors.ts'
import type { Settings } from '../model/model.ts'

/** Bounds of the attributes that are numbers, inclusive. */
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
