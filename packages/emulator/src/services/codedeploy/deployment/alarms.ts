/**
 * The alarms of a deployment. One in ALARM stops it, and so does one whose state cannot be read, unless
 * `ignorePollAlarmFailure`. CodeDeploy polls; that it reacts within about twenty seconds was measured on AWS, and is
 * not documented.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-create-alarms.html
 */
import type { AlarmConfiguration } from '@aws-sdk/client-codedeploy'
import type { Clock } from '../../../clock.ts'
import { type AlarmStates, findAlarm, watchAlarms } from '../../traffic-shift/alarm-watch.ts'
import { type DeploymentStop, stopReasonFromAlarms } from '../model/failures.ts'

const pollAwsMs = 10_000

const watched = ({ enabled, alarms = [], ignorePollAlarmFailure }: AlarmConfiguration) => ({
  names: enabled === true ? alarms.flatMap(({ name }) => name ?? []) : [],
  ignoreUnknown: ignorePollAlarmFailure === true,
})

/** Throws the `DeploymentStop` where an alarm stops the deployment now. */
export function throwOnAlarm(cloudWatch: AlarmStates, configuration: AlarmConfiguration): void {
  const finding = findAlarm(cloudWatch, watched(configuration))
  if (finding !== undefined) throw stopReasonFromAlarms(finding)
}

/** Polls until the returned function is called; `stop` is called at most once. */
export const watchDeploymentAlarms = (
  { clock, cloudWatch }: { readonly clock: Clock; readonly cloudWatch: AlarmStates },
  configuration: AlarmConfiguration,
  stop: (reason: DeploymentStop) => void,
): (() => void) =>
  watchAlarms({ clock, alarms: cloudWatch }, watched(configuration), pollAwsMs, (finding) =>
    stop(stopReasonFromAlarms(finding)),
  )
