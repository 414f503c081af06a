/**
 * What the emulator sees of the services and no client does, at least not today: how long tasks keep idle connections, and
 * how they end. Each is a request that will be lost one day. The load balancer keeps a few connections per task
 * without requests on them, so these are met however busy the rehearsal is.
 */
import { type Platform, targetGroupName } from '@baton/config'
import type { EmulatorEvent } from '@baton/emulator/client'

export interface KeepAliveObservation {
  readonly service: string
  /** `closed`: it closed a connection that long after the last answer; `announced`: its answers say so. */
  readonly known: 'closed' | 'announced'
  readonly idleMs: number
  /** Of the load balancer. */
  readonly idleTimeoutMs: number
  readonly at: number
}

export interface KilledTask {
  readonly service: string
  readonly taskId: string
  readonly container: string
  readonly at: number
}

export class Observations {
  readonly keepAlive: KeepAliveObservation[] = []
  readonly killed: KilledTask[] = []
  readonly #services: ReadonlyMap<string, string>
  readonly #killedTasks = new Set<string>()
  #since = 0

  constructor(platform: Platform) {
    this.#services = new Map(
      platform.services.flatMap(({ name }) =>
        (['blue', 'green'] as const).map((color) => [targetGroupName(platform, name, color), name] as const),
      ),
    )
  }

  /** The emulator keeps its newest events: to be called now and then, with all after the last ones. */
  async collect(events: (since: number) => Promise<readonly EmulatorEvent[]>): Promise<void> {
    for (const event of await events(this.#since)) {
      this.#since = Math.max(this.#since, event.sequence)
      if (event.detailType === 'Target Keep-Alive') this.#noteKeepAlive(event)
      if (event.detailType === 'ECS Task State Change') this.#noteTask(event)
    }
  }

  #noteKeepAlive({ detail, at }: EmulatorEvent): void {
    const [, group = ''] = /:targetgroup\/([^/]+)\//.exec(String(detail.targetGroupArn)) ?? []
    const service = this.#services.get(group)
    const { known, idleMs, idleTimeoutMs } = detail as unknown as KeepAliveObservation
    if (service !== undefined) this.keepAlive.push({ service, known, idleMs, idleTimeoutMs, at })
  }

  /** A task that was asked to stop and had to be killed; one that crashed or ran out of memory tells so itself. */
  #noteTask({ detail, at }: EmulatorEvent): void {
    const task = detail as unknown as StoppedTask
    const taskId = task.taskArn?.split('/').pop() ?? ''
    if (task.lastStatus !== 'STOPPED' || this.#killedTasks.has(taskId)) return
    if (task.stopCode !== 'ServiceSchedulerInitiated' && task.stopCode !== 'UserInitiated') return
    const container = task.containers?.find(
      ({ exitCode, reason }) => exitCode === killedCode && !reason?.startsWith('OutOfMemory'),
    )
    if (!container) return
    this.#killedTasks.add(taskId)
    const service = task.group?.replace(/^service:/, '') ?? ''
    this.killed.push({ service, taskId, container: container.name ?? '', at })
  }
}

/** 128 + SIGKILL. */
const killedCode = 137

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html */
interface StoppedTask {
  readonly taskArn?: string
  readonly lastStatus?: string
  readonly stopCode?: string
  readonly group?: string
  readonly containers?: readonly {
    readonly name?: string
    readonly exitCode?: number
    readonly reason?: string
  }[]
}
