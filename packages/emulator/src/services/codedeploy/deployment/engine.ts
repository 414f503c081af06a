/**
 * The deployment engine: carries a deployment through its life-cycle events, in order, and ends it. It reads like
 * the list in AWS's guide. The journal knows which event came last, so an emulator that was killed goes on with the
 * one that was under way: hooks run again, a shift repeats its last step, an Install adopts its task set.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html
 */
import type { EmulatorContext } from '../../../service.ts'
import type { CloudWatch } from '../../cloudwatch/contract.ts'
import type { Ecs } from '../../ecs/contract.ts'
import type { Elbv2 } from '../../elbv2/contract.ts'
import type { Lambda } from '../../lambda/contract.ts'
import { alarmsSayStop, watchAlarms } from '../../traffic-shift/alarm-watch.ts'
import { route } from '../../traffic-shift/listener-weights.ts'
import { shiftSteps } from '../model/configurations.ts'
import { deploymentIsNotInReadyState, invalidWaitType } from '../model/errors.ts'
import {
  type DeploymentFailure,
  type DeploymentStop,
  EmulatorStopping,
  ecsUpdateError,
  orFail,
  stoppedByRequest,
  unattended,
} from '../model/failures.ts'
import { type EventName, hookOf, isOver, type Plan, type Side } from '../model/model.ts'
import { endUnsuccessful } from './ending.ts'
import { createHooks, type Hooks } from './hooks.ts'
import { findSides, install } from './install.ts'
import { type PreparationDependencies, prepare } from './preparation.ts'
import { carryOutRollback } from './rollback.ts'
import { watchScaling } from './scaling-watch.ts'

const minuteMs = 60_000

export interface EngineDependencies extends PreparationDependencies {
  readonly ecs: Ecs
  readonly elbv2: Elbv2
  readonly cloudWatch: CloudWatch
  readonly lambda: Lambda
}

/** What goes on beside the events: alarms from Install on, scaling until all traffic has moved. */
interface Watch {
  alarms(): void
  /** Returns the end of it. */
  scaling(): () => void
}

export interface Engine {
  readonly hooks: Hooks
  /** Begins, or goes on with, a deployment that the journal holds. */
  run(id: string): void
  stop(id: string, rollback: boolean | undefined): void
  /** ContinueDeployment. */
  continue(id: string, waitType: string | undefined): void
  /** Leaves every deployment where it stands, to be continued at the next start. */
  shutDown(): Promise<void>
}

