/**
 * The migration: a one-off task that runs before a release and must end with exit code 0. It is the only task
 * that ever holds the master secret.
 */
import { DescribeTasksCommand, RunTaskCommand, StopTaskCommand, type Task } from '@aws-sdk/client-ecs'
import type { Clients } from './aws/clients.ts'
import { migrationManifest } from './aws/manifests.ts'
import { retryTransientErrors } from './aws/retry-transient-errors.ts'
import type { Clock } from './clock.ts'
import { type OnProgress, step } from './progress.ts'
import { ReleaseError } from './release-error.ts'
import { registerRevision } from './service/revision.ts'

export interface MigrationRequest {
  /** `<project>-<environment>`. */
  readonly platform: string
  readonly image: string
  readonly version: string
  /** Stops the task when it is aborted. */
  readonly signal?: AbortSignal
  /** In real milliseconds, because it is the product's own code that runs; an hour, where nothing else is said. */
  readonly giveUpAfterMs?: number
}

const giveUpAfterMs = 60 * 60_000

/**
 * Throws `task-not-started` or `migration-failed`; nothing has been released then. Rejects with the signal's reason, once
 * ECS has been asked to stop the task.
 */
export async function migrate(
  clients: Clients,
  request: MigrationRequest,
  clock: Clock,
  onProgress?: OnProgress,
): Promise<{ taskArn: string }> {
  const manifest = await migrationManifest(clients, request.platform)
  return step(onProgress, 'migration', 'run the migration', async () => {
    const revision = await registerRevision(clients, {
      ...manifest,
      images: { [manifest.containerName]: request.image },
      version: request.version,
    })
    request.signal?.throwIfAborted()
    const { tasks, failures } = await clients.ecs.send(
      new RunTaskCommand({
        cluster: manifest.cluster,
        taskDefinition: revision.arn,
        launchType: 'FARGATE',
        count: 1,
        startedBy: 'baton',
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
    if (!taskArn) {
      throw new ReleaseError(
        'task-not-started',
        `ECS did not start the migration: ${failures?.map((failure) => failure.reason).join(', ') || 'no reason given'}.`,
        'See the reason; nothing has been changed.',
      )
    }
    judge(
      await stopped(clients, { ...request, cluster: manifest.cluster, taskArn }, clock),
      manifest.containerName,
    )
    return { taskArn }
  })
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
