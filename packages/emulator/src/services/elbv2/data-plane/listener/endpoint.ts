/**
 * A listener as an endpoint: what both doors, its own socket and the emulator's front door, need of it. Its attributes are
 * read for each request, so a change takes effect with the next one.
 */
import type { HttpEndpoint } from '../../../../http/endpoint.ts'
import type { Acm } from '../../../acm/contract.ts'
import { loadBalancerDefaults } from '../../model/attributes.ts'
import type { Listener } from '../../model/model.ts'
import type { State } from '../../model/state.ts'
import { refusalOfProblem } from '../admission/refusals.ts'
import type { RequestMetrics } from '../message/request-metrics.ts'
import type { RequestProxy } from '../proxy/proxy.ts'
import { upgrade } from '../proxy/upgrade.ts'
import { certificateFor } from './certificates.ts'
import { type ClientConnections, createClientConnections } from './client-connections.ts'
import { boundStream } from './http2-idle.ts'
import { http2Exchange } from './http2-messages.ts'

export interface ListenerEndpoint {
  readonly http: HttpEndpoint
  readonly clients: ClientConnections
}

export function createListenerEndpoint(
  { arn, loadBalancerArn }: Listener,
  dependencies: { state: State; acm: Acm; metrics: RequestMetrics; proxy: RequestProxy },
): ListenerEndpoint {
  const { state, acm, metrics, proxy } = dependencies
  const clients = createClientConnections()
  const setting = (key: keyof typeof loadBalancerDefaults) =>
    state.loadBalancers.get(loadBalancerArn)?.settings[key] ?? loadBalancerDefaults[key]
  const milliseconds = (key: keyof typeof loadBalancerDefaults) => Number(setting(key)) * 1000
  const idleTimeoutMs = () => milliseconds('idle_timeout.timeout_seconds')

  const http: HttpEndpoint = {
    connections: {
      idleTimeoutMs,
      // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#http-client-keep-alive-duration
      keepAliveMs: () => milliseconds('client_keep_alive.seconds'),
      opened(socket) {
        clients.opened(socket)
        metrics.count(loadBalancerArn, 'NewConnectionCount')
      },
      tlsFailed: () => metrics.count(loadBalancerArn, 'ClientTLSNegotiationErrorCount'),
      refusal(problem) {
        const { desync, ...refusal } = refusalOfProblem(problem)
        metrics.ownAnswer(loadBalancerArn, refusal.status)
        if (desync) metrics.count(loadBalancerArn, 'DesyncMitigationMode_NonCompliant_Request_Count')
        return refusal
      },
    },
    http2: {
      enabled: () => setting('routing.http2.enabled') === 'true',
      handle(stream, headers, flat, viewer) {
        const exchange = http2Exchange(stream, headers, flat)
        boundStream(stream, exchange, idleTimeoutMs(), () => metrics.ownAnswer(loadBalancerArn, 408))
        proxy.handle(arn, exchange.request, exchange.response, viewer)
      },
    },
    handle: (request, response, viewer) => proxy.handle(arn, request, response, viewer),
    upgrade: (request, socket, head, viewer) => upgrade(proxy, arn, { request, socket, head, viewer }),
    certificate(serverName) {
      const listener = state.listeners.get(arn)
      const material = listener && certificateFor(acm, listener, serverName)
      return material && { key: material.key, cert: material.cert }
    },
  }
  return { http, clients }
}
