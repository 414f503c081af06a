/**
 * The load balancers' data plane: it opens a server for each listener, binds the balancer's names to it, and moves
 * what comes in to the targets.
 */
import type { HttpEndpoint } from '../../../http/endpoint.ts'
import type { EmulatorContext } from '../../../service.ts'
import type { Acm } from '../../acm/contract.ts'
import type { CloudWatch } from '../../cloudwatch/contract.ts'
import type { Listener } from '../model/model.ts'
import type { State } from '../model/state.ts'
import { certificateFor } from './listener/certificates.ts'
import { boundStream } from './listener/http2-idle.ts'
import { http2Exchange } from './listener/http2-messages.ts'
import { type ListenerServer, openListenerServer } from './listener/listener-server.ts'
import { upgrade } from './listener/upgrade.ts'
import { createFailureLog } from './message/failure-log.ts'
import { createRequestMetrics } from './message/request-metrics.ts'
import { createEntrance } from './proxy/entrance.ts'
import { createExchanges } from './proxy/exchange.ts'
import { createRouting } from './routing/routing.ts'
import { createStickiness } from './routing/stickiness.ts'
import { createTargets, type Targets } from './target/targets.ts'

export interface DataPlane {
  readonly targets: Targets
  /** Opens a listener, or binds anew one that changed. */
  open(listener: Listener): Promise<void>
  close(listener: Listener): Promise<void>
  /** To be called when rules, groups or attributes changed; takes effect for the next request. */
  refresh(): void
  start(): Promise<void>
  stop(): Promise<void>
}

/** How often AWS reports what is counted at a moment: targets by health, connections, bytes. */
const hostCountIntervalMs = 60_000

