/**
 * The two waits of a deployment that ContinueDeployment may end: for the call that starts the shift, and for the
 * termination of the original task set. Each has a stored deadline, so a restart of the emulator does not prolong it.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ContinueDeployment.html
 */
import type { Clock } from '../../../clock.ts'
import { remainingAwsMs } from '../../traffic-shift/time-limits.ts'
import { deploymentIsNotInReadyState, invalidWaitType } from '../model/errors.ts'
import { readyWaitTimedOut } from '../model/failures.ts'
import type { Journal } from '../model/journal.ts'
import { isOver } from '../model/model.ts'

const minuteMs = 60_000

export interface Waits {
  /** READY_WAIT: a deployment that no call continues in time ends as Stopped. */
  untilReady(id: string, signal: AbortSignal): Promise<void>
  /** TERMINATION_WAIT: the original task set stays for a while, so that a late alarm can still roll back to it. */
  untilTermination(id: string, signal: AbortSignal): Promise<void>
  /** ContinueDeployment. */
  continue(id: string, waitType: string | undefined): void
}

export function createWaits({ clock, journal }: { readonly clock: Clock; readonly journal: Journal }): Waits {
  /** Ends a wait that is in progress, by `<deployment>:<wait type>`. */
  const inProgress = new Map<string, () => void>()

  async function wait(id: string, type: string, awsMs: number, signal: AbortSignal): Promise<void> {
    const key = `${id}:${type}`
    const continued = new AbortController()
    inProgress.set(key, () => continued.abort())
    try {
      await journal.waitAws(id, awsMs, AbortSignal.any([signal, continued.signal]))
    } catch (reason) {
      if (!continued.signal.aborted || signal.aborted) throw reason
    } finally {
      inProgress.delete(key)
    }
  }

  /** The whole wait, or what is left of one that began before a restart. */
  function planned(minutes: number, stored: number | undefined): { awsMs: number; deadline: number } {
    if (stored !== undefined) return { awsMs: remainingAwsMs(clock, stored), deadline: stored }
    const awsMs = minutes * minuteMs
    return { awsMs, deadline: clock.now() + clock.toReal(awsMs) }
  }

  return {
    async untilReady(id, signal) {
      const { plan, ready, readyDeadline } = journal.get(id)
      if (ready || !plan.stopWhenUnattended) return
      const { awsMs, deadline } = planned(plan.readyWaitMinutes, readyDeadline)
      journal.setStatus(id, 'Ready', { readyDeadline: deadline })
      await wait(id, 'READY_WAIT', awsMs, signal)
      if (!journal.get(id).ready) throw readyWaitTimedOut(plan.readyWaitMinutes)
    },
    async untilTermination(id, signal) {
      const { plan, terminationDeadline } = journal.get(id)
      const { awsMs, deadline } = planned(plan.terminationWaitMinutes, terminationDeadline)
      journal.update(id, { terminationDeadline: deadline })
      await wait(id, 'TERMINATION_WAIT', awsMs, signal)
    },
    continue(id, waitType = 'READY_WAIT') {
      if (waitType !== 'READY_WAIT' && waitType !== 'TERMINATION_WAIT') throw invalidWaitType(waitType)
      const end = inProgress.get(`${id}:${waitType}`)
      if (end === undefined || isOver(journal.get(id))) throw deploymentIsNotInReadyState(id)
      // Stored before it is acknowledged.
      if (waitType === 'READY_WAIT') journal.setStatus(id, 'InProgress', { ready: true })
      else journal.update(id, { terminationDeadline: clock.now() })
      end()
    },
  }
}
