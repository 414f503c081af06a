/** For tests of ECS: a load balancer whose health checks the test decides. */
import type { Elbv2, Target, TargetHealth } from '../../elbv2/contract.ts'

export interface TestLoadBalancing extends Elbv2 {
  /** What happened, in order: `register 127.…:80`, `deregister …`, `unused …`. */
  readonly journal: string[]
  /** Health that newly registered targets get. */
  initialHealth: TargetHealth['state']
  setHealth(target: Target, state: TargetHealth['state'], reason?: string, description?: string): void
  /** How long a deregistered target drains. */
  drainMs: number
  /** Where it is defined, a deregistered target drains until it resolves. */
  drained: Promise<void> | undefined
}

/** Targets and their health, without any traffic. */
export function testLoadBalancing(): TestLoadBalancing {
  const targets = new Map<string, { group: string; target: Target; health: TargetHealth }>()
  const listeners = new Set<(group: string, target: Target, health: TargetHealth) => void>()
  const key = (target: Target) => `${target.id}:${target.port}`
  const notify = (entry: { group: string; target: Target; health: TargetHealth }) => {
    for (const listener of listeners) listener(entry.group, entry.target, entry.health)
  }
  const load: TestLoadBalancing = {
    name: 'elasticloadbalancing',
    journal: [],
    initialHealth: 'healthy',
    drainMs: 50,
    drained: undefined,
    registerTarget(group, target) {
      load.journal.push(`register ${key(target)}`)
      const entry = { group, target, health: { state: load.initialHealth } }
      targets.set(key(target), entry)
      notify(entry)
    },
    async deregisterTarget(_group, target) {
      load.journal.push(`deregister ${key(target)}`)
      const entry = targets.get(key(target))
      if (entry !== undefined) {
        entry.health = { state: 'draining' }
        notify(entry)
      }
      await (load.drained ?? new Promise((resolve) => setTimeout(resolve, load.drainMs).unref()))
      targets.delete(key(target))
      load.journal.push(`unused ${key(target)}`)
    },
    targetHealth: (_group, target) => targets.get(key(target))?.health,
    targetHealthy: async () => undefined,
    onTargetHealth(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    setHealth(target, state, reason, description) {
      const entry = targets.get(key(target))
      if (!entry) throw new Error(`no target ${key(target)}`)
      entry.health = {
        state,
        ...(reason === undefined ? {} : { reason }),
        ...(description === undefined ? {} : { description }),
      }
      notify(entry)
    },
    dnsNameOf: () => undefined,
    targetGroupByName: () => undefined,
    forwardingRules: () => [],
    setForward: () => undefined,
    listenerExists: () => true,
  }
  return load
}
