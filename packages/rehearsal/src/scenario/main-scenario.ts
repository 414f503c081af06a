/**
 * The scenario of the main job: a release that goes well, one that never becomes healthy, one that passes its
 * checks and then fails. Read it as a list.
 */
import { released, rolledBack, type Scenario } from './scenario.ts'

/** Long enough for a p99 that can be compared: thousands of requests. */
const steadyMs = 15_000

export const mainScenario: Scenario = {
  trials: ({ services, sites }) => [
    ...services.map(({ name }) => released('service', name, 'v2')),
    ...sites.map(({ name }) => released('site', name, 'v2')),
    ...services
      .slice(0, 1)
      .flatMap(({ name }) => [
        rolledBack('gave-up', { name, version: 'v3', fault: 'never-healthy' }),
        rolledBack('alarm', { name, version: 'v4', fault: 'fails-requests' }),
      ]),
  ],
  async perform(performance, trials, pause) {
    const of = (version: string) => trials.filter((trial) => trial.version === version)
    await performance.phase('steady', () => pause(steadyMs))
    await performance.phase('release v2', () => performance.releaseAll(of('v2')))
    await performance.phase('give up v3', () => performance.releaseAll(of('v3')))
    await performance.phase('roll back v4', () => performance.releaseAll(of('v4')))
  },
}
