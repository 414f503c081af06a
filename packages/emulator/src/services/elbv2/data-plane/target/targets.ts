/**
 * The registered targets while the emulator runs: their health, their connections, what is in flight to each, and
 * the ways in (register, first passed check) and out (drain, unused).
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-register-targets.html
 */
import type { Clock } from '../../../../clock.ts'
import type { Target, TargetHealth } from '../../contract.ts'
import type { TargetGroup } from '../../model/model.ts'
import { registrationKey, type State } from '../../model/state.ts'
import { type KeepAlive, TargetConnections } from './connections.ts'
import { betweenChecksMs, checkHealth, type HealthCheckResult } from './health-check.ts'
import { startsSlowly } from './slow-start.ts'
import {
  checkingFirst,
  deregistering,
  minimumHealthy,
  notInUse,
  notRegistered,
  registering,
} from './target-states.ts'

/** A request on its way to a target and back; `cut` ends it at once, whatever is still to come. */
export interface InFlight {
  cut(): void
}

export interface LiveTarget {
  readonly targetGroupArn: string
  readonly target: Target
  readonly inFlight: Set<InFlight>
  readonly connections: TargetConnections
  health: TargetHealth
  /** Wall clock; when it became healthy, as long as it is in slow start. */
  slowStartSince: number | undefined
}

/** The targets of a group that get requests. */
export interface Candidates {
  readonly targets: readonly LiveTarget[]
  /** Whether these are all of them because too few are healthy. */
  readonly failedOpen: boolean
}

interface Member extends LiveTarget {
  readonly leaving: AbortController
  /** Health checks run as long as the group is used by a load balancer. */
  checking: AbortController | undefined
  passes: number
  failures: number
  /** Resolves once it has left; set when it begins to drain. */
  drained: Promise<void> | undefined
}

export type HealthListener = (targetGroupArn: string, target: Target, health: TargetHealth) => void

export type Targets = ReturnType<typeof createTargets>

