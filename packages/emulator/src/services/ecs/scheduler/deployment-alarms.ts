/**
 * CloudWatch alarms that fail a deployment of the rolling controller: an alarm that fires while a task of the
 * deployment runs, or in the bake time, during which a deployment that has nothing else left to do is watched.
 *
 * An alarm that is in ALARM when a deployment starts would fail the release that is to fix the cause. Such a
 * deployment is not watched (AWS's own tool says so: https://github.com/aws/copilot-cli/pull/4512).
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
 */
import type { CloudWatch } from '../../cloudwatch/contract.ts'
import type { ServiceRecord, TaskSetRecord } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'

/** The delay of a data point to its alarm: without it, an alarm could not fire for the last data point. */
const LAG_SECONDS = 60

export interface DeploymentAlarms {
  /** The alarms that watch a deployment of the service that starts now. */
  watched(service: ServiceRecord): Pick<TaskSetRecord, 'alarms'>
  /** Those of the deployment's alarms that are in ALARM. */
  inAlarm(taskSet: TaskSetRecord): string[]
  /** How long, in AWS's milliseconds, a deployment with nothing else left to do is watched. */
  bakeMs(taskSet: TaskSetRecord): number
  /** Calls `listener` with services whose deployment an alarm may have failed; returns the end of it. */
  onAlarm(listener: (service: ServiceRecord) => void): () => void
}

export function createDeploymentAlarms(
  state: EcsState,
  cloudWatch: CloudWatch | undefined,
): DeploymentAlarms {
  const inAlarm = (names: readonly string[]) =>
    names.filter((name) => cloudWatch?.alarmState(name) === 'ALARM')

  return {
    watched({ controller, alarms }) {
      const applies =
        controller === 'ECS' && alarms?.enable === true && inAlarm(alarms.alarmNames).length === 0
      return applies ? { alarms: alarms.alarmNames } : {}
    },
    inAlarm: ({ alarms = [] }) => inAlarm(alarms),
    // AWS computes it from the alarms and does not say how: here, as long as the slowest of them needs to fire.
    bakeMs({ alarms = [] }) {
      if (alarms.length === 0) return 0
      const windows = alarms.map((name) => cloudWatch?.alarmWindowSeconds(name) ?? 0)
      return (Math.max(...windows) + LAG_SECONDS) * 1000
    },
    onAlarm(listener) {
      const end = cloudWatch?.onAlarm((name) => {
        for (const taskSet of state.taskSets.values()) {
          if (taskSet.status !== 'PRIMARY' || !taskSet.alarms?.includes(name)) continue
          const service = state.serviceOf(taskSet)
          if (service) listener(service)
        }
      })
      return () => end?.()
    },
  }
}
