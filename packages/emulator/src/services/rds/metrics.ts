/**
 * The metrics of each instance that are recorded every minute, measured on the real server: its processes, its clients,
 * its files. https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-metrics.html
 *
 * Shares are those of the machine that the instance class would have on AWS; of a class that is not known here,
 * processor and memory are not recorded.
 */
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { childProcesses, createProcessorShare, processUsage } from '../../runtime/index.ts'
import type { EmulatorContext } from '../../service.ts'
import type { CloudWatch } from '../cloudwatch/contract.ts'
import type { InstanceRecord, RdsState } from './state.ts'

const periodMs = 60_000
/** Wall-clock time between two looks at all files of an instance: they are a thousand at least. */
const storageEveryMs = 30_000
const gibibyte = 1024 ** 3

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.Summary.html */
const sizes: Readonly<Record<string, { readonly vcpus: number; readonly gib: number }>> = {
  micro: { vcpus: 2, gib: 1 },
  small: { vcpus: 2, gib: 2 },
  medium: { vcpus: 2, gib: 4 },
  large: { vcpus: 2, gib: 8 },
  xlarge: { vcpus: 4, gib: 16 },
  '2xlarge': { vcpus: 8, gib: 32 },
  '4xlarge': { vcpus: 16, gib: 64 },
  '8xlarge': { vcpus: 32, gib: 128 },
}

/** Classes of the families t, m and r; those of r have twice the memory. */
function machineOf(instanceClass: string): { vcpus: number; gib: number } | undefined {
  const [, family, size = ''] = /^db\.([tmr])\d\w*\.(\w+)$/.exec(instanceClass) ?? []
  const machine = family === undefined ? undefined : sizes[size]
  return machine && { ...machine, gib: machine.gib * (family === 'r' ? 2 : 1) }
}

/** Measures until the returned function is called. */
export function measureInstances(
  context: EmulatorContext,
  state: RdsState,
  cloudWatch: Pick<CloudWatch, 'record'>,
): () => void {
  const shares = createProcessorShare()
  const storage = new Map<string, { at: number; bytes: number | undefined }>()

  function look(instance: InstanceRecord): void {
    const { identifier, process: server, dataDir } = instance
    if (server === undefined || instance.status !== 'available') return
    const dimensions = { DBInstanceIdentifier: identifier }
    const record = (metric: string, value: number, unit: string) =>
      cloudWatch.record({ namespace: 'AWS/RDS', metric, dimensions, value, unit })
    const children = childProcesses(server.pid)
    const used = processUsage([server.pid, ...children.map(({ pid }) => pid)])
    if (used !== undefined) {
      // A client's process names its address: `postgres: baton shop 127.0.0.1(50856) idle`.
      record('DatabaseConnections', children.filter(({ title }) => /\(\d+\)/.test(title)).length, 'Count')
      const machine = machineOf(instance.instanceClass)
      const share = shares.of(identifier, used.cpuSeconds)
      if (machine && share !== undefined) record('CPUUtilization', (share / machine.vcpus) * 100, 'Percent')
      if (machine) record('FreeableMemory', Math.max(0, machine.gib * gibibyte - used.bytes), 'Bytes')
    }
    const last = storage.get(dataDir)
    if (last?.bytes !== undefined) {
      record('FreeStorageSpace', Math.max(0, instance.allocatedStorage * gibibyte - last.bytes), 'Bytes')
    }
    const now = performance.now()
    if (last !== undefined && now - last.at < storageEveryMs) return
    storage.set(dataDir, { at: now, bytes: last?.bytes })
    sizeOf(dataDir).then(
      (bytes) => storage.set(dataDir, { at: now, bytes }),
      () => storage.delete(dataDir),
    )
  }

  return context.clock.everyAws(periodMs, () => {
    for (const instance of state.instances.values()) look(instance)
  })
}

/** Files come and go while they are counted. */
async function sizeOf(folder: string): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const { size = 0 } = await stat(join(entry.parentPath, entry.name)).catch(() => ({ size: 0 }))
    bytes += size
  }
  return bytes
}
