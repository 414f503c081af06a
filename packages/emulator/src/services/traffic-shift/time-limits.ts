/**
 * How far AWS's time limits and polling intervals are compressed by the clock. An application starts as fast as it
 * can, and polling costs time that traffic needs: neither gets faster with the clock's speed.
 */
import type { Clock } from '../../clock.ts'

/** Polling more often than this, in wall-clock milliseconds, takes time away from traffic. */
const shortestPollMs = 25

/**
 * How long to wait, in wall-clock milliseconds, for tasks to become steady: AWS's time limit at the clock's speed, but
 * never less than an application may take to start (`startingMs`), and never more than AWS's limit at full length.
 */
export const steadyTimeoutMs = (clock: Clock, limitAwsMs: number, startingMs = 0): number =>
  Math.max(clock.toReal(limitAwsMs), Math.min(limitAwsMs, startingMs))

/** The polling interval in AWS time, lengthened where the clock's speed would make it too short. */
export const pollIntervalAwsMs = (clock: Clock, everyAwsMs: number): number =>
  Math.max(everyAwsMs, shortestPollMs * clock.speed)

/** What is left, in AWS time, of a wait that ends at `deadline` (wall clock); never below 0. */
export const remainingAwsMs = (clock: Clock, deadline: number): number =>
  Math.max(0, deadline - clock.now()) * clock.speed