export function createEngine(context: EmulatorContext, dependencies: EngineDependencies): Engine {
  const { clock, store } = context
  const { ecs, elbv2, cloudWatch, journal } = dependencies
  const hooks = createHooks({ clock, ids: context.ids, journal, lambda: dependencies.lambda })
  const running = new Map<string, { control: AbortController; done: Promise<void> }>()
  /** Waits that ContinueDeployment may end: `<deployment>:<wait type>`. */
  const gates = new Map<string, () => void>()

  async function carryOut(id: string, signal: AbortSignal, watch: Watch): Promise<void> {
    await prepare(dependencies, id)
    await step(id, 'BeforeInstall', signal)
    await step(id, 'Install', signal, async () => {
      const { original, plan } = journal.get(id)
      if (original === undefined) {
        journal.update(id, { original: findSides({ ecs, elbv2 }, journal.get(id)).original })
      }
      const alarm = alarmsSayStop(cloudWatch, plan.alarms)
      if (alarm !== undefined) throw alarm
      watch.alarms()
      await install({ clock, store, ecs, elbv2, journal }, id, signal)
    })
    watch.alarms()
    const endScaling = watch.scaling()
    await step(id, 'AfterInstall', signal)
    await step(id, 'AllowTestTraffic', signal, async () => shift(id, 'test', 100))
    await step(id, 'AfterAllowTestTraffic', signal)
    await waitUntilReady(id, signal)
    await step(id, 'BeforeAllowTraffic', signal)
    await step(id, 'AllowTraffic', signal, () => allowTraffic(id, signal))
    endScaling()
    await step(id, 'AfterAllowTraffic', signal)
    await terminateOriginal(id, signal)
  }

  /** One life-cycle event: its own work, or its hook, or nothing. An event that is over is not repeated. */
  async function step(
    id: string,
    name: EventName,
    signal: AbortSignal,
    work?: () => Promise<void>,
  ): Promise<void> {
    const { appSpec, events, plan } = journal.get(id)
    const { status, startedAt = clock.now() } = events.find((event) => event.name === name) ?? {}
    if (status === 'Succeeded' || status === 'Skipped') return
    signal.throwIfAborted()
    const functionName = hookOf(appSpec, name)
    // Without a test listener there is nothing to do and nothing to ask: these two are passed over.
    if (name.endsWith('AllowTestTraffic') && plan.testListeners.length === 0) {
      return journal.setEvent(id, name, { status: 'Skipped', startedAt, endedAt: clock.now() })
    }
    journal.setEvent(id, name, { status: 'InProgress', startedAt })
    if (work !== undefined) await work()
    else if (functionName !== undefined) await hooks.run(id, name, functionName, signal)
    signal.throwIfAborted()
    journal.setEvent(id, name, { status: 'Succeeded', endedAt: clock.now() })
  }

  function shift(id: string, kind: 'production' | 'test', percent: number): void {
    const { original, replacement, plan } = journal.get(id)
    if (original === undefined || replacement === undefined) {
      throw new Error(`invariant: deployment ${id} has both of its sides when traffic moves`)
    }
    const listeners = kind === 'production' ? plan.productionListeners : plan.testListeners
    const shares = { from: original.targetGroupArn, to: replacement.targetGroupArn, percent }
    // Every rule, or none: nobody finds a listener half moved, whenever the emulator is killed.
    store.transaction(() => {
      route(elbv2, listeners, shares)
      if (kind === 'production') journal.update(id, { replacementWeight: percent })
    })
    journal.noteShift(id, kind, percent)
  }

  async function allowTraffic(id: string, signal: AbortSignal): Promise<void> {
    const steps = shiftSteps(journal.get(id).plan.routing)
    for (const [index, { percent, thenWaitMinutes }] of steps.entries()) {
      if (index < journal.get(id).shiftedSteps) continue
      signal.throwIfAborted()
      shift(id, 'production', percent)
      if (thenWaitMinutes > 0) await journal.waitAws(id, thenWaitMinutes * minuteMs, signal)
      journal.update(id, { shiftedSteps: index + 1 })
    }
    const { plan, replacement } = journal.get(id)
    if (replacement !== undefined) {
      orFail(
        () => ecs.setPrimaryTaskSet(plan.clusterName, plan.serviceName, replacement.taskSetId),
        ecsUpdateError,
      )
    }
  }

  /** "Specify when to reroute traffic": an unattended deployment ends as Stopped. */
  async function waitUntilReady(id: string, signal: AbortSignal): Promise<void> {
    const { plan, ready, readyDeadline } = journal.get(id)
    if (ready || !plan.stopWhenUnattended) return
    const awsMs = awsUntil(readyDeadline) ?? plan.readyWaitMinutes * minuteMs
    journal.setStatus(id, 'Ready', { readyDeadline: readyDeadline ?? clock.now() + clock.toReal(awsMs) })
    await gate(id, 'READY_WAIT', awsMs, signal)
    if (!journal.get(id).ready) throw unattended(plan.readyWaitMinutes)
  }

  /** The original task set stays for a while, so that a late alarm can still roll back to it. */
  async function terminateOriginal(id: string, signal: AbortSignal): Promise<void> {
    const { plan, terminationDeadline } = journal.get(id)
    const awsMs = awsUntil(terminationDeadline) ?? plan.terminationWaitMinutes * minuteMs
    journal.update(id, { terminationDeadline: terminationDeadline ?? clock.now() + clock.toReal(awsMs) })
    await gate(id, 'TERMINATION_WAIT', awsMs, signal)
  }

  /** In one: a deployment whose original drains already must not be rolled back to it. */
  function succeed(id: string): void {
    const { plan, original } = journal.get(id)
    store.transaction(() => {
      // ECS drains it on its own; the deployment has succeeded while the task set is still DRAINING, as on AWS.
      if (original !== undefined) removeOriginal(id, plan, original)
      journal.setStatus(id, 'Succeeded')
    })
  }

  function removeOriginal(id: string, { clusterName, serviceName }: Plan, { taskSetId }: Side): void {
    ecs.deleteTaskSet(clusterName, serviceName, taskSetId).catch((error) => {
      context.events.emit('baton.codedeploy', 'CodeDeploy Cleanup Failure', {
        deploymentId: id,
        message: String(error),
      })
    })
  }

  /** What is left of a wait that an earlier life of the emulator began. */
  const awsUntil = (deadline: number | undefined) =>
    deadline === undefined ? undefined : Math.max(0, deadline - clock.now()) * clock.speed

  /** Waits so long, or until ContinueDeployment. */
  async function gate(id: string, type: string, awsMs: number, signal: AbortSignal): Promise<void> {
    const key = `${id}:${type}`
    const opened = new AbortController()
    gates.set(key, () => opened.abort())
    try {
      await journal.waitAws(id, awsMs, AbortSignal.any([signal, opened.signal]))
    } catch (reason) {
      if (!opened.signal.aborted || signal.aborted) throw reason
    } finally {
      gates.delete(key)
    }
  }

  async function runToItsEnd(id: string, control: AbortController): Promise<void> {
    const ends = new Map<'alarms' | 'scaling', () => void>()
    const stop = (reason: DeploymentStop | DeploymentFailure) => control.abort(reason)
    try {
      const { creator, status } = journal.get(id)
      if (creator === 'codeDeployRollback') return store.transaction(() => rollBack(id))
      if (status !== 'Ready')
        journal.setStatus(id, 'InProgress', { startedAt: journal.get(id).startedAt ?? clock.now() })
      await carryOut(id, control.signal, {
        alarms() {
          if (!ends.has('alarms'))
            ends.set('alarms', watchAlarms(clock, cloudWatch, journal.get(id).plan.alarms, stop))
        },
        scaling() {
          const end = watchScaling({ clock, ecs }, journal.get(id), stop)
          ends.set('scaling', end)
          return end
        },
      })
      succeed(id)
    } catch (thrown) {
      const reason = control.signal.aborted ? control.signal.reason : thrown
      if (reason instanceof EmulatorStopping) return
      // In one: a deployment that has ended, and its rollback, are there together or not at all.
      store.transaction(() => {
        const rollback = endUnsuccessful(context, journal, id, reason)
        // At once and in the same turn: no request may fall between the stop and the way back.
        if (rollback !== undefined) rollBack(rollback)
      })
    } finally {
      for (const endWatch of ends.values()) endWatch()
    }
  }

  const rollBack = (id: string) => carryOutRollback({ clock, store, ecs, elbv2, journal }, id)

  return {
    hooks,
    run(id) {
      const control = new AbortController()
      const done = Promise.resolve()
        .then(() => runToItsEnd(id, control))
        .finally(() => running.delete(id))
      running.set(id, { control, done })
      const { stop } = journal.get(id)
      if (stop !== undefined) control.abort(stoppedByRequest(stop.rollback))
    },
    stop(id, rollback) {
      journal.update(id, { stop: rollback === undefined ? {} : { rollback } })
      running.get(id)?.control.abort(stoppedByRequest(rollback))
    },
    continue(id, waitType = 'READY_WAIT') {
      if (waitType !== 'READY_WAIT' && waitType !== 'TERMINATION_WAIT') throw invalidWaitType(waitType)
      const open = gates.get(`${id}:${waitType}`)
      if (open === undefined || isOver(journal.get(id))) throw deploymentIsNotInReadyState(id)
      // Kept before it is acknowledged.
      if (waitType === 'READY_WAIT') journal.setStatus(id, 'InProgress', { ready: true })
      else journal.update(id, { terminationDeadline: clock.now() })
      open()
    },
    async shutDown() {
      const all = [...running.values()]
      for (const { control } of all) control.abort(new EmulatorStopping('the emulator stops'))
      await Promise.allSettled(all.map(({ done }) => done))
    },
  }
}
