/**
 * A rehearsal from beginning to end: open the environment, put it under load, release what the scenario asks for,
 * stop, judge. The load runs from before the first release until after the last.
 */

import { readFile } from 'node:fs/promises'
import { constants, setPriority } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { unlessAborted } from '@baton/release'
import { type RunningLoad, runLoad } from './load/index.ts'
import type { Report } from './report/report.ts'
import {
  openRehearsalEnvironment,
  type RehearsalEnvironment,
  type RehearsalEnvironmentOptions,
} from './run/environment.ts'
import { RehearsalRun } from './run/rehearsal-run.ts'
import { mainScenario } from './scenario/main-scenario.ts'
import { type Mistake, type MistakeName, mistakes } from './scenario/mistakes.ts'
import type { Scenario } from './scenario/scenario.ts'
import type { LaterMigrations } from './traffic/traffic.ts'
import { loadTraffic, TrafficError } from './traffic/traffic-file.ts'
import type { CanaryCount } from './verdict/canary.ts'
import { findings } from './verdict/findings.ts'
import { observedFailures, unknownKeepAlive } from './verdict/observed.ts'
import { judge } from './verdict/verdict.ts'

export interface RehearsalOptions extends Omit<RehearsalEnvironmentOptions, 'fault' | 'alterTerraform'> {
  /** Module whose default export is the traffic. */
  readonly trafficModule: string
  /** Requests per second; overrides the traffic's own. */
  readonly rate?: number
  readonly mistake?: MistakeName
}

const firstVersion = 'v1'
interface LoadTimes {
  /** The load rises to its full rate in this time: the first second is never like the rest. */
  readonly warmUpMs: number
  /** How long the load goes on after the last release, so that a late effect of it is seen. */
  readonly afterMs: number
}

const ofARelease: LoadTimes = { warmUpMs: 4_000, afterMs: 3_000 }
/** Of a mistake only whether it is found counts, not what its latency is compared with. */
const ofAMistake: LoadTimes = { warmUpMs: 2_000, afterMs: 2_000 }

/** Runs the rehearsal. A failed verdict is a result; what is thrown is why it could not be held. */
export async function rehearse(options: RehearsalOptions): Promise<Report> {
  const startedAt = Date.now()
  const sites = options.platform.sites.map(({ name }) => name)
  const { migrations } = await loadTraffic(options.trafficModule, sites)
  const scenario: Scenario & Partial<Mistake> = options.mistake ? mistakes[options.mistake] : mainScenario
  requireMigrations(options, scenario.migrates, migrations)
  const environment = await openRehearsalEnvironment(
    {
      ...options,
      ...(scenario.fault ? { fault: scenario.fault } : {}),
      ...(scenario.alterTerraform ? { alterTerraform: scenario.alterTerraform } : {}),
    },
    firstVersion,
  )
  try {
    const releases = scenario.releases(options.platform)
    const builds = releases.map((step) =>
      step.kind === 'site'
        ? environment.site(step.name, step.version)
        : environment.image(step.name, step.version, step.fault),
    )
    const later = scenario.migrates && environment.migrations('v2', migrations?.[scenario.migrates])
    await unlessAborted(Promise.all([...builds, later]), options.signal)
    const { warmUpMs, afterMs } = options.mistake ? ofAMistake : ofARelease
    const load = await startLoad(environment, options, warmUpMs)
    // Nothing can be said of what happens without a load: its end ends the rehearsal as Ctrl-C does.
    const signal = AbortSignal.any([load.ended, ...(options.signal ? [options.signal] : [])])
    const rehearsal = new RehearsalRun(environment, firstVersion, {
      signal,
      onProgress: options.onProgress,
      migrations,
    })
    // In production another machine drives the releases: here this process gets a lower priority than what it measures.
    setPriority(constants.priority.PRIORITY_BELOW_NORMAL)
    try {
      const pause = (ms: number) => sleep(ms, undefined, { signal })
      await rehearsal.phase('warm-up', () => pause(warmUpMs))
      await scenario.run(rehearsal, releases, pause)
      await rehearsal.phase('after', () => pause(afterMs))
      const lost = await unlessAborted(load.stop(), signal)
      const unmigrated = hasMigrations(options) && scenario.migrates && !migrations?.[scenario.migrates]
      return report(rehearsal, { load, lost, startedAt, unmigrated: Boolean(unmigrated), ...options })
    } finally {
      load.kill()
    }
  } finally {
    await environment.close()
  }
}

