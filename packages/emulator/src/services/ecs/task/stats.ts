/**
 * The statistics of a container in Docker's format: processor, memory, processes. Blocks and network are absent,
 * because a process of this machine has no own counters for them.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
 */
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { TaskRecord } from '../model/model.ts'

/** Ticks per second in /proc: fixed in Linux's user interface. */
const TICKS_PER_SECOND = 100
const NANOSECONDS_PER_TICK = 1e9 / TICKS_PER_SECOND

/** Undefined for a container without a process, and on a machine without /proc. */
export function containerStats(task: TaskRecord, index: number, memoryLimitMiB: number): object | undefined {
  const container = task.containers[index]
  const pid = Number(container?.runtimeId?.split('-')[1])
  if (container?.lastStatus !== 'RUNNING' || !Number.isInteger(pid)) return undefined
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // utime, stime, threads, resident pages of 4 KiB: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [user, system] = [Number(fields[11]), Number(fields[12])].map(
      (ticks) => ticks * NANOSECONDS_PER_TICK,
    )
    const total = readFileSync('/proc/stat', 'utf8').split('\n')[0]?.split(/\s+/).slice(1, 9) ?? []
    return {
      read: new Date().toISOString(),
      id: container.runtimeId,
      name: container.name,
      num_procs: Number(fields[17]),
      cpu_stats: {
        cpu_usage: {
          total_usage: (user ?? 0) + (system ?? 0),
          usage_in_usermode: user,
          usage_in_kernelmode: system,
        },
        system_cpu_usage: total.reduce((sum, ticks) => sum + Number(ticks) * NANOSECONDS_PER_TICK, 0),
        online_cpus: availableParallelism(),
      },
      memory_stats: { usage: Number(fields[21]) * 4096, limit: memoryLimitMiB * 1024 * 1024 },
    }
  } catch {
    return undefined
  }
}

/** The answer to `/task/stats`, by container id. */
export function taskStats(task: TaskRecord, memoryLimitMiB: number): object {
  return Object.fromEntries(
    task.containers.map((container, index) => [
      container.runtimeId ?? container.name ?? '',
      containerStats(task, index, memoryLimitMiB) ?? null,
    ]),
  )
}
