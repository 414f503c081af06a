/**
 * The restart policy of a container: after an exit it restarts within its task, unless the policy ignores the exit
 * code or the container ran for less than the restart attempt period.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html
 */
import type { ContainerDefinition } from '@aws-sdk/client-ecs'
import type { Clock } from '../../../clock.ts'

/** The default: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerRestartPolicy.html */
const PERIOD_SECONDS = 300

/** Whether a container that exited after `ranMs` of wall-clock time restarts. */
export function restarts(
  { restartPolicy }: ContainerDefinition,
  exitCode: number,
  ranMs: number,
  clock: Clock,
): boolean {
  if (!restartPolicy?.enabled || restartPolicy.ignoredExitCodes?.includes(exitCode)) return false
  return ranMs >= clock.toReal((restartPolicy.restartAttemptPeriod ?? PERIOD_SECONDS) * 1000)
}
