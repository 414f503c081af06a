/**
 * No job starts while a migration runs: it would meet a schema that is half changed. One that runs already goes on.
 * A command that is killed leaves the schedules paused; the next migration, or the next release of a job, resumes them.
 */
import { GetParametersByPathCommand } from '@aws-sdk/client-ssm'
import { type JobManifest, manifestParameter } from '@baton/config'
import type { Clients } from '../aws/clients.ts'
import { type OnProgress, step } from '../progress.ts'
import { changeSchedule, scheduleOf } from './schedule.ts'

/** Runs `work` with the schedules of all of the platform's jobs paused, and resumes them, however the work ends. */
export async function withJobsPaused<T>(
  clients: Clients,
  platform: string,
  work: () => Promise<T>,
  onProgress?: OnProgress,
): Promise<T> {
  const manifests = await jobManifests(clients, platform)
  if (manifests.length === 0) return work()
  const pauseAll = (paused: boolean) =>
    Promise.all(
      manifests.map(async (manifest) => {
        const schedule = await scheduleOf(clients, manifest)
        if (schedule.enabled && schedule.paused !== paused)
          await changeSchedule(clients, schedule, { paused })
      }),
    )
  await step(onProgress, 'jobs', 'pause the schedules', () => pauseAll(true))
  try {
    return await work()
  } finally {
    await step(onProgress, 'jobs', 'resume the schedules', () => pauseAll(false))
  }
}

async function jobManifests({ ssm }: Clients, platform: string): Promise<readonly JobManifest[]> {
  // Of the path itself: the name of a job completes it.
  const Path = manifestParameter(platform, 'jobs', '').replace(/\/$/, '')
  const found: JobManifest[] = []
  let NextToken: string | undefined
  do {
    const page = await ssm.send(
      new GetParametersByPathCommand({ Path, Recursive: true, ...(NextToken ? { NextToken } : {}) }),
    )
    for (const { Value = '{}' } of page.Parameters ?? []) found.push(JSON.parse(Value))
    NextToken = page.NextToken
  } while (NextToken)
  return found
}
