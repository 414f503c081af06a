/**
 * The deployment engine: carries a deployment through its life-cycle events, in order, and ends it. It reads like
 * the list in AWS's guide. The journal holds which event came last, so after a kill the emulator continues with the
 * event that was in progress: a hook runs again, a shift repeats its last step, an Install adopts its task set.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html
 */
import type { EmulatorContext } from '../../../service.ts'
import type { CloudWatch } from '../../cloudwatch/contract.ts'
import type { Ecs } from '../../ecs/contract.ts'
import type { Elbv2 } from '../../elbv2/contract.ts'
import type { Lambda } from '../../lambda/contract.ts'
import { EmulatorStopping, ecsUpdateError, mapError, stoppedByRequest, toFailure } from '../model/failures.ts'
import { type EventName, hookOf } from '../model/model.ts'
import { watchDeploymentAlarms } from './alarms.ts'
import { endDeployment } from './ending.ts'
import { createHooks, type Hooks } from './hooks.ts'
import { install } from './install.ts'
import { type PreparationDependencies, prepare } from './preparation.ts'
import { carryOutRollback, planRollback } from './rollback.ts'
import { watchScaling } from './scaling-watch.ts'
import { routeTraffic, shiftProduction } from './traffic.ts'
import { createWaits } from './waits.ts'

export interface EngineDependencies extends PreparationDependencies {
  readonly ecs: Ecs
  readonly elbv2: Elbv2
  readonly cloudWatch: CloudWatch
  readonly lambda: Lambda
}

export interface Engine {
  readonly hooks: Hooks
  /** Starts, or continues, a deployment that the journal holds. */
  run(id: string): void
  stop(id: string, rollback: boolean | undefined): void
  /** ContinueDeployment. */
  continue(id: string, waitType: string | undefined): void
  /** Leaves every deployment as it is, to be continued at the next start. */
  shutDown(): Promise<void>
}

export function createEngine(context: EmulatorContext, services: EngineDependencies): Engine {
  const { clock, store } = context
  const { ecs, journal } = services
  const dependencies = { ...services, clock, store }
  const hooks = createHooks({ clock, ids: context.ids, journal, lambda: services.lambda })
  const waits = createWaits({ clock, journal })
  const running = new Map<string, { control: AbortController; done: Promise<void> }>()

  async function carryOut(id: string, control: AbortController, watches: DisposableStack): Promise<void> {
    const { signal } = control
    const stop = (reason: Error) => control.abort(reason)
    await prepare(services, id)
    await step(id, 'BeforeInstall', signal)
    // Alarms are watched from Install to the end, scaling events until all traffic has moved.
    watches.defer(watchDeploymentAlarms(dependencies, journal.get(id).plan.alarms, stop))
    await step(id, 'Install', signal, () => install(dependencies, id, signal))
    const endScalingWatch = watchScaling(dependencies, journal.get(id), stop)
    watches.defer(endScalingWatch)
    await step(id, 'AfterInstall', signal)
    await step(id, 'AllowTestTraffic', signal, async () => routeTraffic(dependencies, id, 'test', 100))
    await step(id, 'AfterAllowTestTraffic', signal)
    await waits.untilReady(id, signal)
    await step(id, 'BeforeAllowTraffic', signal)
    await step(id, 'AllowTraffic', signal, () => allowTraffic(id, signal))
    endScalingWatch()
    await step(id, 'AfterAllowTraffic', signal)
    await waits.untilTermination(id, signal)
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
    // Without a test listener there is no traffic to move and no hook to run: both events are skipped.
    if (name.endsWith('AllowTestTraffic') && plan.testListeners.length === 0) {
      return journal.setEvent(id, name, { status: 'Skipped', startedAt, endedAt: clock.now() })
    }
    journal.setEvent(id, name, { status: 'InProgress', startedAt })
    if (work !== undefined) await work()
    else if (functionName !== undefined) await hooks.run(id, name, functionName, signal)
    signal.throwIfAborted()
    journal.setEvent(id, name, { status: 'Succeeded', endedAt: clock.now() })
  }

  async function allowTraffic(id: string, signal: AbortSignal): Promise<void> {
    await shiftProduction(dependencies, id, signal)
    const { plan, replacement } = journal.get(id)
    if (replacement === undefined) return
    mapError(
      () => ecs.setPrimaryTaskSet(plan.clusterName, plan.serviceName, replacement.taskSetId),
      ecsUpdateError,
    )
  }

  /** In one transaction: a deployment whose original task set is draining must not be rolled back to it. */
  function succeed(id: string): void {
    store.transaction(() => {
      // ECS drains it by itself; the deployment succeeds while the task set is still DRAINING, as on AWS.
      deleteOriginal(id)
      endDeployment(dependencies, id, 'succeeded')
    })
  }

  function deleteOriginal(id: string): void {
    const { plan, original } = journal.get(id)
    if (original === undefined) return
    ecs.deleteTaskSet(plan.clusterName, plan.serviceName, original.taskSetId).catch((error) => {
      context.events.emit('baton.codedeploy', 'CodeDeploy Cleanup Failure', {
        deploymentId: id,
        message: String(error),
      })
    })
  }

  /** In one transaction: a deployment that has ended and its rollback are stored together or not at all. */
  function fail(id: string, reason: unknown): void {
    const failure = toFailure(reason)
    store.transaction(() => {
      const rollback = planRollback(context, journal, id, failure)
      endDeployment(dependencies, id, { failure, rollback })
      // In the same turn: no request may come between the stop and the rollback.
      if (rollback !== undefined) rollBack(rollback.id)
    })
  }

  const rollBack = (id: string) => carryOutRollback(dependencies, id)

  async function runToItsEnd(id: string, control: AbortController): Promise<void> {
    const watches = new DisposableStack()
    try {
      const { creator, status, startedAt = clock.now() } = journal.get(id)
      if (creator === 'codeDeployRollback') return store.transaction(() => rollBack(id))
      if (status !== 'Ready') journal.setStatus(id, 'InProgress', { startedAt })
      await carryOut(id, control, watches)
      succeed(id)
    } catch (thrown) {
      const reason = control.signal.aborted ? control.signal.reason : thrown
      if (!(reason instanceof EmulatorStopping)) fail(id, reason)
    } finally {
      watches.dispose()
    }
  }

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
    continue: waits.continue,
    async shutDown() {
      const all = [...running.values()]
      for (const { control } of all) control.abort(new EmulatorStopping('the emulator stops'))
      await Promise.allSettled(all.map(({ done }) => done))
    },
  }
}
