/**
 * Measures CPUUtilization and MemoryUtilization of services, in percent of what the task definition reserves.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html
 *
 * CPUUtilization compares the processor time of a task's processes with the vCPU that the task would have on AWS.
 */
import { createProcessorShare, processUsage } from '../../../runtime/index.ts'
import type { EmulatorContext } from '../../../service.ts'
import type { CloudWatch } from '../../cloudwatch/contract.ts'
import { isRunning } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'

/** AWS time: ECS sends its metrics every minute. */
const PERIOD_MS = 60_000

/** Measures until the returned function is called. */
export function measureTasks(context: EmulatorContext, state: EcsState, cloudWatch: CloudWatch): () => void {
  const shares = createProcessorShare()
  const measured = new Set<string>()
  return context.clock.everyAws(PERIOD_MS, () => {
    for (const task of state.tasks.values().filter(isRunning)) {
      if (task.serviceName === undefined) continue
      const definition = state.findTaskDefinition(task.taskDefinitionArn)
      const used = processUsage(task.containers.map(({ runtimeId }) => Number(runtimeId?.split('-')[1])))
      if (!used || !definition) continue
      measured.add(task.id)
      const record = (metric: string, value: number) =>
        cloudWatch.record({
          namespace: 'AWS/ECS',
          metric,
          dimensions: { ClusterName: task.clusterName, ServiceName: task.serviceName ?? '' },
          value,
          unit: 'Percent',
        })
      const memoryMiB = Number(definition.input.memory ?? 0)
      if (memoryMiB > 0) record('MemoryUtilization', (used.bytes / (memoryMiB * 1024 * 1024)) * 100)
      const vcpu = Number(definition.input.cpu ?? 0) / 1024
      const share = shares.of(task.id, used.cpuSeconds)
      if (share !== undefined && vcpu > 0) record('CPUUtilization', (share / vcpu) * 100)
    }
    for (const id of measured) {
      if (state.tasks.get(id)?.lastStatus === 'RUNNING') continue
      shares.forget(id)
      measured.delete(id)
    }
  })
}
