/**
 * Where a request comes in: it is refused, answered by the balancer itself, or given a target. What fails later is
 * answered, counted and told here too.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Viewer } from '../../../service.ts'
import { type RequestFacts, requestFacts } from '../conditions.ts'
import type { Listener, LoadBalancer } from '../model.ts'
import type { State } from '../state.ts'
import { type Answer, fixedResponse, redirect, send } from './answers.ts'
import type { FailureLog } from './failure-log.ts'
import type { Failure } from './failures.ts'
import { responseOverrides } from './headers.ts'
import type { RequestMetrics } from './request-metrics.ts'
import type { Choice, Routing } from './routing.ts'
import type { LiveTarget } from './targets.ts'

interface Place {
  readonly listener: Listener
  readonly loadBalancer: LoadBalancer
}

/** A request that has a target. */
export interface Forward extends Place {
  readonly facts: RequestFacts
  readonly choice: Choice
  readonly live: LiveTarget
  readonly viewer: Viewer
}

export interface Entrance {
  /** The target for a request; undefined where the request has been answered without one. */
  admit(
    listenerArn: string,
    request: IncomingMessage,
    response: ServerResponse,
    viewer: Viewer,
  ): Forward | undefined
  /** Answers a request whose target failed; an answer that has begun is cut. */
  fail(forward: Forward, response: ServerResponse, failure: Failure): void
  /** The client went away before its answer began: 460 in AWS's books, nobody to answer to. */
  abandoned(forward: Forward): void
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-463-issues */
const maxForwardedFor = 30
/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
const maxLine = 16 * 1024

export function createEntrance(options: {
  state: State
  routing: Routing
  metrics: RequestMetrics
  failures: FailureLog
}): Entrance {
  const { state, routing, metrics, failures } = options

  function answer(place: Place, response: ServerResponse, own: Answer, targetGroupArn?: string): void {
    metrics.ownAnswer(place.loadBalancer.arn, own.status, targetGroupArn)
    send(response, own, responseOverrides(place.listener))
  }

  function perform(
    place: Place,
    action: Action,
    facts: RequestFacts,
    response: ServerResponse,
    viewer: Viewer,
  ) {
    const kind = action.Type === 'redirect' ? 'redirect' : 'fixed-response'
    metrics.action(place.loadBalancer.arn, kind)
    answer(place, response, kind === 'redirect' ? redirect(action, facts, viewer) : fixedResponse(action))
  }

  function noTarget(place: Place, choice: Choice, facts: RequestFacts, response: ServerResponse): void {
    failures.add({
      status: 503,
      reason: 'the target group that was chosen has no target that takes requests',
      loadBalancer: place.loadBalancer.name,
      targetGroupArn: choice.group?.arn,
      facts,
    })
    answer(place, response, { status: 503 }, choice.group?.arn)
  }

  return {
    admit(listenerArn, request, response, viewer) {
      const listener = state.listeners.get(listenerArn)
      const loadBalancer = listener && state.loadBalancers.get(listener.loadBalancerArn)
      if (!loadBalancer) {
        send(response, { status: 503 })
        return undefined
      }
      const place = { listener, loadBalancer }
      const url = request.url ?? '/'
      const refused = refusal(request, url)
      if (refused !== undefined) {
        answer(place, response, { status: refused })
        return undefined
      }
      const facts = requestFacts(request.method ?? 'GET', url, request.headers, viewer.address)
      const action = routing.action(listenerArn, facts)
      if (action.Type !== 'forward') {
        perform(place, action, facts, response, viewer)
        return undefined
      }
      const choice = routing.choose(action, request.headers.cookie)
      if (!choice.target) {
        noTarget(place, choice, facts, response)
        return undefined
      }
      metrics.request(loadBalancer.arn, choice.target.targetGroupArn)
      return { ...place, facts, choice, live: choice.target, viewer }
    },

    fail(forward, response, failure) {
      const { loadBalancer, live } = forward
      failures.add({
        status: failure.status,
        reason: failure.reason,
        detail: failure.detail,
        loadBalancer: loadBalancer.name,
        targetGroupArn: live.targetGroupArn,
        target: `${live.target.id}:${live.target.port}`,
        targetState: live.health.state,
        facts: forward.facts,
      })
      if (failure.connecting) metrics.targetConnectionError(loadBalancer.arn, live.targetGroupArn)
      if (response.headersSent) return void response.destroy()
      const own = { status: failure.status, headers: forward.choice.cookies }
      answer(forward, response, own, live.targetGroupArn)
    },

    abandoned: ({ loadBalancer, live }) => metrics.ownAnswer(loadBalancer.arn, 460, live.targetGroupArn),
  }
}

/** A status with which the balancer refuses a request before it looks at its rules. */
function refusal(request: IncomingMessage, url: string): number | undefined {
  if (url.length > maxLine) return 414
  if (request.method === 'TRACE') return 405
  const transferEncoding = request.headers['transfer-encoding']
  if (transferEncoding !== undefined && transferEncoding.toLowerCase() !== 'chunked') return 501
  const forwardedFor = request.headers['x-forwarded-for']
  if (typeof forwardedFor === 'string' && forwardedFor.split(',').length > maxForwardedFor) return 463
  return undefined
}