export function createTargets(options: {
  clock: Clock
  state: State
  /** Idle time-out of the load balancer that uses the group. */
  idleTimeoutMs(targetGroupArn: string): number
  onConnection?(targetGroupArn: string): void
  onKeepAlive?(targetGroupArn: string, target: Target, keepAlive: KeepAlive): void
  connectTimeoutMs?: number | undefined
}) {
  const { clock, state } = options
  /** By group, then by `id:port`; draining ones included until they are unused or replaced. */
  const groups = new Map<string, Map<string, Member>>()
  const candidateCache = new Map<string, Candidates>()
  const listeners = new Set<HealthListener>()
  const stopping = new AbortController()
  let started = false
  let inUse: ReadonlySet<string> = new Set(state.associations().keys())

  const allMembers = () => [...groups.values()].flatMap((members) => [...members.values()])
  const membersOf = (arn: string) => [...(groups.get(arn)?.values() ?? [])]
  const find = (arn: string, target: Target) => groups.get(arn)?.get(`${target.id}:${target.port}`)

  function setHealth(member: Member, health: TargetHealth): void {
    candidateCache.delete(member.targetGroupArn)
    if (member.health.state === health.state && member.health.reason === health.reason) {
      member.health = health
      return
    }
    member.slowStartSince = health.state === 'healthy' && inSlowStart(member) ? clock.now() : undefined
    member.health = health
    const current = find(member.targetGroupArn, member.target)
    // A draining target that was registered again is no longer the one that others ask for.
    if (current && current !== member) return
    for (const listener of listeners) listener(member.targetGroupArn, member.target, health)
  }

  function inSlowStart(member: Member): boolean {
    const { targetGroupArn: arn } = member
    const others = membersOf(arn).filter((other) => other !== member)
    return startsSlowly(clock, state.targetGroups.get(arn)?.settings, others)
  }

  function add(group: TargetGroup, target: Target): void {
    const member: Member = {
      targetGroupArn: group.arn,
      target: { id: target.id, port: target.port },
      inFlight: new Set(),
      connections: new TargetConnections({
        target,
        tls: group.protocol === 'HTTPS',
        idleTimeoutMs: () => options.idleTimeoutMs(group.arn),
        connectTimeoutMs: options.connectTimeoutMs,
        onOpen: () => options.onConnection?.(group.arn),
        onKeepAlive: (keepAlive) => options.onKeepAlive?.(group.arn, target, keepAlive),
      }),
      health: notInUse,
      slowStartSince: undefined,
      leaving: new AbortController(),
      checking: undefined,
      passes: 0,
      failures: 0,
      drained: undefined,
    }
    const members = groups.get(group.arn) ?? new Map<string, Member>()
    groups.set(group.arn, members.set(`${target.id}:${target.port}`, member))
    candidateCache.delete(group.arn)
    startChecks(member)
  }

  function startChecks(member: Member): void {
    if (!inUse.has(member.targetGroupArn) || member.checking || stopping.signal.aborted) return
    member.checking = new AbortController()
    member.passes = 0
    member.failures = 0
    setHealth(member, registering)
    const signal = AbortSignal.any([member.checking.signal, member.leaving.signal, stopping.signal])
    check(member, signal).catch((error) => {
      if (!signal.aborted) throw error
    })
  }

  function stopChecks(member: Member): void {
    member.checking?.abort()
    member.checking = undefined
  }

  async function check(member: Member, signal: AbortSignal): Promise<void> {
    setHealth(member, checkingFirst)
    while (!signal.aborted) {
      const group = state.targetGroups.get(member.targetGroupArn)
      if (!group) return
      // The time that a check takes does not move the next one.
      const next = clock.sleepReal(
        betweenChecksMs(clock, group.healthCheck, member.health.state === 'healthy'),
        signal,
      )
      next.catch(() => undefined)
      const result = await checkHealth(member.target, group.healthCheck, signal)
      if (signal.aborted) return
      apply(member, group, result)
      await next
    }
  }

  function apply(member: Member, group: TargetGroup, result: HealthCheckResult): void {
    member.passes = result.passed ? member.passes + 1 : 0
    member.failures = result.passed ? 0 : member.failures + 1
    const { healthyThreshold, unhealthyThreshold } = group.healthCheck
    // A new target needs one pass only.
    const passesNeeded = member.health.state === 'initial' ? 1 : healthyThreshold
    if (result.passed) {
      if (member.health.state !== 'healthy' && member.passes >= passesNeeded)
        setHealth(member, { state: 'healthy' })
    } else if (member.failures >= unhealthyThreshold) {
      setHealth(member, { state: 'unhealthy', reason: result.reason, description: result.description })
    }
  }

  function remove(member: Member): void {
    stopChecks(member)
    member.leaving.abort()
    member.connections.close()
    for (const each of [...member.inFlight]) each.cut()
    const members = groups.get(member.targetGroupArn)
    const key = `${member.target.id}:${member.target.port}`
    if (members?.get(key) === member) members.delete(key)
    setHealth(member, notRegistered)
  }

  async function drain(member: Member, delayMs: number): Promise<void> {
    stopChecks(member)
    setHealth(member, deregistering)
    member.connections.close()
    const deadline = performance.now() + delayMs
    const signal = AbortSignal.any([stopping.signal, member.leaving.signal])
    try {
      await clock.sleepAws(delayMs, signal)
      while (member.inFlight.size > 0) {
        const left = deadline - performance.now()
        if (left <= 0) break
        await clock.sleepReal(Math.min(left, 10), signal)
      }
    } catch (error) {
      // The emulator stops, or the group was deleted: nothing is in flight any more.
      if (!signal.aborted) throw error
    }
    remove(member)
  }

  /** What is registered is what the store says, whatever an undone transaction has done to it in between. */
  function followStore(): void {
    if (!started || stopping.signal.aborted) return
    const leaves = ({ health }: Member) => health.state === 'draining'
    for (const member of allMembers()) {
      const known = state.registrations.has(registrationKey(member.targetGroupArn, member.target))
      if (!known && !leaves(member)) remove(member)
    }
    for (const registration of state.registrations.values()) {
      const group = state.targetGroups.get(registration.targetGroupArn)
      const known = find(registration.targetGroupArn, registration)
      if (group && (!known || leaves(known))) add(group, registration)
    }
  }
  state.registrations.onReload(followStore)

  return {
    /** Applies the registrations of the store. */
    start(): void {
      started = true
      followStore()
    },

    stop(): void {
      stopping.abort()
      for (const member of allMembers()) remove(member)
    },

    /** Registering a target again while it drains creates a new member; the old one drains on. */
    register(group: TargetGroup, target: Target): void {
      const key = registrationKey(group.arn, target)
      const known = find(group.arn, target)
      if (known && known.health.state !== 'draining') return
      state.registrations.put(key, { targetGroupArn: group.arn, id: target.id, port: target.port })
      add(group, target)
    },

    /** Resolves once it is unused: the delay over and nothing in flight, or what was left cut off. */
    async deregister(group: TargetGroup, target: Target): Promise<void> {
      const member = find(group.arn, target)
      if (!member) return
      if (member.drained) return member.drained
      state.registrations.delete(registrationKey(group.arn, target))
      if (member.health.state === 'unused') return remove(member)
      member.drained = drain(member, Number(group.settings['deregistration_delay.timeout_seconds']) * 1000)
      await member.drained
    },

    members: (targetGroupArn: string): readonly LiveTarget[] => membersOf(targetGroupArn),

    find: (targetGroupArn: string, target: Target): LiveTarget | undefined => find(targetGroupArn, target),

    /** Those that get requests: the healthy ones, or all where too few are (it fails open). */
    candidates(group: TargetGroup): Candidates {
      const cached = candidateCache.get(group.arn)
      if (cached) return cached
      const all = membersOf(group.arn).filter(
        ({ health }) => health.state !== 'draining' && health.state !== 'unused',
      )
      const healthy = all.filter(({ health }) => health.state === 'healthy')
      const failedOpen = healthy.length === 0 || healthy.length < minimumHealthy(group, all.length)
      const candidates = { targets: failedOpen ? all : healthy, failedOpen }
      candidateCache.set(group.arn, candidates)
      return candidates
    },

    /** To be called when rules or attributes changed: checks start and stop with the use of a group. */
    refresh(): void {
      inUse = new Set(state.associations().keys())
      candidateCache.clear()
      for (const member of allMembers()) {
        if (member.health.state === 'draining') continue
        if (inUse.has(member.targetGroupArn)) startChecks(member)
        else if (member.checking) {
          stopChecks(member)
          setHealth(member, notInUse)
        }
      }
    },

    forgetGroup(targetGroupArn: string): void {
      for (const member of membersOf(targetGroupArn)) {
        state.registrations.delete(registrationKey(targetGroupArn, member.target))
        remove(member)
      }
      groups.delete(targetGroupArn)
    },

    onHealth(listener: HealthListener): () => void {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}
