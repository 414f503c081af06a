/**
 * From a request to its target: the first rule by priority whose conditions hold, one of its target groups by
 * weight or cookie, one of the group's targets by the group's algorithm or cookie.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-listeners.html
 */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Clock } from '../../../clock.ts'
import { type Condition, compileConditions, type RequestFacts } from '../conditions.ts'
import type { TargetGroup } from '../model.ts'
import type { State } from '../state.ts'
import { cookieValue, setCookies, stickyToken } from './stickiness.ts'
import type { LiveTarget, Targets } from './targets.ts'

interface Route {
  readonly matches: Condition
  readonly action: Action
}

/** What became of a forward action. */
export interface Choice {
  readonly group: TargetGroup | undefined
  readonly target: LiveTarget | undefined
  /** Set-Cookie headers (flat) for the answer. */
  readonly cookies: readonly string[]
}

export type Routing = ReturnType<typeof createRouting>

export function createRouting(options: {
  state: State
  targets: Targets
  clock: Clock
  random: () => number
}) {
  const { state, targets, clock, random } = options
  const routes = new Map<string, readonly Route[]>()
  const turns = new Map<string, number>()

  function compile(listenerArn: string): readonly Route[] {
    const compiled = state.rulesOf(listenerArn).map((rule) => {
      const action = rule.actions.at(-1)
      if (!action) throw new Error(`invariant: rule ${rule.arn} has an action`)
      return {
        matches: rule.priority === 'default' ? () => true : compileConditions(rule.conditions),
        action,
      }
    })
    routes.set(listenerArn, compiled)
    return compiled
  }

  function chooseGroup(
    action: Action,
    cookies: string | undefined,
  ): { arn: string; setCookies: string[] } | undefined {
    const config = action.ForwardConfig
    const groups = (config?.TargetGroups ?? []).filter((group) => (group.Weight ?? 1) > 0)
    const sticky = config?.TargetGroupStickinessConfig
    const pinned = sticky?.Enabled ? cookieValue(cookies, 'AWSALBTG') : undefined
    const chosen =
      groups.find((group) => pinned !== undefined && stickyToken(group.TargetGroupArn ?? '') === pinned) ??
      weighted(groups)
    if (!chosen?.TargetGroupArn) return undefined
    const arn = chosen.TargetGroupArn
    return {
      arn,
      setCookies: sticky?.Enabled
        ? setCookies('AWSALBTG', stickyToken(arn), sticky.DurationSeconds ?? 3600, clock.now())
        : [],
    }
  }

  function weighted<T extends { Weight?: number | undefined }>(groups: readonly T[]): T | undefined {
    if (groups.length < 2) return groups[0]
    const total = groups.reduce((sum, group) => sum + (group.Weight ?? 1), 0)
    let left = random() * total
    for (const group of groups) {
      left -= group.Weight ?? 1
      if (left < 0) return group
    }
    return groups.at(-1)
  }

  function chooseTarget(
    group: TargetGroup,
    cookies: string | undefined,
  ): { target: LiveTarget | undefined; setCookies: string[] } {
    const candidates = targets.candidates(group)
    const { settings } = group
    // Application cookies pin as well, by a cookie of the balancer's beside the application's.
    const appCookie = settings['stickiness.type'] === 'app_cookie'
    const name = appCookie ? 'AWSALBAPP-0' : 'AWSALB'
    const sticky = settings['stickiness.enabled'] === 'true'
    const pinned = sticky ? cookieValue(cookies, name) : undefined
    const target =
      candidates.find((each) => pinned !== undefined && tokenOf(each) === pinned) ?? pick(group, candidates)
    if (!sticky || !target) return { target, setCookies: [] }
    const duration = Number(settings[`stickiness.${appCookie ? 'app' : 'lb'}_cookie.duration_seconds`])
    return { target, setCookies: setCookies(name, tokenOf(target), duration, clock.now()) }
  }

  function pick(group: TargetGroup, candidates: readonly LiveTarget[]): LiveTarget | undefined {
    if (candidates.length < 2) return candidates[0]
    switch (group.settings['load_balancing.algorithm.type']) {
      case 'least_outstanding_requests':
        return leastOutstanding(candidates)
      case 'weighted_random':
        return candidates[Math.floor(random() * candidates.length)]
      default:
        return roundRobin(group, candidates)
    }
  }

  function roundRobin(group: TargetGroup, candidates: readonly LiveTarget[]): LiveTarget | undefined {
    const rampMs = clock.toReal(Number(group.settings['slow_start.duration_seconds']) * 1000)
    let turn = turns.get(group.arn) ?? 0
    let chosen = candidates[turn % candidates.length]
    // A target in slow start takes its turn as often as it is far: linear, and only beside one that is out of it.
    const share = (target: LiveTarget) => (clock.now() - target.healthySince) / rampMs
    if (rampMs > 0 && candidates.some((each) => share(each) >= 1)) {
      for (let skipped = 0; chosen && skipped < candidates.length && random() > share(chosen); skipped++) {
        chosen = candidates[++turn % candidates.length]
      }
    }
    turns.set(group.arn, (turn + 1) % candidates.length)
    return chosen
  }

  function leastOutstanding(candidates: readonly LiveTarget[]): LiveTarget | undefined {
    const least = Math.min(...candidates.map((each) => each.inFlight.size))
    const idlest = candidates.filter((each) => each.inFlight.size === least)
    return idlest[Math.floor(random() * idlest.length)]
  }

  return {
    /** The action of the first rule whose conditions hold. */
    action(listenerArn: string, facts: RequestFacts): Action {
      const compiled = routes.get(listenerArn) ?? compile(listenerArn)
      const found = compiled.find((route) => route.matches(facts))
      if (!found) throw new Error(`invariant: listener ${listenerArn} has a default rule`)
      return found.action
    },

    /** Weighted groups do not stand in for each other: an empty group that is chosen answers 503. */
    choose(action: Action, cookies: string | undefined): Choice {
      const chosen = chooseGroup(action, cookies)
      const group = chosen && state.targetGroups.get(chosen.arn)
      if (!chosen || !group) return { group: undefined, target: undefined, cookies: [] }
      const { target, setCookies: targetCookies } = chooseTarget(group, cookies)
      return { group, target, cookies: [...chosen.setCookies, ...targetCookies] }
    },

    /** To be called when rules changed: takes effect for the next request. */
    refresh: () => routes.clear(),
  }
}

const tokenOf = ({ targetGroupArn, target }: LiveTarget) =>
  stickyToken(`${targetGroupArn}|${target.id}:${target.port}`)
