/**
 * A request through the load balancer: checked, routed, sent to its target once, its answer streamed back. Bodies
 * flow both ways as they come and wait where the other side does; nothing is collected.
 */
import {
  type ClientRequest,
  request as httpRequest,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { RegionContext, Viewer } from '../../../service.ts'
import { type RequestFacts, requestFacts } from '../conditions.ts'
import type { Listener, LoadBalancer } from '../model.ts'
import type { State } from '../state.ts'
import { type Answer, fixedResponse, redirect, send } from './answers.ts'
import { type Failure, failureOf, lostOnClosedConnection } from './failures.ts'
import { clientHeaders, headerSettings, targetHeaders, traceId } from './headers.ts'
import type { RequestMetrics } from './request-metrics.ts'
import type { Choice, Routing } from './routing.ts'
import type { LiveTarget } from './targets.ts'

export interface Proxy {
  handle(listenerArn: string, request: IncomingMessage, response: ServerResponse, viewer: Viewer): void
}

/** What a request needs to know of where it came in. */
interface Entrance {
  readonly listener: Listener
  readonly loadBalancer: LoadBalancer
}

/** A target for a request, or that the balancer has answered it. */
interface Forward extends Entrance {
  readonly facts: RequestFacts
  readonly choice: Choice
  readonly live: LiveTarget
  readonly viewer: Viewer
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-463-issues */
const maxForwardedFor = 30
/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html */
const maxLine = 16 * 1024

export function createProxy(options: {
  context: RegionContext
  state: State
  routing: Routing
  metrics: RequestMetrics
}) {
  const { context, state, routing, metrics } = options

  function entrance(listenerArn: string): Entrance | undefined {
    const listener = state.listeners.get(listenerArn)
    const loadBalancer = listener && state.loadBalancers.get(listener.loadBalancerArn)
    return loadBalancer && { listener, loadBalancer }
  }

  function answer(entered: Entrance, response: ServerResponse, own: Answer, targetGroupArn?: string): void {
    metrics.ownAnswer(entered.loadBalancer.arn, own.status, targetGroupArn)
    send(response, own, responseOverrides(entered.listener))
  }

  /** Tells the region's log why a request failed; the client sees only the status. */
  function report(forward: Forward, failure: Failure): void {
    context.events.emit('baton.elbv2', 'Request Failed', {
      status: failure.status,
      reason: failure.reason,
      ...failure.detail,
      loadBalancer: forward.loadBalancer.name,
      targetGroupArn: forward.live.targetGroupArn,
      target: `${forward.live.target.id}:${forward.live.target.port}`,
      targetState: forward.live.health.state,
      method: forward.facts.method,
      host: forward.facts.host,
      path: forward.facts.path,
    })
  }

  function perform(
    entered: Entrance,
    action: Action,
    facts: RequestFacts,
    response: ServerResponse,
    viewer: Viewer,
  ): void {
    const kind = action.Type === 'redirect' ? 'redirect' : 'fixed-response'
    metrics.action(entered.loadBalancer.arn, kind)
    answer(entered, response, kind === 'redirect' ? redirect(action, facts, viewer) : fixedResponse(action))
  }

  /** The target for a request; undefined where the request has been answered without one. */
  function route(
    listenerArn: string,
    request: IncomingMessage,
    response: ServerResponse,
    viewer: Viewer,
  ): Forward | undefined {
    const entered = entrance(listenerArn)
    if (!entered) {
      send(response, { status: 503 })
      return undefined
    }
    const url = request.url ?? '/'
    const refused = refusal(request, url)
    if (refused !== undefined) {
      answer(entered, response, { status: refused })
      return undefined
    }
    const facts = requestFacts(request.method ?? 'GET', url, request.headers, viewer.address)
    const action = routing.action(listenerArn, facts)
    if (action.Type !== 'forward') {
      perform(entered, action, facts, response, viewer)
      return undefined
    }
    const choice = routing.choose(action, request.headers.cookie)
    if (!choice.target) {
      noTarget(entered, choice, facts, response)
      return undefined
    }
    metrics.request(entered.loadBalancer.arn, choice.target.targetGroupArn)
    return { ...entered, facts, choice, live: choice.target, viewer }
  }

  function noTarget(entered: Entrance, choice: Choice, facts: RequestFacts, response: ServerResponse): void {
    context.events.emit('baton.elbv2', 'Request Failed', {
      status: 503,
      reason: 'the target group that was chosen has no target that takes requests',
      loadBalancer: entered.loadBalancer.name,
      targetGroupArn: choice.group?.arn,
      method: facts.method,
      host: facts.host,
      path: facts.path,
    })
    answer(entered, response, { status: 503 }, choice.group?.arn)
  }

  function forwardRequest(forward: Forward, request: IncomingMessage, upgrade: boolean): ClientRequest {
    const { live, loadBalancer, viewer } = forward
    const random = context.ids.hex('', 24)
    return httpRequest({
      agent: live.connections,
      method: request.method,
      path: request.url,
      headers: targetHeaders(
        request,
        viewer,
        headerSettings(loadBalancer.settings),
        traceId(request.headers['x-amzn-trace-id'], context.clock.now(), random),
        upgrade,
      ),
    })
  }

  function handle(
    listenerArn: string,
    request: IncomingMessage,
    response: ServerResponse,
    viewer: Viewer,
  ): void {
    const forward = route(listenerArn, request, response, viewer)
    if (!forward) return
    const { live, loadBalancer, listener, choice } = forward
    const fail = (failure: Failure) => {
      report(forward, failure)
      if (failure.connecting) metrics.targetConnectionError(loadBalancer.arn, live.targetGroupArn)
      answer(forward, response, { status: failure.status, headers: choice.cookies }, live.targetGroupArn)
    }

    const idleMs = live.connections.takeClosedByTarget()
    if (idleMs !== undefined) {
      fail(lostOnClosedConnection(idleMs))
      return
    }

    const started = performance.now()
    const upstream = forwardRequest(forward, request, false)
    const inFlight = {
      cut: () => upstream.destroy(new Error('the deregistration delay is over')),
    }
    live.inFlight.add(inFlight)
    response.on('close', () => {
      live.inFlight.delete(inFlight)
      // The client went away: 460 in AWS's access log, nobody to answer to.
      if (!response.writableFinished) upstream.destroy()
    })
    upstream.on('error', (error) => {
      if (response.destroyed || response.writableFinished) return
      const failure = failureOf(error, upstream.reusedSocket)
      // An answer that has begun can only be cut.
      if (!response.headersSent) return fail(failure)
      report(forward, failure)
      response.destroy()
    })
    upstream.on('continue', () => response.writeContinue())
    upstream.on('response', (answered) => {
      const status = answered.statusCode ?? 502
      metrics.targetAnswer(
        loadBalancer.arn,
        live.targetGroupArn,
        status,
        (performance.now() - started) / 1000,
      )
      relay(answered, response, forward, fail)
    })
    if (
      request.headers['content-length'] === undefined &&
      request.headers['transfer-encoding'] === undefined
    ) {
      upstream.end()
    } else {
      request.on('error', () => upstream.destroy())
      request.on('end', () => {
        if (request.rawTrailers.length > 0) upstream.addTrailers(pairs(request.rawTrailers))
        upstream.end()
      })
      request.pipe(upstream, { end: false })
    }

    function relay(
      answered: IncomingMessage,
      to: ServerResponse,
      from: Forward,
      failed: (failure: Failure) => void,
    ) {
      try {
        to.writeHead(
          answered.statusCode ?? 502,
          answered.statusMessage ?? '',
          clientHeaders(answered.rawHeaders, from.choice.cookies, responseOverrides(listener)),
        )
      } catch (error) {
        // Headers that may not be passed on: the target broke HTTP.
        answered.destroy()
        return failed({
          status: 502,
          reason: 'the target sent headers that are not valid',
          detail: { error: String(error) },
        })
      }
      answered.on('error', (error) => {
        if (to.destroyed || to.writableFinished) return
        report(from, { ...failureOf(error, true), reason: 'the target broke off its answer' })
        to.destroy()
      })
      answered.on('end', () => {
        if (answered.rawTrailers.length > 0) to.addTrailers(pairs(answered.rawTrailers))
        to.end()
      })
      answered.pipe(to, { end: false })
    }
  }

  return { handle, route, forwardRequest, report, answer }
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

const responsePrefix = 'routing.http.response.'
const responseSuffix = '.header_value'

/** Headers that the listener's attributes set in every answer (flat). */
function responseOverrides(listener: Listener): readonly string[] {
  const known = overrides.get(listener)
  if (known) return known
  const made = Object.entries(listener.settings).flatMap(([key, value]) =>
    key.startsWith(responsePrefix) && key.endsWith(responseSuffix) && value !== ''
      ? [key.slice(responsePrefix.length, -responseSuffix.length).replaceAll('_', '-'), value]
      : [],
  )
  overrides.set(listener, made)
  return made
}
const overrides = new WeakMap<Listener, readonly string[]>()

function pairs(flat: readonly string[]): [string, string][] {
  const found: [string, string][] = []
  for (let index = 0; index + 1 < flat.length; index += 2)
    found.push([flat[index] ?? '', flat[index + 1] ?? ''])
  return found
}
