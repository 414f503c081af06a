/** Answers of the balancer's own, and failed requests: sent, counted and logged. */
import type { Listener, LoadBalancer } from '../../model/model.ts'
import type { RequestFacts } from '../../rule/conditions.ts'
import type { LiveTarget } from '../target/targets.ts'
import { type Answer, send } from './answers.ts'
import type { FailureLog } from './failure-log.ts'
import type { Failure } from './failures.ts'
import { answerHeaders } from './headers.ts'
import { type ClientRequest, type ClientResponse, cut } from './messages.ts'
import type { RequestMetrics } from './request-metrics.ts'

interface Place {
  readonly listener: Listener
  readonly loadBalancer: LoadBalancer
}

/** What a failed request was on its way to. */
interface Forwarded extends Place {
  readonly facts: RequestFacts
  readonly target: LiveTarget
  readonly choice: { readonly cookies: readonly string[] }
}

export interface Responder {
  answer(place: Place, response: ClientResponse, answer: Answer): void
  /** Answers a request whose target failed; an answer that has begun is cut. */
  fail(forward: Forwarded, response: ClientResponse, failure: Failure): void
  /** The client left before its answer began: AWS counts 460, or 400 where the request was not whole. */
  abandoned(place: Place, request: ClientRequest): void
}

export function createResponder(metrics: RequestMetrics, failures: FailureLog): Responder {
  function answer(place: Place, response: ClientResponse, own: Answer): void {
    metrics.ownAnswer(place.loadBalancer.arn, own.status)
    send(response, own, answerHeaders(place.listener))
  }

  return {
    answer,
    fail(forward, response, failure) {
      const { loadBalancer, target } = forward
      failures.add({
        status: failure.status,
        reason: failure.reason,
        detail: failure.detail,
        loadBalancer: loadBalancer.name,
        targetGroupArn: target.targetGroupArn,
        target: `${target.target.id}:${target.target.port}`,
        targetState: target.health.state,
        facts: forward.facts,
      })
      if (failure.connecting) {
        metrics.targetConnectionError(loadBalancer.arn, target.targetGroupArn, failure.connecting)
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
