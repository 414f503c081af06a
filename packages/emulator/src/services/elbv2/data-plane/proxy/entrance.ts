/**
 * Where a request comes in: it is refused, answered by the balancer itself, or given a target. What fails later is
 * answered, counted and told here too.
 */
import type { Viewer } from '../../../../http/endpoint.ts'
import type { Listener, LoadBalancer } from '../../model/model.ts'
import type { State } from '../../model/state.ts'
import { type RequestFacts, requestFacts } from '../../rule/conditions.ts'
import { type Inspection, inspect, mitigation } from '../admission/desync.ts'
import { refusalOf } from '../admission/refusals.ts'
import { type Answer, fixedResponse, maxLocation, redirect, send } from '../message/answers.ts'
import type { FailureLog } from '../message/failure-log.ts'
import type { Failure } from '../message/failures.ts'
import { answerHeaders, headerSettings, outgoingHost } from '../message/headers.ts'
import { type ClientRequest, type ClientResponse, cut } from '../message/messages.ts'
import type { RequestMetrics } from '../message/request-metrics.ts'
import type { Choice, Route, Routing } from '../routing/routing.ts'
import type { LiveTarget } from '../target/targets.ts'

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
  /** The Host header, and path and query, as the target gets them. */
  readonly host: string
  readonly target: string
  /** Of all headers, in bytes. */
  readonly headersSize: number
  /** Whether both connections end with this request. */
  readonly last: boolean
}

export interface Entrance {
  /** The target for a request; undefined where the request has been answered without one. */
  admit(
    listenerArn: string,
    request: ClientRequest,
    response: ClientResponse,
    viewer: Viewer,
  ): Forward | undefined
  /** Answers a request whose target failed; an answer that has begun is cut. */
  fail(forward: Forward, response: ClientResponse, failure: Failure): void
  /** The client went away before its answer began: 460 in AWS's books, or 400 where its request was not whole. */
  abandoned(forward: Forward, request: ClientRequest): void
}

export function createEntrance(options: {
  state: State
  routing: Routing
  metrics: RequestMetrics
  failures: FailureLog
}): Entrance {
  const { state, routing, metrics, failures } = options
  /** Connections of clients that end with the request under way: what came behind it is not read. */
  const ending = new WeakSet<object>()

  function answer(place: Place, response: ClientResponse, own: Answer): void {
    metrics.ownAnswer(place.loadBalancer.arn, own.status)
    send(response, own, answerHeaders(place.listener))
  }

  function perform(
    place: Place,
    route: Route,
    facts: RequestFacts,
    response: ClientResponse,
    viewer: Viewer,
  ) {
    const { action } = route
    const { arn } = place.loadBalancer
    if (action.Type !== 'redirect') {
      metrics.count(arn, 'HTTP_Fixed_Response_Count')
      answer(place, response, fixedResponse(action))
      return
    }
    const own = redirect(action, facts, viewer)
    if ((own.headers?.[1]?.length ?? 0) > maxLocation) {
      metrics.count(arn, 'HTTP_Redirect_Url_Limit_Exceeded_Count')
      answer(place, response, { status: 500 })
      return
    }
    metrics.count(arn, 'HTTP_Redirect_Count')
    answer(place, response, own)
  }

  function noTarget(place: Place, choice: Choice, facts: RequestFacts, response: ClientResponse): void {
    failures.add({
      status: 503,
      reason: 'the target group that was chosen has no target that takes requests',
      loadBalancer: place.loadBalancer.name,
      targetGroupArn: choice.group?.arn,
      facts,
    })
    answer(place, response, { status: 503 })
  }

  function count(place: Place, inspection: Inspection, choice: Choice, live: LiveTarget): void {
    const { arn, settings } = place.loadBalancer
    metrics.request(arn, live.targetGroupArn, choice.candidates)
    if (choice.failedOpen) metrics.failedOpen(arn, live.targetGroupArn)
    if (choice.nonSticky) metrics.count(arn, 'NonStickyRequestCount')
    if (inspection.invalidName) {
      const dropped = headerSettings(settings).dropInvalid
      metrics.count(arn, `${dropped ? 'Dropped' : 'Forwarded'}InvalidHeaderRequestCount`)
    }
  }

  /** Whether the request may go on, and whether its connection may after it. */
  function screen(
    place: Place,
    request: ClientRequest,
    response: ClientResponse,
    inspection: Inspection,
  ): 'refused' | 'last' | 'fine' {
    const { arn, settings } = place.loadBalancer
    const { nonCompliance } = inspection
    if (nonCompliance) metrics.count(arn, 'DesyncMitigationMode_NonCompliant_Request_Count')
    const mitigated =
      nonCompliance && mitigation(settings['routing.http.desync_mitigation_mode'], nonCompliance)
    const status = mitigated === 'refuse' ? 400 : refusalOf(request, inspection)
    if (mitigated === 'pass-and-close' || status === 400 || status === 501) {
      response.shouldKeepAlive = false
      if (request.httpVersionMajor < 2) ending.add(request.socket)
    }
    if (status === undefined) return mitigated === 'pass-and-close' ? 'last' : 'fine'
    answer(place, response, { status })
    return 'refused'
  }

  return {
    admit(listenerArn, request, response, viewer) {
      if (ending.has(request.socket)) return undefined
      const listener = state.listeners.get(listenerArn)
      const loadBalancer = listener && state.loadBalancers.get(listener.loadBalancerArn)
      if (!loadBalancer) {
        send(response, { status: 503 })
        return undefined
      }
      const place = { listener, loadBalancer }
      const inspection = inspect(request)
      const screened = screen(place, request, response, inspection)
      if (screened === 'refused') return undefined
      const { preserveHost } = headerSettings(loadBalancer.settings)
      const { headers, method = 'GET', url = '/' } = request
      const facts = requestFacts(method, url, headers, viewer.address, preserveHost)
      const route = routing.route(listenerArn, facts)
      if (route.action.Type !== 'forward') {
        perform(place, route, facts, response, viewer)
        return undefined
      }
      // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-464-issues
      if (request.httpVersionMajor >= 2 && headers['content-type']?.startsWith('application/grpc')) {
        answer(place, response, { status: 464 })
        return undefined
      }
      const choice = routing.choose(route.action, {
        cookie: headers.cookie,
        userAgent: headers['user-agent'],
      })
      if (!choice.target) {
        noTarget(place, choice, facts, response)
        return undefined
      }
      const received = facts.authority ?? headers.host ?? loadBalancer.dnsName
      const sent = { host: outgoingHost(received, listener.port, preserveHost), target: facts.target }
      const rewritten = route.transform ? route.transform(sent) : sent
      if (!rewritten) {
        answer(place, response, { status: 500 })
        return undefined
      }
      count(place, inspection, choice, choice.target)
      return {
        listener,
        loadBalancer,
        facts,
        choice,
        live: choice.target,
        viewer,
        host: rewritten.host,
        target: rewritten.target,
        headersSize: inspection.size,
        last: screened === 'last',
      }
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
      if (failure.connecting) {
        metrics.targetConnectionError(loadBalancer.arn, live.targetGroupArn, failure.connecting)
      }
      if (response.headersSent) {
        metrics.ownAnswer(loadBalancer.arn, failure.status)
        cut(response)
        return
      }
      answer(forward, response, { status: failure.status, headers: forward.choice.cookies })
    },

    abandoned: ({ loadBalancer }, request) =>
      metrics.ownAnswer(loadBalancer.arn, request.complete ? 460 : 400),
  }
}
