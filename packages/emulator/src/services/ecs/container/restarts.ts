/**
 * A container's restart policy: one that ends is started again within its task, unless its exit code is ignored or
 * it ran for too short a time.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html
 */
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { Clock } from '../../../clock.ts'

/** Where the policy is silent: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerRestartPolicy.html */
const PERIOD_SECONDS = 300

/** Whether a container that ended after `ranMs` of wall-clock time is started again. */
export function restarts(
  { restartPolicy }: ContainerDefinition,
  exitCode: number,
  ranMs: number,
  clock: Clock,
): boolean {
  if (!restartPolicy?.enabled || restartPolicy.ignoredExitCodes?.includes(exitCode)) return false
  return ranMs >= clock.toReal((restartPolicy.restartAttemptPeriod ?? PERIOD_SECONDS) * 1000)
}
