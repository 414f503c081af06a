/**
 * What the emulator does not do as AWS does: every verdict names it, so that silence is not taken for proof. Some of it
 * holds only for tasks that run as processes of this machine.
 */
import type { RuntimeKind } from './runtime/index.ts'

interface Gap {
  readonly what: string
  /** The runtime that has it; both, where it is not given. */
  readonly runtime?: RuntimeKind
}

const all: readonly Gap[] = [
  {
    what: 'the base and the architecture of images (tasks are processes of this machine)',
    runtime: 'process',
  },
  { what: 'IAM policies (calls are attributed to a principal, not refused)' },
  { what: 'security groups, route tables and NAT (every path is open)' },
  { what: 'CPU and memory limits of tasks', runtime: 'process' },
  {
    what: 'users, read-only root file systems, ulimits and Linux parameters of containers (tasks are processes of this machine)',
    runtime: 'process',
  },
  {
    what: 'the memory limit of a task as a whole (each container is limited, not their sum)',
    runtime: 'container',
  },
  { what: 'scaling by load' },
  { what: 'several edge locations, HTTP/2 and HTTP/3 at the edge, viewer countries' },
  { what: 'RDS fail-over' },
]

const suffixes: Readonly<Record<RuntimeKind, string>> = {
  process: ' — where tasks run as processes',
  container: ' — where tasks run as containers',
}

/** All of them, for the documentation. */
export const documentedGaps: readonly string[] = all.map(
  ({ what, runtime }) => `${what}${runtime === undefined ? '' : suffixes[runtime]}`,
)

/** Where nothing has run yet, what `auto` begins with counts. */
export function gapsOf(used: ReadonlySet<RuntimeKind>): readonly string[] {
  const kinds = used.size > 0 ? used : new Set<RuntimeKind>(['process'])
  return all.filter(({ runtime }) => runtime === undefined || kinds.has(runtime)).map(({ what }) => what)
}
