/**
 * Carries a traffic shift out, step by step: sets the weights, waits, and goes on, until all traffic has moved or the
 * signal is aborted. It knows neither the controller of the deployment nor where its progress is stored.
 */
import type { ShiftStep } from './steps.ts'

const minuteMs = 60_000

export interface Shift {
  readonly steps: readonly ShiftStep[]
  /** How many steps an earlier run has completed, its waits included. */
  readonly completedSteps: number
  /** Gives the new revision this share of the traffic. */
  setPercent(percent: number): void
  /** Waits a duration that AWS decides, in milliseconds of AWS time; rejects with the signal's reason. */
  wait(awsMs: number, signal: AbortSignal): Promise<void>
  /** Called when a step and its wait are over, to store the progress. */
  stepCompleted(completedSteps: number): void
}

/** Rejects with the signal's reason, or with what `setPercent` throws. The weights then stay as they are. */
export async function shiftTraffic(shift: Shift, signal: AbortSignal): Promise<void> {
  for (const [index, { percent, thenWaitMinutes }] of shift.steps.entries()) {
    if (index < shift.completedSteps) continue
    signal.throwIfAborted()
    shift.setPercent(percent)
    if (thenWaitMinutes > 0) await shift.wait(thenWaitMinutes * minuteMs, signal)
    shift.stepCompleted(index + 1)
  }
}
