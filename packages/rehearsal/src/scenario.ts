/**
 * The scenario of the main job: a release that goes well, one that never becomes healthy, one that passes its
 * checks and then fails. Read it as a list.
 */
import { releaseServices } from './mistakes.ts'
import type { Performance } from './performance.ts'

/** Long enough for a p99 that can be compared: thousands of requests. */
const steadyMs = 10_000

export async function perform(performance: Performance, pause: (ms: number) => Promise<void>): Promise<void> {
  const { services, sites } = performance.stage.platform
  const [trial] = services
  await performance.phase('steady', () => pause(steadyMs))
  await performance.phase('release v2', () =>
    Promise.all([
      releaseServices(performance, 'v2'),
      ...sites.map((site) => performance.releaseSite(site.name, 'v2')),
    ]),
  )
  if (!trial) return
  await performance.phase('give up v3', () =>
    performance.releaseService({ service: trial.name, version: 'v3', fault: 'never-healthy' }),
  )
  await performance.phase('roll back v4', () =>
    performance.releaseService({ service: trial.name, version: 'v4', fault: 'fails-requests' }),
  )
}
