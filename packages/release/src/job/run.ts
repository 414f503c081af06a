/**
 * A run of a job by hand: a one-off task of what its schedule runs, watched to its end. What takes longer than the job may
 * is stopped.
 */
import {
  DescribeTasksCommand,
  ListTasksCommand,
  RunTaskCommand,
  StopTaskCommand,
  type Task,
} from '@aws-sdk/client-ecs'
import type { JobManifest } from '@baton/config'
import type { Clients } from '../aws/clients.ts'
import { jobManifest } from '../aws/manifests.ts'
import { retryTransientErrors } from '../aws/retry-transient-errors.ts'
import { type Clock, startFloorMs } from '../clock.ts'
import { type OnProgress, step } from '../progress.ts'
import { ReleaseError } from '../release-error.ts'
import { taskLog } from './log.ts'
import { releasedVersion } from './release.ts'
import { scheduleOf } from './schedule.ts'

export interface JobRunRequest {
  /** `<project>-<environment>`. */
  readonly platform: string
  readonly job: string
  /** Called with each line that the task logs. */
  readonly onLine?: (line: string) => void
  /** Stops the task; the run rejects with its reason then. */
  readonly signal?: AbortSignal
}

export interface JobRun {
  readonly kind: 'job'
  readonly target: string
  readonly version: string
  readonly taskArn: string
  readonly taskDefinition: string
  readonly succeeded: boolean
  /** Of its container; undefined where the container did not start. */
  readonly exitCode?: number
  /** ECS's words, where it did not succeed. */
  readonly reason?: string
  readonly durationMs: number
}

/** Throws `release-missing` before the first release, and `job-running` where runs must not overlap. */
export async function runJob(
  clients: Clients,
  request: JobRunRequest,
  clock: Clock,
  onProgress?: OnProgress,
): Promise<JobRun> {
  const { platform, job, signal } = request
  const manifest = await jobManifest(clients, platform, job)
  const schedule = await scheduleOf(clients, manifest)
  const version = await releasedVersion(clients, manifest, schedule)
  if (version === undefined) {
    throw new ReleaseError(
      'release-missing',
      `job/${job} has not been released yet: there is no image to run.`,
      `Release it first: baton deploy job/${job}.`,
    )
  }
  await refuseOverlap(clients, manifest, job)
  const { taskDefinition } = schedule
  const startedAt = clock.now()
  const taskArn = await step(
    onProgress,
    job,
    `start ${version}`,
    () => start(clients, manifest, taskDefinition),
    idOf,
  )
  const log = await taskLog(clients, {
    taskDefinition,
    containerName: manifest.containerName,
    id: idOf(taskArn),
  })
  const readLog = async () => {
    // What is logged is no reason to lose sight of the task.
    if (request.onLine) await log?.read(request.onLine).catch(() => undefined)
  }
  const task = await watch(clients, { manifest, job, taskArn, readLog, signal }, clock)
  await readLog()
  const container = task.containers?.find(({ name }) => name === manifest.containerName)
  const succeeded = container?.exitCode === 0
  const reason = [...new Set([container?.reason, task.stoppedReason].filter(Boolean))].join('; ')
  return {
    kind: 'job',
    target: job,
    version,
    taskArn,
    taskDefinition,
    succeeded,
    ...(container?.exitCode === undefined ? {} : { exitCode: container.exitCode }),
    ...(succeeded || reason === '' ? {} : { reason }),
    durationMs: clock.now() - startedAt,
  }
}

async function refuseOverlap({ ecs }: Clients, manifest: JobManifest, job: string): Promise<void> {
  if (manifest.overlap) return
  const { taskArns = [] } = await ecs.send(
    new ListTasksCommand({ cluster: manifest.cluster, family: manifest.family, desiredStatus: 'RUNNING' }),
  )
  if (taskArns[0] === undefined) return
  throw new ReleaseError(
    'job-running',
    `job/${job} runs already (${idOf(taskArns[0])}), and its runs must not overlap.`,
    `Wait for its end, or allow it: jobs.${job}.overlap.`,
  )
}

async function start({ ecs }: Clients, manifest: JobManifest, taskDefinition: string): Promise<string> {
  const { tasks, failures } = await ecs.send(
    new RunTaskCommand({
      cluster: manifest.cluster,
      taskDefinition,
      launchType: 'FARGATE',
      count: 1,
      startedBy: 'baton-run',
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
  if (taskArn !== undefined) return taskArn
  throw new ReleaseError(
    'task-not-started',
    `ECS did not start the job: ${failures?.map(({ reason }) => reason).join(', ') || 'no reason given'}.`,
    'See the reason, and run it again.',
  )
}

interface Watched {
  readonly manifest: JobManifest
  readonly job: string
  readonly taskArn: string
  readonly signal: AbortSignal | undefined
  readLog(): Promise<void>
}

/** To its end. Throws `job-failed` where it takes too long, and rejects with the signal's reason; both stop the task. */
async function watch(clients: Clients, watched: Watched, clock: Clock): Promise<Task> {
  const { manifest, job, taskArn, signal } = watched
  const { cluster, timeoutMinutes } = manifest
  // The task's own work takes as long as it takes, at any speed of AWS's time.
  const giveUpAt = clock.now() + Math.max(timeoutMinutes * 60_000, startFloorMs)
  const stop = (reason: string) =>
    clients.ecs.send(new StopTaskCommand({ cluster, task: taskArn, reason: `baton run: ${reason}` }))
  const lost = (cause: unknown) =>
    new ReleaseError(
      'job-failed',
      `job/${job} can no longer be watched (${cause instanceof Error ? `${cause.name}: ${cause.message}` : cause}).`,
      `It goes on without this command: aws ecs describe-tasks --cluster ${cluster} --tasks ${idOf(taskArn)}.`,
      { cause },
    )
  for (;;) {
    const look = () => clients.ecs.send(new DescribeTasksCommand({ cluster, tasks: [taskArn] }))
    const [task] = (await retryTransientErrors(look, { clock, signal, lost })).tasks ?? []
    if (task?.lastStatus === 'STOPPED') return task
    if (signal?.aborted) {
      await stop('interrupted')
      throw signal.reason
    }
    if (clock.now() >= giveUpAt) {
      await stop('it took too long')
      throw new ReleaseError(
        'job-failed',
        `job/${job} has not ended within ${timeoutMinutes} minutes, and is being stopped.`,
        `Read its log (${idOf(taskArn)}), or raise jobs.${job}.timeoutMinutes.`,
      )
    }
    await watched.readLog()
    // The signal only ends the pause: the task is described once more, and then stopped.
    await clock.sleep(3_000, signal).catch(() => undefined)
  }
}

const idOf = (taskArn: string) => taskArn.split('/').at(-1) ?? taskArn
