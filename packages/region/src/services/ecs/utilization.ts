/**
 * CPUUtilization and MemoryUtilization of services, in percent of what the task definition reserves.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html
 *
 * A process's share of this machine's processor is compared with the vCPU that the task would have on AWS.
 */
import { readFileSync } from 'node:fs'
import type { RegionContext } from '../../service.ts'
import type { Metrics } from '../cloudwatch/contract.ts'
import { isRunning } from './model.ts'
import type { EcsState } from './state.ts'

/** ECS sends its metrics every minute. */
const PERIOD_MS = 60_000
/** Ticks a second in /proc/<pid>/stat: fixed in Linux's user interface. */
const TICKS_PER_SECOND = 100

/** Measures until the returned function is called. */
export function measureTasks(context: RegionContext, state: EcsState, metrics: Metrics): () => void {
  const before = new Map<string, { ticks: number; at: number }>()
  return context.clock.everyAws(PERIOD_MS, () => {
    for (const task of state.tasks.values().filter(isRunning)) {
      if (task.serviceName === undefined) continue
      const definition = state.findTaskDefinition(task.taskDefinitionArn)
      const pids = task.containers.map(({ runtimeId }) => Number(runtimeId?.split('-')[1]))
      const used = usage(pids)
      if (!used || !definition) continue
      const at = performance.now()
      const last = before.get(task.id)
      before.set(task.id, { ticks: used.ticks, at })
      const record = (metric: string, value: number) =>
        metrics.record({
          namespace: 'AWS/ECS',
          metric,
          dimensions: { ClusterName: task.clusterName, ServiceName: task.serviceName ?? '' },
          value,
          unit: 'Percent',
        })
      const memoryMiB = Number(definition.input.memory ?? 0)
      if (memoryMiB > 0) record('MemoryUtilization', (used.bytes / (memoryMiB * 1024 * 1024)) * 100)
      const vcpu = Number(definition.input.cpu ?? 0) / 1024
      if (last && vcpu > 0) {
        const share = (used.ticks - last.ticks) / TICKS_PER_SECOND / ((at - last.at) / 1000)
        record('CPUUtilization', (share / vcpu) * 100)
      }
    }
    for (const id of before.keys()) if (state.tasks.get(id)?.lastStatus !== 'RUNNING') before.delete(id)
  })
}

/** Undefined where the machine has no /proc. */
function usage(pids: readonly number[]): { ticks: number; bytes: number } | undefined {
  try {
    return pids.reduce(
      (sum, pid) => {
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
        const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
        // utime and stime; resident pages of 4 KiB. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
        return {
          ticks: sum.ticks + Number(fields[11]) + Number(fields[12]),
          bytes: sum.bytes + Number(fields[21]) * 4096,
        }
      },
      { ticks: 0, bytes: 0 },
    )
  } catch {
    return undefined
  }
}
