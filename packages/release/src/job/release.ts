/**
 * The release of a job: a revision of its template with the image by digest, and the schedule switched to it. The task
 * that runs now ends with what it began with. The first release also enables the schedule.
 */
import { DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs'
import type { JobManifest } from '@baton/config'
import type { Clients } from '../aws/clients.ts'
import { jobManifest } from '../aws/manifests.ts'
import { type OnProgress, step } from '../progress.ts'
import { startRecording } from '../record/recording.ts'
import type { ReleaseOrigin } from '../record/release-record.ts'
import { registerRevision, versionTag } from '../service/revision.ts'
import { changeSchedule, type Schedule, scheduleOf } from './schedule.ts'

export interface JobReleaseRequest {
  /** `<project>-<environment>`. */
  readonly platform: string
  readonly job: string
  /** By digest. */
  readonly image: string
  readonly version: string
  /** Digest of what is released, whatever its version: for the record. */
  readonly content?: string
  readonly origin?: ReleaseOrigin
  /** Rejects with its reason where it is aborted before the schedule is switched. */
  readonly signal?: AbortSignal
}

export interface JobRelease {
  readonly kind: 'job'
  readonly target: string
  /** Version that ran before; undefined for the first release. */
  readonly from?: string
  readonly to: string
  readonly succeeded: true
  readonly first: boolean
  readonly taskDefinition: string
  /** Whether the schedule runs the job when it is due. */
  readonly enabled: boolean
}

/** Throws `manifest-missing`, `schedule-missing`, `template-missing`; the schedule is as it was then. */
export async function releaseJob(
  clients: Clients,
  request: JobReleaseRequest,
  onProgress?: OnProgress,
): Promise<JobRelease> {
  const { platform, job, version, image, signal } = request
  const manifest = await jobManifest(clients, platform, job)
  const schedule = await scheduleOf(clients, manifest)
  const from = await releasedVersion(clients, manifest, schedule)
  const revision = await step(onProgress, job, 'register the revision', () =>
    registerRevision(clients, { ...manifest, images: { [manifest.containerName]: image }, version }),
  )
  signal?.throwIfAborted()
  const recording = await startRecording(
    clients,
    platform,
    {
      by: 'unknown',
      ...request.origin,
      target: `job/${job}`,
      version,
      ...(from === undefined ? {} : { from }),
      action: 'release',
      images: { [manifest.containerName]: image },
      ...(request.content === undefined ? {} : { content: request.content }),
      taskDefinition: revision.arn,
    },
    onProgress,
  )
  const first = from === undefined
  const enabled = first || schedule.enabled
  try {
    await step(onProgress, job, 'switch the schedule', () =>
      changeSchedule(clients, schedule, { taskDefinition: revision.arn, enabled, paused: false }),
    )
    await recording.end({ state: 'succeeded' })
  } catch (error) {
    await recording.end({ state: 'failed', reason: String(error) })
    throw error
  }
  return {
    kind: 'job',
    target: job,
    ...(from === undefined ? {} : { from }),
    to: version,
    succeeded: true,
    first,
    taskDefinition: revision.arn,
    enabled,
  }
}

/** Of the task definition that the schedule runs; undefined before the first release, when it is the template. */
export async function releasedVersion(
  { ecs }: Pick<Clients, 'ecs'>,
  { family }: JobManifest,
  { taskDefinition }: Schedule,
): Promise<string | undefined> {
  if (!taskDefinition.includes(`/${family}:`)) return undefined
  const { tags } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] }))
  return tags?.find(({ key }) => key === versionTag)?.value ?? 'unknown'
}
