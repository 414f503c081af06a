/**
 * The load balancers' data plane: it opens a server for each listener, binds the balancer's names to it, and moves
 * what comes in to the targets.
 */
import {
  type Listener as ListenerSocket,
  openListener as openListenerSocket,
} from '../../../http/listener/listener.ts'
import type { EmulatorContext } from '../../../service.ts'
import type { Acm } from '../../acm/contract.ts'
import type { CloudWatch } from '../../cloudwatch/contract.ts'
import { loadBalancerDefaults } from '../model/attributes.ts'
import type { DataPlane } from '../model/context.ts'
import type { Listener } from '../model/model.ts'
import type { State } from '../model/state.ts'
import { createAdmission } from './admission/admission.ts'
import { defaultMaterial } from './listener/certificates.ts'
import { createListenerEndpoint, type ListenerEndpoint } from './listener/endpoint.ts'
import { createFailureLog } from './message/failure-log.ts'
import { createRequestMetrics } from './message/request-metrics.ts'
import { createResponder } from './message/responder.ts'
import { createProxy } from './proxy/proxy.ts'
import { createRouting } from './routing/routing.ts'
import { createStickiness } from './routing/stickiness.ts'
import { createTargets } from './target/targets.ts'

interface OpenListener {
  readonly socket: ListenerSocket
  readonly endpoint: ListenerEndpoint
  readonly protocol: Listener['protocol']
  readonly bound: { readonly name: string; readonly port: number }
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
  const idleTimeoutMs = (loadBalancerArn: string) => {
    const settings = state.loadBalancers.get(loadBalancerArn)?.settings ?? loadBalancerDefaults
    return Number(settings['idle_timeout.timeout_seconds']) * 1000
  }
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
    onKeepAlive(targetGroupArn, target, keepAlive) {
      context.events.emit('baton.elbv2', 'Target Keep-Alive', {
        targetGroupArn,
        target: `${target.id}:${target.port}`,
        ...keepAlive,
        idleTimeoutMs: idleTimeoutMs(users.get(targetGroupArn) ?? ''),
      })
    },
  })
  const { clock } = context
  const stickiness = createStickiness(context.authority.secret('elbv2 stickiness'), clock.now)
  const routing = createRouting({ state, targets, clock, random: options.random, stickiness })
  const failures = createFailureLog(context.events, context.clock.now)
  const admission = createAdmission({ state, routing, metrics, failures })
  const proxy = createProxy({ context, admission, responder: createResponder(metrics, failures), metrics })
  const open = new Map<string, OpenListener>()
  let stopHostCounts = () => {}

  async function openSocket(listener: Listener, { http }: ListenerEndpoint): Promise<ListenerSocket> {
    const now = () => state.listeners.get(listener.arn) ?? listener
    const scheme = listener.protocol === 'HTTPS' ? 'https' : 'http'
    return openListenerSocket({
      scheme,
      address: '127.0.0.1',
      port: 0,
      endpointOf: () => http,
      destinationOf: () => ({ endpoint: http, scheme, port: now().port }),
      defaultCertificate: () => defaultMaterial(acm, now()),
      headTimeoutMs: http.connections.idleTimeoutMs,
    })
  }

  async function openListener(listener: Listener): Promise<void> {
    const known = open.get(listener.arn)
    if (known) context.names.unbind(known.bound.name, known.bound.port)
    const endpoint = known?.endpoint ?? createListenerEndpoint(listener, { state, acm, metrics, proxy })
    if (known && known.protocol !== listener.protocol) await known.socket.close()
    const socket = known?.protocol === listener.protocol ? known.socket : await openSocket(listener, endpoint)
    const name = state.loadBalancer(listener.loadBalancerArn).dnsName
    const bound = { name, port: listener.port }
    open.set(listener.arn, { socket, endpoint, protocol: listener.protocol, bound })
    context.names.bind({
      ...bound,
      socket: { address: socket.address, port: socket.port },
      http: endpoint.http,
    })
  }

  function recordConnections(): void {
    const connections = new Map<string, number>()
    const add = (balancer: string, count: number) =>
      connections.set(balancer, (connections.get(balancer) ?? 0) + count)
    for (const [arn, { endpoint }] of open) {
      const balancer = state.listeners.get(arn)?.loadBalancerArn
      if (balancer === undefined) continue
      add(balancer, endpoint.clients.size)
      const bytes = endpoint.clients.takeBytes()
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
    for (const { socket } of open.values()) socket.refresh()
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
      await known.socket.close()
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
        [...open.values()].map(({ socket, bound }) => {
          context.names.unbind(bound.name, bound.port)
          return socket.close()
        }),
      )
      open.clear()
    },
  }
}
