/**
 * The load balancers' data plane: it opens a server for each listener, binds the balancer's names to it, and moves
 * what comes in to the targets.
 */
import type { HttpEndpoint, RegionContext } from '../../../service.ts'
import type { Certificates } from '../../acm/contract.ts'
import type { Metrics } from '../../cloudwatch/contract.ts'
import type { Listener } from '../model.ts'
import type { State } from '../state.ts'
import { createEntrance } from './entrance.ts'
import { createExchanges } from './exchange.ts'
import { createFailureLog } from './failure-log.ts'
import { certificateFor, type ListenerServer, openListenerServer } from './listener-server.ts'
import { createRequestMetrics } from './request-metrics.ts'
import { createRouting } from './routing.ts'
import { createTargets, type Targets } from './targets.ts'
import { upgrade } from './upgrade.ts'

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

/** How often AWS reports the number of healthy and unhealthy targets. */
const hostCountIntervalMs = 60_000

export function createDataPlane(options: {
  context: RegionContext
  state: State
  certificates: Certificates
  metrics: Metrics
  random: () => number
}): DataPlane {
  const { context, state, certificates } = options
  const metrics = createRequestMetrics(options.metrics)
  const setting = (loadBalancerArn: string, key: string, otherwise: number) =>
    Number(state.loadBalancers.get(loadBalancerArn)?.settings[key] ?? otherwise)
  const idleTimeoutMs = (loadBalancerArn: string) =>
    setting(loadBalancerArn, 'idle_timeout.timeout_seconds', 60) * 1000
  const targets = createTargets({
    clock: context.clock,
    state,
    idleTimeoutMs: (group) => idleTimeoutMs([...(state.associations().get(group) ?? [])][0] ?? ''),
  })
  const routing = createRouting({ state, targets, clock: context.clock, random: options.random })
  const failures = createFailureLog(context.events, context.clock.now)
  const entrance = createEntrance({ state, routing, metrics, failures })
  const exchanges = createExchanges({ context, entrance, metrics })
  const open = new Map<
    string,
    { server: ListenerServer; protocol: string; bound: { name: string; port: number } }
  >()
  let stopHostCounts = () => {}

  function endpointOf(listenerArn: string): HttpEndpoint {
    return {
      handle: (request, response, viewer) => exchanges.handle(listenerArn, request, response, viewer),
      upgrade: (request, socket, head, viewer) =>
        upgrade({ entrance, exchanges }, listenerArn, request, socket, head, viewer),
      certificate(serverName) {
        const listener = state.listeners.get(listenerArn)
        const material = listener && certificateFor(certificates, listener, serverName)
        return material && { key: material.key, cert: material.cert }
      },
    }
  }

  async function openServer(listener: Listener): Promise<ListenerServer> {
    const now = () => state.listeners.get(listener.arn) ?? listener
    return openListenerServer({
      listener: now,
      endpoint: endpointOf(listener.arn),
      certificates,
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
    refresh() {
      routing.refresh()
      targets.refresh()
      for (const { server } of open.values()) server.refresh()
    },
    async start() {
      await Promise.all(state.listeners.values().map(openListener))
      targets.start()
      stopHostCounts = context.clock.everyAws(hostCountIntervalMs, recordHostCounts)
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
