/** The first release of a platform's jobs: each with its own image, or with that of its service. */
import type { Job, Platform } from '@baton/config'
import type { Image } from '@baton/image'
import type { Clients } from '../aws/clients.ts'
import { jobManifest, serviceManifest } from '../aws/manifests.ts'
import { pushJobImage } from '../image/push.ts'
import type { OnProgress } from '../progress.ts'
import { ReleaseError } from '../release-error.ts'
import { runningService } from '../service/running-service.ts'
import { type JobRelease, type JobReleaseRequest, releasedVersion, releaseJob } from './release.ts'
import { scheduleOf } from './schedule.ts'

/** Whether its schedule runs a release; the template of Terraform is none. */
export async function isJobReleased(clients: Clients, platform: string, job: string): Promise<boolean> {
  const manifest = await jobManifest(clients, platform, job)
  return (await releasedVersion(clients, manifest, await scheduleOf(clients, manifest))) !== undefined
}

export interface JobsRelease extends Omit<JobReleaseRequest, 'platform' | 'job' | 'image'> {
  readonly platform: Platform
  readonly jobs: readonly Job[]
  /** By the job's name: of those that have an image of their own. */
  readonly images: Readonly<Record<string, Image>>
}

/** One after the other. A job of a service gets the image that its service runs. */
export async function releaseJobs(
  clients: Clients,
  { platform, jobs, images, ...request }: JobsRelease,
  onProgress?: OnProgress,
): Promise<readonly JobRelease[]> {
  const released: JobRelease[] = []
  for (const job of jobs) {
    const own = images[job.name]
    const image = own
      ? await pushJobImage(clients, {
          platform: platform.name,
          job: job.name,
          image: own,
          version: request.version,
        })
      : await imageOfService(clients, platform, job)
    released.push(
      await releaseJob(clients, { ...request, platform: platform.name, job: job.name, image }, onProgress),
    )
  }
  return released
}

async function imageOfService(clients: Clients, platform: Platform, job: Job): Promise<string> {
  const service = job.service ?? ''
  const { image, version } = await runningService(
    clients,
    await serviceManifest(clients, platform.name, service),
  )
  if (image !== undefined && version !== undefined) return image
  throw new ReleaseError(
    'release-missing',
    `job/${job.name} runs the image of service/${service}, which has not been released yet.`,
    `Release it first: baton deploy service/${service}.`,
  )
}
