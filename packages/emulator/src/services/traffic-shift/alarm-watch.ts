/**
 * Watches a deployment's alarms while it runs: one in ALARM stops it, and so does one whose state cannot be read,
 * unless `ignorePollAlarmFailure`. CodeDeploy polls; that it reacts within some twenty seconds is what was
 * measured on AWS, not documented.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html
 */
import type { AlarmConfiguration } from '@aws-sdk/client-codedeploy'
import type { Clock } from '../../clock.ts'
import type { CloudWatch } from '../cloudwatch/contract.ts'
import { alarmsActive, alarmsUnreadable, type DeploymentStop } from '../codedeploy/model/failures.ts'

const pollAwsMs = 10_000
/** Looking costs time that traffic needs, however fast AWS's passes. */
export const leastPollMs = 25

/** Why the alarms stop a deployment now; undefined where they do not. */
export function alarmsSayStop(
  cloudWatch: CloudWatch,
  configuration: AlarmConfiguration,
): DeploymentStop | undefined {
  if (configuration.enabled !== true) return undefined
  const names = (configuration.alarms ?? []).flatMap((alarm) => alarm.name ?? [])
  const active = names.filter((name) => cloudWatch.alarmState(name) === 'ALARM')
  if (active.length > 0) return alarmsActive(active)
  const unknown = names.filter((name) => cloudWatch.alarmState(name) === undefined)
  return unknown.length > 0 && configuration.ignorePollAlarmFailure !== true
    ? alarmsUnreadable(unknown)
    : undefined
}

/** Polls until the returned function is called; `stop` is called at most once. */
export function watchAlarms(
  clock: Clock,
  cloudWatch: CloudWatch,
  configuration: AlarmConfiguration,
  stop: (reason: DeploymentStop) => void,
): () => void {
  if (configuration.enabled !== true) return () => undefined
  const end = clock.everyAws(Math.max(pollAwsMs, leastPollMs * clock.speed), () => {
    const reason = alarmsSayStop(cloudWatch, configuration)
    if (reason === undefined) return
    end()
    stop(reason)
  })
  return end
}
