/**
 * What becomes of a request before anything is sent: it is refused, answered by the balancer itself (redirects, fixed
 * responses), or given a target. This only decides and counts what the decision is about; it answers nothing.
 */
import type { Viewer } from '../../../../http/endpoint.ts'
import type { Listener, LoadBalancer } from '../../model/model.ts'
import type { State } from '../../model/state.ts'
import { type RequestFacts, requestFacts } from '../../rule/conditions.ts'
import { type Answer, fixedResponse, maxLocation, redirect } from '../message/answers.ts'
import type { FailureLog } from '../message/failure-log.ts'
import { headerSettings, outgoingHost } from '../message/headers.ts'
import type { ClientRequest } from '../message/messages.ts'
import type { RequestMetrics } from '../message/request-metrics.ts'
import type { Choice, Route, Routing } from '../routing/routing.ts'
import type { LiveTarget } from '../target/targets.ts'
import { type Inspection, inspect, mitigation } from './desync.ts'
import { refusalOf } from './refusals.ts'

/** The listener that a request came to. */
export interface Place {
  readonly listener: Listener
  readonly loadBalancer: LoadBalancer
}

/** A request that has a target. */
export interface Forward extends Place {
  readonly facts: RequestFacts
  readonly choice: Choice
  readonly target: LiveTarget
  readonly viewer: Viewer
  /** The Host header, and path with query, as the target gets them. */
  readonly host: string
  readonly path: string
  /** Of all headers, in bytes. */
  readonly headersSize: number
  /** Whether both connections end with this request. */
  readonly closeAfter: boolean
}

export type Decision =
  | { readonly forward: Forward }
  /** With `closeAfter` the client's connection ends with the answer, and what came behind the request is not read. */
  | { readonly answer: Answer; readonly closeAfter?: boolean }

export interface Admission {
  /** The listener as it is now; undefined where it has been deleted. */
  placeOf(listenerArn: string): Place | undefined
  decide(place: Place, request: ClientRequest, viewer: Viewer): Decision
}

export function createAdmission(options: {
  state: State
  routing: Routing
  metrics: RequestMetrics
  failures: FailureLog
}): Admission {
  const { state, routing, metrics, failures } = options

  /** A redirect or a fixed response. */
  function respondDirectly(
    { loadBalancer }: Place,
    route: Route,
    facts: RequestFacts,
    viewer: Viewer,
  ): Answer {
    const { action } = route
    if (action.Type !== 'redirect') {
      metrics.count(loadBalancer.arn, 'HTTP_Fixed_Response_Count')
      return fixedResponse(action)
    }
    const answer = redirect(action, facts, viewer)
    if ((answer.headers?.[1]?.length ?? 0) > maxLocation) {
      metrics.count(loadBalancer.arn, 'HTTP_Redirect_Url_Limit_Exceeded_Count')
      return { status: 500 }
    }
    metrics.count(loadBalancer.arn, 'HTTP_Redirect_Count')
    return answer
  }

  function noTarget({ loadBalancer }: Place, choice: Choice, facts: RequestFacts): Answer {
    failures.add({
      status: 503,
      reason: 'the target group that was chosen has no target that takes requests',
      loadBalancer: loadBalancer.name,
      targetGroupArn: choice.group?.arn,
      facts,
    })
    return { status: 503 }
  }

  function count(place: Place, inspection: Inspection, choice: Choice, target: LiveTarget): void {
    const { arn, settings } = place.loadBalancer
    metrics.request(arn, target.targetGroupArn, choice.candidates)
    if (choice.failedOpen) metrics.failedOpen(arn, target.targetGroupArn)
    if (choice.nonSticky) metrics.count(arn, 'NonStickyRequestCount')
    if (inspection.invalidName) {
      const dropped = headerSettings(settings).dropInvalid
      metrics.count(arn, `${dropped ? 'Dropped' : 'Forwarded'}InvalidHeaderRequestCount`)
    }
  }

  /** The status that refuses the request, if one does, and whether its connection ends with it. */
  function validate(
    { loadBalancer }: Place,
    request: ClientRequest,
    inspection: Inspection,
  ): { status: number | undefined; closeAfter: boolean } {
    const { nonCompliance } = inspection
    if (nonCompliance) metrics.count(loadBalancer.arn, 'DesyncMitigationMode_NonCompliant_Request_Count')
    const mode = loadBalancer.settings['routing.http.desync_mitigation_mode']
    const mitigated = nonCompliance && mitigation(mode, nonCompliance)
    const status = mitigated === 'refuse' ? 400 : refusalOf(request, inspection)
    return { status, closeAfter: mitigated === 'pass-and-close' || status === 400 || status === 501 }
  }

  return {
    placeOf(listenerArn) {
      const listener = state.listeners.get(listenerArn)
      const loadBalancer = listener && state.loadBalancers.get(listener.loadBalancerArn)
      return loadBalancer && { listener, loadBalancer }
    },

    decide(place, request, viewer) {
      const { listener, loadBalancer } = place
      const inspection = inspect(request)
      const { status, closeAfter } = validate(place, request, inspection)
      if (status !== undefined) return { answer: { status }, closeAfter }
      const { preserveHost } = headerSettings(loadBalancer.settings)
      const { headers, method = 'GET', url = '/' } = request
      const facts = requestFacts(method, url, headers, viewer.address, preserveHost)
      const route = routing.route(listener.arn, facts)
      const answer = (own: Answer): Decision => ({ answer: own, closeAfter })
      if (route.action.Type !== 'forward') return answer(respondDirectly(place, route, facts, viewer))
      // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-464-issues
      if (request.httpVersionMajor >= 2 && headers['content-type']?.startsWith('application/grpc')) {
        return answer({ status: 464 })
      }
      const choice = routing.choose(route.action, {
        cookie: headers.cookie,
        userAgent: headers['user-agent'],
      })
      const { target } = choice
      if (!target) return answer(noTarget(place, choice, facts))
      const received = facts.authority ?? headers.host ?? loadBalancer.dnsName
      const sent = { host: outgoingHost(received, listener.port, preserveHost), target: facts.target }
      const rewritten = route.transform ? route.transform(sent) : sent
      if (!rewritten) return answer({ status: 500 })
      count(place, inspection, choice, target)
      const { host, target: path } = rewritten
      const headersSize = inspection.size
      return {
        forward: { ...place, facts, choice, target, viewer, host, path, headersSize, closeAfter },
      }
    },
  }
}