const hasMigrations = ({ platform }: RehearsalOptions) => platform.database?.migrations !== undefined

/** A mistake whose migration no one has written would pass. */
function requireMigrations(
  options: RehearsalOptions,
  kind: keyof LaterMigrations | undefined,
  migrations: LaterMigrations | undefined,
): void {
  if (options.mistake === undefined || kind === undefined || migrations?.[kind]) return
  throw new TrafficError(
    options.trafficModule,
    `names no migrations.${kind}, which ${options.mistake} is about`,
  )
}

async function startLoad(
  environment: RehearsalEnvironment,
  options: RehearsalOptions,
  warmUpMs: number,
): Promise<RunningLoad> {
  const { hostname, port } = new URL(environment.emulator.endpoints.https)
  return runLoad({
    trafficModule: options.trafficModule,
    ...(options.rate === undefined ? {} : { rate: options.rate }),
    warmUpMs,
    hosts: Object.fromEntries(environment.platform.sites.map((site) => [site.name, site.host])),
    address: hostname,
    port: Number(port),
    ca: await readFile(environment.emulator.caFile, 'utf8'),
    unique: Date.now().toString(36),
  })
}

type Ending = RehearsalOptions & {
  readonly load: RunningLoad
  readonly lost: Awaited<ReturnType<RunningLoad['stop']>>
  readonly startedAt: number
  /** The platform has migrations, and the traffic names none that are new in v2. */
  readonly unmigrated: boolean
}

async function report(rehearsal: RehearsalRun, ending: Ending): Promise<Report> {
  const { environment, phases, observations } = rehearsal
  const { records } = ending.load
  const { verdict, failures, canaries, counts, unjudged, ...measured } = judge({
    records,
    lost: ending.lost,
    releases: rehearsal.deployments,
    timeline: rehearsal.timeline(),
    phases,
    serviceOf: Object.fromEntries(
      environment.platform.sites.map((site) => [site.name, site.services[0] ?? site.name]),
    ),
    observed: observedFailures(observations),
  })
  const seconds = phases.reduce((sum, phase) => sum + phase.until - phase.from, 0) / 1000
  const { gaps } = await environment.emulator.status()
  return {
    verdict,
    durationMs: Date.now() - ending.startedAt,
    speed: ending.speed,
    requests: { total: records.length, perSecond: Math.round(records.length / seconds), ...counts },
    ...measured,
    deployments: rehearsal.deployments.map((deployment) => ({
      ...deployment,
      ...withinCanary(
        canaries.find(
          ({ rule }) =>
            rule.target === `service ${deployment.target}` && rule.version === deployment.to && rule.mayFail,
        ),
      ),
    })),
    findings: findings(failures),
    notRehearsed: [
      ...unjudged,
      ...(ending.unmigrated
        ? ['a migration that changes the schema (migrations.expand of the traffic file names none)']
        : []),
      ...unknownKeepAlive(
        environment.platform.services.map(({ name }) => name),
        observations,
      ),
      ...gaps,
      ...[...environment.inert].map((address) => `${address} (accepted as inert)`),
    ],
    ...(ending.mistake === undefined ? {} : { mistake: ending.mistake }),
  }
}

function withinCanary(canary: CanaryCount | undefined) {
  if (!canary) return {}
  return {
    withinCanary: { requests: canary.requests, failed: canary.failed, allowed: canary.allowed },
  }
}
