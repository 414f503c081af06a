/**
 * CloudWatch alarms that fail a deployment of the rolling controller: one that goes off while a task of it runs, or
 * in the bake time, for which a deployment that has nothing else left to do goes on being watched.
 *
 * An alarm that is in ALARM when a deployment begins would fail the very release that is to mend it: such a
 * deployment is not watched (as AWS's own tool knows it: https://github.com/aws/copilot-cli/pull/4512).
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
 */
import type { CloudWatch } from '../../cloudwatch/contract.ts'
import { isRunning, type ServiceRecord, type TaskSetRecord } from '../model/model.ts'
import { serviceKey } from '../model/service-keys.ts'
import type { EcsState } from '../model/state.ts'

/** What a data point takes to its alarm: without it an alarm could not go off for what it saw last. */
const LAG_SECONDS = 60

export interface DeploymentAlarms {
  /** What a deployment of the service that begins now is watched by. */
  watched(service: ServiceRecord): Pick<TaskSetRecord, 'alarms'>
  /** Those that fail the deployment now. */
  triggered(taskSet: TaskSetRecord): string[]
  /** How long, in AWS's milliseconds, a deployment goes on being watched once it has nothing else to do. */
  bakeMs(taskSet: TaskSetRecord): number
  /** Called with services whose deployment an alarm may have failed. */
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
    triggered(taskSet) {
      if (taskSet.rolloutState !== 'IN_PROGRESS' || !taskSet.alarms) return []
      return state.tasksOf(taskSet).some(isRunning) ? inAlarm(taskSet.alarms) : []
    },
    // AWS computes it from the alarms and does not say how: as long as the slowest of them needs to go off.
    bakeMs({ alarms = [] }) {
      if (alarms.length === 0) return 0
      const windows = alarms.map((name) => cloudWatch?.alarmWindowSeconds(name) ?? 0)
      return (Math.max(...windows) + LAG_SECONDS) * 1000
    },
    onAlarm(listener) {
      const end = cloudWatch?.onAlarm((name) => {
        for (const taskSet of state.taskSets.values()) {
          if (taskSet.status !== 'PRIMARY' || !taskSet.alarms?.includes(name)) continue
          const service = state.services.get(serviceKey(taskSet.clusterName, taskSet.serviceName))
          if (service) listener(service)
        }
      })
      return () => end?.()
    },
  }
}
