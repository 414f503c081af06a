/**
 * The migration: a one-off task that runs before a release and must end with exit code 0. It is the only task
 * that ever holds the master secret. One runs at a time: who migrates holds a lease.
 */
import {
  DescribeTasksCommand,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs'
import type { MigrationManifest } from '@baton/config'
import type { Clients } from './aws/clients.ts'
import { migrationManifest } from './aws/manifests.ts'
import { retryTransientErrors } from './aws/retry-transient-errors.ts'
import type { Clock } from './clock.ts'
import { type Holder, takeLease } from './migration/lease.ts'
import { type OnProgress, step } from './progress.ts'
import { startRecording } from './record/recording.ts'
import type { ReleaseOrigin } from './record/release-record.ts'
import { ReleaseError } from './release-error.ts'
import { registerRevision } from './service/revision.ts'

export interface MigrationRequest {
  /** `<project>-<environment>`. */
  readonly platform: string
  readonly image: string
  readonly version: string
  /** Digest of what migrates, whatever its version: for the record. */
  readonly content?: string
  /** Migrations that take away from the schema, and had not run before. */
  readonly contracts?: readonly string[]
  readonly origin?: ReleaseOrigin
  /** Stops the task when it is aborted. */
  readonly signal?: AbortSignal
  /** In real milliseconds, because it is the product's own code that runs; an hour, where nothing else is said. */
  readonly giveUpAfterMs?: number
}

const giveUpAfterMs = 60 * 60_000

/**
 * Throws `migration-under-way`, `task-not-started` or `migration-failed`; nothing has been released then. Rejects with the
 * signal's reason, once ECS has been asked to stop the task.
 */
export async function migrate(
  clients: Clients,
  request: MigrationRequest,
  clock: Clock,
  onProgress?: OnProgress,
): Promise<{ taskArn: string }> {
  const { platform, image, version, content, contracts, origin } = request
  const manifest = await migrationManifest(clients, platform)
  return step(onProgress, 'migration', 'run the migration', async () => {
    const lease = await takeLease(
      clients,
      {
        platform,
        by: origin?.by ?? 'unknown',
        version,
        expiresAfterMs: (request.giveUpAfterMs ?? giveUpAfterMs) + afterGivingUpMs,
        isOver: (holder) => hasEnded(clients, manifest, holder, clock),
      },
      clock,
    )
    try {
      const revision = await registerRevision(clients, {
        ...manifest,
        images: { [manifest.containerName]: image },
        version,
      })
      request.signal?.throwIfAborted()
      const recording = await startRecording(
        clients,
        platform,
        {
          by: 'unknown',
          ...origin,
          target: 'migration',
          version,
          action: 'release',
          images: { [manifest.containerName]: image },
          taskDefinition: revision.arn,
          template: revision.template,
          ...(content === undefined ? {} : { content }),
          ...(contracts === undefined || contracts.length === 0 ? {} : { contracts }),
        },
        onProgress,
      )
      try {
        const taskArn = await runTask(clients, manifest, revision.arn, startedBy(lease.number))
        const running = { ...request, cluster: manifest.cluster, taskArn }
        judge(await stopped(clients, running, clock), manifest.containerName)
        await recording.end({ state: 'succeeded' })
        return { taskArn }
      } catch (error) {
        await recording.end({
          state: 'failed',
          reason: error instanceof Error ? error.message : String(error),
        })
        throw error
      }
    } finally {
      // Where it cannot be ended, it expires.
      await lease.end().catch(() => undefined)
    }
  })
}

/** The lease lasts a little longer than the task may run. */
const afterGivingUpMs = 5 * 60_000

const startedBy = (lease: number) => `baton-migration-${lease}`

async function runTask(
  clients: Clients,
  manifest: MigrationManifest,
  taskDefinition: string,
  startedBy: string,
): Promise<string> {
  const { tasks, failures } = await clients.ecs.send(
    new RunTaskCommand({
      cluster: manifest.cluster,
      taskDefinition,
      launchType: 'FARGATE',
      count: 1,
      startedBy,
      networkConfiguration: {
        awsvpcConfiguration: {
          subnets: [...manifest.subnets],
          securityGroups: [...manifest.securityGroups],
          assignPublicIp: manifest.assignPublicIp ? 'ENABLED' : 'DISABLED',
        },
      },
    }),
  )
  const taskArn = tasks?.[0]?.taskArn
  if (taskArn) return taskArn
  throw new ReleaseError(
    'task-not-started',
    `ECS did not start the migration: ${failures?.map((failure) => failure.reason).join(', ') || 'no reason given'}.`,
    'See the reason; nothing has been changed.',
  )
}

/** A command that holds the lease starts its task at once: without one after this time it was killed before. */
const startsWithinMs = 2 * 60_000

/** Whether the task of a lease has ended, though no one ended the lease. ECS shows ended tasks for an hour. */
async function hasEnded(
  clients: Clients,
  { cluster, family }: MigrationManifest,
  holder: Holder,
  clock: Clock,
): Promise<boolean> {
  const listed = await Promise.all(
    (['RUNNING', 'STOPPED'] as const).map((desiredStatus) =>
      clients.ecs.send(new ListTasksCommand({ cluster, family, desiredStatus })),
    ),
  )
  const arns = listed.flatMap(({ taskArns = [] }) => taskArns).slice(0, 100)
  const { tasks = [] } =
    arns.length > 0 ? await clients.ecs.send(new DescribeTasksCommand({ cluster, tasks: arns })) : {}
  const own = tasks.filter((task) => task.startedBy === startedBy(holder.number))
  if (own.length > 0) return own.every(({ lastStatus }) => lastStatus === 'STOPPED')
  return clock.now() - holder.since > startsWithinMs
}

/** ECS may not know a task right after it has started it, and forgets it an hour after its end. */
const unknownForMs = 5 * 60_000

interface RunningTask {
  readonly cluster: string
  readonly taskArn: string
  readonly signal?: AbortSignal
  readonly giveUpAfterMs?: number
}

/** Waits for the task's end. What hangs is stopped: a migration that goes on unseen would meet the next attempt. */
async function stopped(clients: Clients, running: RunningTask, clock: Clock): Promise<Task> {
  const { cluster, taskArn, signal } = running
  const timeoutMs = running.giveUpAfterMs ?? giveUpAfterMs
  const giveUpAt = clock.now() + timeoutMs
  const stop = (reason: string) =>
    clients.ecs.send(new StopTaskCommand({ cluster, task: taskArn, reason: `baton: ${reason}` }))
  let seenAt = clock.now()
  for (;;) {
    const look = () => clients.ecs.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }))
    const lost = (cause: unknown) => unwatched(taskArn, cause)
    const [task] = (await retryTransientErrors(look, { clock, signal, lost })).tasks ?? []
    if (task?.lastStatus === 'STOPPED') return task
    if (task !== undefined) seenAt = clock.now()
    else if (clock.now() - seenAt > clock.toReal(unknownForMs)) throw lost('ECS does not know its task')
    if (signal?.aborted) {
      await stop('interrupted')
      throw signal.reason
    }
    if (clock.now() >= giveUpAt) {
      await stop('the migration took too long')
      throw new ReleaseError(
        'migration-failed',
        `The migration has not ended within ${Math.round(timeoutMs / 60_000)} minutes, and is being stopped.`,
        `Read the task's log (${idOf(taskArn)}): a lock that another session holds is the usual reason. Then release again; no service has been changed.`,
      )
    }
    // The signal only ends the pause: the task is described once more, and then stopped.
    await clock.sleep(3_000, signal).catch(() => undefined)
  }
}

function unwatched(taskArn: string, cause: unknown): ReleaseError {
  return new ReleaseError(
    'migration-failed',
    `The migration can no longer be watched (${cause instanceof Error ? `${cause.name}: ${cause.message}` : cause}).`,
    `See how the task ${idOf(taskArn)} ended before you release again; no service has been changed.`,
    { cause },
  )
}

const idOf = (taskArn: string | undefined) => taskArn?.split('/').at(-1)

function judge(task: Task, containerName: string): void {
  const container = task.containers?.find((candidate) => candidate.name === containerName)
  if (container?.exitCode === 0) return
  // The task often has the reason of its container.
  const reason = [...new Set([container?.reason, task.stoppedReason].filter(Boolean))].join('; ')
  throw new ReleaseError(
    'migration-failed',
    `The migration ended ${container?.exitCode === undefined ? 'before it ran' : `with exit code ${container.exitCode}`}: ${reason || 'no reason given'}.`,
    `Read the task's log (${idOf(task.taskArn)}), fix the migration and release again; no service has been changed.`,
  )
}
