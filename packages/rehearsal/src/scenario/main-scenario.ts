/**
 * The scenario of the main job: a release that succeeds, one that never becomes healthy, one that passes its
 * checks and then fails. Read it as a list.
 */
import { released, rolledBack, type Scenario } from './scenario.ts'

/** Long enough for a p99 that can be compared: thousands of requests. */
const steadyMs = 15_000

export const mainScenario: Scenario = {
  migrates: 'expand',
  releases: ({ services, sites }) => [
    ...services.map(({ name }) => released('service', name, 'v2')),
    ...sites.map(({ name }) => released('site', name, 'v2')),
    ...services
      .slice(0, 1)
      .flatMap(({ name }) => [
        rolledBack('gave-up', { name, version: 'v3', fault: 'never-healthy' }),
        rolledBack('alarm', { name, version: 'v4', fault: 'fails-requests' }),
      ]),
  ],
  async run(rehearsal, releases, pause) {
    const of = (version: string) => releases.filter((step) => step.version === version)
    await rehearsal.phase('steady', () => pause(steadyMs))
    await rehearsal.phase('migrate v2', () => rehearsal.migrate('v2', 'expand'))
    await rehearsal.phase('release v2', () => rehearsal.releaseAll(of('v2')))
    await rehearsal.phase('give up v3', () => rehearsal.releaseAll(of('v3')))
    await rehearsal.phase('roll back v4', () => rehearsal.releaseAll(of('v4')))
  },
}