export function createDataPlane(options: {
  context: EmulatorContext
  state: State
  acm: Acm
  cloudWatch: CloudWatch
  random: () => number
  connectTimeoutMs?: number | undefined
}): DataPlane {
  const { context, state, acm } = options
  const metrics = createRequestMetrics(options.cloudWatch)
  const setting = (loadBalancerArn: string, key: string, otherwise: number) =>
    Number(state.loadBalancers.get(loadBalancerArn)?.settings[key] ?? otherwise)
  const idleTimeoutMs = (loadBalancerArn: string) =>
    setting(loadBalancerArn, 'idle_timeout.timeout_seconds', 60) * 1000
  /** The load balancer by target group; worked out when rules change, asked for every connection. */
  let users = new Map<string, string>()
  const findUsers = () => {
    users = new Map([...state.associations()].map(([group, [balancer = '']]) => [group, balancer]))
  }
  const targets = createTargets({
    clock: context.clock,
    state,
    idleTimeoutMs: (group) => idleTimeoutMs(users.get(group) ?? ''),
    connectTimeoutMs: options.connectTimeoutMs,
    onConnection(group) {
      const balancer = users.get(group)
      if (balancer !== undefined) metrics.count(balancer, 'NewConnectionCount')
    },
  })
  const { clock } = context
  const stickiness = createStickiness(context.authority.secret('elbv2 stickiness'), clock.now)
  const routing = createRouting({ state, targets, clock, random: options.random, stickiness })
  const failures = createFailureLog(context.events, context.clock.now)
  const entrance = createEntrance({ state, routing, metrics, failures })
  const exchanges = createExchanges({ context, entrance, metrics })
  const open = new Map<
    string,
    { server: ListenerServer; protocol: string; bound: { name: string; port: number } }
  >()
  let stopHostCounts = () => {}

  function endpointOf(listenerArn: string): HttpEndpoint {
    const settings = () =>
      state.loadBalancers.get(state.listeners.get(listenerArn)?.loadBalancerArn ?? '')?.settings
    return {
      http2: {
        enabled: () => settings()?.['routing.http2.enabled'] === 'true',
        idleTimeoutMs: () => idleTimeoutMs(state.listeners.get(listenerArn)?.loadBalancerArn ?? ''),
        handle(stream, headers, flat, viewer) {
          const exchange = http2Exchange(stream, headers, flat)
          const balancer = state.listeners.get(listenerArn)?.loadBalancerArn ?? ''
          boundStream(stream, exchange, idleTimeoutMs(balancer), () => metrics.ownAnswer(balancer, 408))
          exchanges.handle(listenerArn, exchange.request, exchange.response, viewer)
        },
      },
      handle: (request, response, viewer) => exchanges.handle(listenerArn, request, response, viewer),
      upgrade: (request, socket, head, viewer) =>
        upgrade({ entrance, exchanges }, listenerArn, request, socket, head, viewer),
      certificate(serverName) {
        const listener = state.listeners.get(listenerArn)
        const material = listener && certificateFor(acm, listener, serverName)
        return material && { key: material.key, cert: material.cert }
      },
    }
  }

  async function openServer(listener: Listener): Promise<ListenerServer> {
    const now = () => state.listeners.get(listener.arn) ?? listener
    return openListenerServer({
      listener: now,
      endpoint: endpointOf(listener.arn),
      acm,
      events: {
        opened: () => metrics.count(listener.loadBalancerArn, 'NewConnectionCount'),
        tlsFailed: () => metrics.count(listener.loadBalancerArn, 'ClientTLSNegotiationErrorCount'),
        unreadable({ status, desync }) {
          metrics.ownAnswer(listener.loadBalancerArn, status)
          if (desync) {
            metrics.count(listener.loadBalancerArn, 'DesyncMitigationMode_NonCompliant_Request_Count')
          }
        },
      },
      idleTimeoutMs: () => idleTimeoutMs(listener.loadBalancerArn),
      clientKeepAliveMs: () => setting(listener.loadBalancerArn, 'client_keep_alive.seconds', 3600) * 1000,
    })
  }

  async function openListener(listener: Listener): Promise<void> {
    const known = open.get(listener.arn)
    if (known) context.names.unbind(known.bound.name, known.bound.port)
    if (known && known.protocol !== listener.protocol) await known.server.close()
    const server = known?.protocol === listener.protocol ? known.server : await openServer(listener)
    const name = state.loadBalancer(listener.loadBalancerArn).dnsName
    open.set(listener.arn, { server, protocol: listener.protocol, bound: { name, port: listener.port } })
    context.names.bind({
      name,
      port: listener.port,
      socket: { address: server.address, port: server.port },
      http: endpointOf(listener.arn),
    })
  }

  function recordConnections(): void {
    const connections = new Map<string, number>()
    const add = (balancer: string, count: number) =>
      connections.set(balancer, (connections.get(balancer) ?? 0) + count)
    for (const [arn, { server }] of open) {
      const balancer = state.listeners.get(arn)?.loadBalancerArn
      if (balancer === undefined) continue
      add(balancer, server.connections)
      const bytes = server.takeBytes()
      if (bytes > 0) metrics.count(balancer, 'ProcessedBytes', bytes)
    }
    for (const [group, balancer] of users) {
      for (const { connections: pool } of targets.members(group)) add(balancer, pool.size)
    }
    for (const [balancer, count] of connections) {
      if (count > 0) metrics.count(balancer, 'ActiveConnectionCount', count)
    }
  }

  function recordHostCounts(): void {
    for (const [group, loadBalancers] of state.associations()) {
      const states = targets.members(group).map(({ health }) => health.state)
      const healthy = states.filter((each) => each === 'healthy').length
      const unhealthy = states.filter((each) => each === 'unhealthy' || each === 'initial').length
      for (const loadBalancer of loadBalancers) metrics.hosts(loadBalancer, group, healthy, unhealthy)
    }
  }

  targets.onHealth((targetGroupArn, target, health) => {
    context.events.emit('baton.elbv2', 'Target Health Change', {
      targetGroupArn,
      target: `${target.id}:${target.port}`,
      state: health.state,
      ...(health.reason === undefined ? {} : { reason: health.reason, description: health.description }),
    })
  })

  function refresh(): void {
    findUsers()
    routing.refresh()
    targets.refresh()
    for (const { server } of open.values()) server.refresh()
  }
  // An undone transaction may have been about rules.
  state.rules.onReload(refresh)

  return {
    targets,
    open: openListener,
    async close(listener) {
      const known = open.get(listener.arn)
      if (!known) return
      open.delete(listener.arn)
      context.names.unbind(known.bound.name, known.bound.port)
      await known.server.close()
    },
    refresh,
    async start() {
      findUsers()
      await Promise.all(state.listeners.values().map(openListener))
      targets.start()
      stopHostCounts = context.clock.everyAws(hostCountIntervalMs, () => {
        recordHostCounts()
        recordConnections()
      })
    },
    async stop() {
      stopHostCounts()
      targets.stop()
      await Promise.all(
        [...open.values()].map(({ server, bound }) => {
          context.names.unbind(bound.name, bound.port)
          return server.close()
        }),
      )
      open.clear()
    },
  }
}
