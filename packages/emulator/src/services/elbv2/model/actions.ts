/**
 * The actions of a rule: checked as AWS checks them, and brought to the one form in which AWS gives them back
 * (a forward always has its ForwardConfig; a single group is named by TargetGroupArn as well).
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Action.html
 */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import { invalidAction, notImplemented, validationError } from './errors.ts'

export interface ForwardedGroup {
  readonly arn: string
  readonly weight: number
}

/** The target groups that the actions forward to, weight 0 included. */
export function forwardedGroups(actions: readonly Action[]): ForwardedGroup[] {
  return actions.flatMap((action) =>
    (action.ForwardConfig?.TargetGroups ?? []).map((group) => ({
      arn: group.TargetGroupArn ?? '',
      weight: group.Weight ?? 1,
    })),
  )
}

/** A forward action to these groups; stickiness stays as it was in `previous`. */
export function forwardTo(groups: readonly ForwardedGroup[], previous?: Action): Action {
  const single = groups.length === 1 ? groups[0] : undefined
  return {
    Type: 'forward',
    ...(previous?.Order === undefined ? {} : { Order: previous.Order }),
    ...(single ? { TargetGroupArn: single.arn } : {}),
    ForwardConfig: {
      TargetGroups: groups.map(({ arn, weight }) => ({ TargetGroupArn: arn, Weight: weight })),
      TargetGroupStickinessConfig: previous?.ForwardConfig?.TargetGroupStickinessConfig ?? { Enabled: false },
    },
  }
}

/** The actions as AWS keeps them, in their order, or the error that AWS answers. */
export function normalizeActions(
  actions: readonly Action[] | undefined,
  groupExists: (arn: string) => void,
): Action[] {
  if (!actions?.length) throw validationError('An action must be specified')
  const sorted = [...actions].sort((a, b) => (a.Order ?? 0) - (b.Order ?? 0))
  const normalized = sorted.map((action) => normalizeAction(action, groupExists))
  const terminal = normalized.filter(
    ({ Type }) => Type === 'forward' || Type === 'redirect' || Type === 'fixed-response',
  )
  if (terminal.length !== 1 || normalized.at(-1) !== terminal[0]) {
    throw invalidAction("The last action must be exactly one 'forward', 'redirect' or 'fixed-response'")
  }
  return normalized
}

function normalizeAction(action: Action, groupExists: (arn: string) => void): Action {
  switch (action.Type) {
    case 'forward':
      return normalizeForward(action, groupExists)
    case 'redirect':
      return normalizeRedirect(action)
    case 'fixed-response':
      return normalizeFixedResponse(action)
    case 'authenticate-cognito':
    case 'authenticate-oidc':
    case 'jwt-validation':
      throw notImplemented(`the action '${action.Type}'`)
    default:
      throw validationError(`Action type '${String(action.Type)}' is not valid`)
  }
}

function normalizeForward(action: Action, groupExists: (arn: string) => void): Action {
  const configured = action.ForwardConfig?.TargetGroups ?? []
  const groups = configured.length > 0 ? configured : [{ TargetGroupArn: action.TargetGroupArn }]
  if (groups.length > 5) throw validationError('You can specify up to 5 target groups per forward action')
  if (
    action.TargetGroupArn !== undefined &&
    configured.some((each) => each.TargetGroupArn !== action.TargetGroupArn)
  ) {
    throw invalidAction('You cannot specify both a target group ARN and a forward configuration that differ')
  }
  const forwarded = groups.map((group) => {
    const arn = group.TargetGroupArn
    if (!arn) throw validationError('A target group ARN must be specified')
    const weight = group.Weight ?? 1
    if (!(Number.isInteger(weight) && weight >= 0 && weight <= 999)) {
      throw validationError(`Weight '${weight}' must be between '0-999' inclusive`)
    }
    groupExists(arn)
    return { arn, weight }
  })
  const stickiness = action.ForwardConfig?.TargetGroupStickinessConfig
  if (
    stickiness?.Enabled &&
    !(Number(stickiness.DurationSeconds) >= 1 && Number(stickiness.DurationSeconds) <= 604_800)
  ) {
    throw validationError("Target group stickiness duration must be between '1-604800' seconds")
  }
  return forwardTo(forwarded, action)
}

function normalizeRedirect(action: Action): Action {
  const redirect = action.RedirectConfig
  if (redirect?.StatusCode !== 'HTTP_301' && redirect?.StatusCode !== 'HTTP_302') {
    throw validationError("A redirect's status code must be one of [HTTP_301, HTTP_302]")
  }
  const full = {
    Protocol: redirect.Protocol ?? '#{protocol}',
    Port: redirect.Port ?? '#{port}',
    Host: redirect.Host ?? '#{host}',
    Path: redirect.Path ?? '/#{path}',
    Query: redirect.Query ?? '#{query}',
    StatusCode: redirect.StatusCode,
  }
  if (
    full.Protocol === '#{protocol}' &&
    full.Port === '#{port}' &&
    full.Host === '#{host}' &&
    full.Path === '/#{path}'
  ) {
    throw invalidAction(
      'The redirect configuration is not valid because it creates a loop: change protocol, port, host or path',
    )
  }
  return { ...pickOrder(action), Type: 'redirect', RedirectConfig: full }
}

function normalizeFixedResponse(action: Action): Action {
  const response = action.FixedResponseConfig
  if (!/^[245]\d\d$/.test(response?.StatusCode ?? '')) {
    throw validationError(
      `Fixed response status code '${response?.StatusCode ?? ''}' must be 2XX, 4XX or 5XX`,
    )
  }
  if ((response?.MessageBody?.length ?? 0) > 1024) {
    throw validationError('The message body of a fixed response can have up to 1024 characters')
  }
  return {
    ...pickOrder(action),
    Type: 'fixed-response',
    FixedResponseConfig: { ContentType: 'text/plain', ...response, StatusCode: response?.StatusCode },
  }
}

const pickOrder = (action: Action) => (action.Order === undefined ? {} : { Order: action.Order })
