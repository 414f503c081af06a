/**
 * From a request to its target: the first rule by priority whose conditions hold, one of its target groups by
 * weight or cookie, one of the group's targets by the group's algorithm or cookie.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html
 */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Clock } from '../../../../clock.ts'
import { cookieValue } from '../../../../http/cookies.ts'
import type { TargetGroup } from '../../model/model.ts'
import type { State } from '../../model/state.ts'
import { type Condition, compileConditions, type RequestFacts } from '../../rule/conditions.ts'
import { compileTransforms, type Transform } from '../../rule/transforms.ts'
import type { LiveTarget, Targets } from '../target/targets.ts'
import { createAlgorithms } from './algorithms.ts'
import { appCookieName, type createStickiness, setAppCookie, setCookies } from './stickiness.ts'

export interface Route {
  readonly matches: Condition
  readonly action: Action
  readonly transform: Transform | undefined
}

/** What became of a forward action. */
export interface Choice {
  readonly group: TargetGroup | undefined
  readonly target: LiveTarget | undefined
  /** How many there were to choose from. */
  readonly candidates: number
  /** Whether it is one of all targets because too few are healthy. */
  readonly failedOpen: boolean
  /** Whether the group is sticky and no session of the client could be used. */
  readonly nonSticky: boolean
  /** Set-Cookie headers (flat) for the answer. */
  readonly cookies: readonly string[]
  /** More of them, for an answer that sets the application's cookie of that name. */
  readonly ifAppSets: { readonly name: string; readonly cookies: readonly string[] } | undefined
}

export type Routing = ReturnType<typeof createRouting>

export function createRouting(options: {
  state: State
  targets: Targets
  clock: Clock
  random: () => number
  stickiness: ReturnType<typeof createStickiness>
}) {
  const { state, targets, clock, random, stickiness } = options
  const routes = new Map<string, readonly Route[]>()
  const algorithms = createAlgorithms(clock, random)

  function compile(listenerArn: string): readonly Route[] {
    const compiled = state.rulesOf(listenerArn).map((rule) => {
      const action = rule.actions.at(-1)
      if (!action) throw new Error(`invariant: rule ${rule.arn} has an action`)
      return {
        matches: rule.priority === 'default' ? () => true : compileConditions(rule.conditions),
        action,
        transform: compileTransforms(rule.transforms ?? []),
      }
    })
    routes.set(listenerArn, compiled)
    return compiled
  }

  function chooseGroup(
    action: Action,
    cookies: string | undefined,
  ): { arn: string; setCookies: readonly string[] } | undefined {
    const config = action.ForwardConfig
    const groups = config?.TargetGroups ?? []
    const sticky = config?.TargetGroupStickinessConfig
    if (!sticky?.Enabled) {
      const arn = weighted(groups)?.TargetGroupArn
      return arn === undefined ? undefined : { arn, setCookies: none }
    }
    const pinned = cookieValue(cookies, 'AWSALBTG')
    const duration = sticky.DurationSeconds ?? 3600
    const chosen =
      groups.find(
        ({ TargetGroupArn: arn = '', Weight = 1 }) =>
          pinned !== undefined && Weight > 0 && stickiness.matches(pinned, arn, duration),
      ) ?? weighted(groups)
    const arn = chosen?.TargetGroupArn
    return arn === undefined
      ? undefined
      : { arn, setCookies: setCookies('AWSALBTG', stickiness.token(arn), clock.now()) }
  }

  function weighted<T extends { Weight?: number | undefined }>(groups: readonly T[]): T | undefined {
    const only = groups.length === 1 ? groups[0] : undefined
    if (only) return (only.Weight ?? 1) > 0 ? only : undefined
    let total = 0
    for (const group of groups) total += group.Weight ?? 1
    let left = random() * total
    for (const group of groups) {
      left -= group.Weight ?? 1
      if (left < 0) return group
    }
    return undefined
  }

  function chooseTarget(group: TargetGroup, several: boolean, request: Cookies): Choice {
    const { targets: candidates, failedOpen } = targets.candidates(group)
    const { settings } = group
    const app = settings['stickiness.type'] === 'app_cookie'
    // Stickiness by the application's cookie does not work where a rule forwards to several groups.
    const sticky = settings['stickiness.enabled'] === 'true' && !(app && several)
    const choice = { group, candidates: candidates.length, failedOpen, ifAppSets: undefined }
    if (!sticky) {
      const target = algorithms.pick(group, candidates)
      return { ...choice, target, nonSticky: false, cookies: none }
    }
    const pinned = pinnedTarget(group, candidates, app, request)
    const target = pinned ?? algorithms.pick(group, candidates)
    const nonSticky = pinned === undefined
    if (!target) return { ...choice, target, nonSticky, cookies: none }
    const token = stickiness.token(nameOf(target))
    if (!app) return { ...choice, target, nonSticky, cookies: setCookies('AWSALB', token, clock.now()) }
    const cookies = setAppCookie(token, request.userAgent, clock.now())
    if (pinned) return { ...choice, target, nonSticky, cookies }
    const name = settings['stickiness.app_cookie.cookie_name'] ?? ''
    return { ...choice, target, nonSticky, cookies: none, ifAppSets: { name, cookies } }
  }

  /** The target of the client's session, if it still takes requests. */
  function pinnedTarget(
    { settings }: TargetGroup,
    candidates: readonly LiveTarget[],
    app: boolean,
    { cookie }: Cookies,
  ): LiveTarget | undefined {
    const token = cookieValue(cookie, app ? appCookieName : 'AWSALB')
    if (token === undefined) return undefined
    // Both of them have to come back.
    if (app && cookieValue(cookie, settings['stickiness.app_cookie.cookie_name'] ?? '') === undefined) return
    const duration = Number(settings[`stickiness.${app ? 'app' : 'lb'}_cookie.duration_seconds`])
    return candidates.find((each) => stickiness.matches(token, nameOf(each), duration))
  }

  return {
    /** The first rule whose conditions hold. */
    route(listenerArn: string, facts: RequestFacts): Route {
      const compiled = routes.get(listenerArn) ?? compile(listenerArn)
      for (const route of compiled) if (route.matches(facts)) return route
      throw new Error(`invariant: listener ${listenerArn} has a default rule`)
    },

    /** Weighted groups do not stand in for each other: an empty group that is chosen answers 503. */
    choose(action: Action, request: Cookies): Choice {
      const chosen = chooseGroup(action, request.cookie)
      const group = chosen && state.targetGroups.get(chosen.arn)
      if (!chosen || !group) return nothing
      const several = (action.ForwardConfig?.TargetGroups?.length ?? 0) > 1
      const choice = chooseTarget(group, several, request)
      if (chosen.setCookies.length === 0) return choice
      return { ...choice, cookies: [...chosen.setCookies, ...choice.cookies] }
    },

    /** To be called when rules changed: takes effect for the next request. */
    refresh: () => routes.clear(),
  }
}

/** What of a request decides over its session. */
export interface Cookies {
  readonly cookie: string | undefined
  readonly userAgent: string | undefined
}

const none: readonly string[] = []

const nothing: Choice = {
  group: undefined,
  target: undefined,
  candidates: 0,
  failedOpen: false,
  nonSticky: false,
  cookies: none,
  ifAppSets: undefined,
}

const nameOf = ({ targetGroupArn, target }: LiveTarget) => `${targetGroupArn}|${target.id}:${target.port}`
