/**
 * Checks a service against the platform's contract: it runs alone in an emulator, and is measured. Two tasks do: one is
 * left idle for longer than the load balancer keeps connections, the other sees the database restart and is stopped.
 */
import type { Platform } from '@baton/config'
import type { RehearsalEnvironmentOptions } from '../run/environment.ts'
import { loadTraffic } from '../traffic/traffic-file.ts'
import { watchDatabaseRestart } from './probe/dependency.ts'
import { containerFiles, judgeHealthCommands, judgeWrites } from './probe/files.ts'
import { statusOf } from './probe/http.ts'
import { judgeKeepAlive, measureKeepAlive } from './probe/keep-alive.ts'
import { watchStart } from './probe/start.ts'
import { watchStop } from './probe/stop.ts'
import { broken, contract, notMeasured, type Observation, type PointName } from './subject/points.ts'
import { type Requests, requestsFor } from './subject/requests.ts'
import {
  checkedVersion,
  type MeasuredTask,
  openServiceAlone,
  type ServiceAlone,
  TaskEnded,
} from './subject/service-alone.ts'

export interface ContractOptions extends Omit<RehearsalEnvironmentOptions, 'fault' | 'alterTerraform'> {
  /** Name of the service. */
  readonly service: string
  /** Module with the traffic; without it requests are not measured. */
  readonly trafficModule?: string
}

export interface ContractReport {
  readonly service: string
  /** Every point of the contract, in its order. */
  readonly points: readonly (Observation & {
    readonly demand: string
    readonly why: string
    /** Where it is broken: what to change, by technology. */
    readonly fix?: { readonly node: string; readonly springBoot: string; readonly nginx: string }
  })[]
  readonly broken: number
}

/** The load balancer's default. */
const idleTimeoutSeconds = 60

/** Throws where the service cannot be started at all; what it breaks is in the report. */
export async function checkService(options: ContractOptions): Promise<ContractReport> {
  const { platform, service: name, trafficModule } = options
  const traffic =
    trafficModule &&
    (await loadTraffic(
      trafficModule,
      platform.sites.map((site) => site.name),
    ))
  const subject = subjectOf(platform, name)
  const requests = requestsFor(subject, subject.sites, traffic || undefined)
  await using service = await openServiceAlone(options, name)
  const found = new Map<PointName, Observation>()
  const note = (observations: readonly Observation[]) => {
    for (const observation of observations) found.set(observation.point, observation)
  }
  // The database restarts for one task only after the other has been asked for what it needs.
  const started = Promise.withResolvers<void>()
  const idle = ended(idleTask({ service, requests, subject, note }, started.resolve), note)
  await Promise.all([
    idle.finally(started.resolve),
    ended(endingTask({ service, requests, subject, note }, started.promise), note),
  ])
  const points = (Object.keys(contract) as PointName[]).map((point) => {
    const observation = found.get(point) ?? notMeasured(point, 'the service did not become healthy')
    const { demand, why, fix } = contract[point]
    return { ...observation, demand, why, ...(observation.result === 'broken' ? { fix } : {}) }
  })
  return { service: name, points, broken: points.filter(({ result }) => result === 'broken').length }
}

interface Subject {
  readonly host: string
  readonly healthPath: string
  readonly gracePeriodMs: number
  readonly sites: readonly string[]
}

function subjectOf(platform: Platform, name: string): Subject {
  const service = platform.services.find((candidate) => candidate.name === name)
  if (!service?.traffic) throw new Error(`invariant: the platform has the service ${name}, with traffic`)
  const sites = platform.sites.filter((site) => site.services.includes(name))
  return {
    host: sites[0]?.host ?? platform.domain,
    healthPath: service.traffic.health.path,
    gracePeriodMs: service.traffic.health.gracePeriodSeconds * 1000,
    sites: sites.map((site) => site.name),
  }
}

type Note = (observations: readonly Observation[]) => void

/** A task that ends by itself breaks the contract by that, and nothing more can be measured on it. */
async function ended(work: Promise<void>, note: Note): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof TaskEnded)) throw error
    note([broken('starts-in-time', `the task ended: ${error.message}`)])
  }
}

interface Measurement {
  readonly service: ServiceAlone
  readonly requests: Requests
  readonly subject: Subject
  readonly note: Note
}

async function idleTask(
  { service, requests, subject, note }: Measurement,
  onStarted: () => void,
): Promise<void> {
  const startedAt = Date.now()
  const task = await service.run()
  const { healthy, observations } = await watchStart(service, task, requests, subject.gracePeriodMs)
  note(observations)
  const files = containerFiles(task.pid)
  const containers = service.definition.containerDefinitions ?? []
  note([judgeHealthCommands(containers, service.containerName, files)])
  if (!healthy) {
    note([await judgeLogs(service, task)])
    return
  }
  const { host, healthPath } = requests
  note([await judgeVersion(task, requests)])
  onStarted()
  note([judgeKeepAlive(await measureKeepAlive(task.address, healthPath, host), idleTimeoutSeconds)])
  const mounts = containers.find(({ name }) => name === service.containerName)?.mountPoints ?? []
  note([
    judgeWrites(
      task.pid,
      files,
      startedAt,
      mounts.flatMap(({ containerPath }) => containerPath ?? []),
    ),
    await judgeLogs(service, task),
  ])
}

async function endingTask(
  { service, requests, subject, note }: Measurement,
  otherStarted: Promise<void>,
): Promise<void> {
  const task = await service.run()
  const { healthy } = await watchStart(service, task, requests, subject.gracePeriodMs)
  if (!healthy) return
  await otherStarted
  note([await watchDatabaseRestart(service, task, requests)])
  note(await watchStop(service, task, requests))
}

async function judgeVersion(
  task: MeasuredTask,
  { host, healthPath, readPath }: Requests,
): Promise<Observation> {
  const path = readPath ?? healthPath
  const answer = await statusOf(task.address, path, host, 5_000)
  const version = answer?.headers['x-app-version']
  if (version === checkedVersion)
    return { point: 'names-its-version', result: 'kept', detail: `x-app-version: ${version}` }
  return broken(
    'names-its-version',
    version === undefined
      ? `GET ${path} has no header x-app-version`
      : `GET ${path} names ${version}, and the version that runs is ${checkedVersion} (APP_VERSION)`,
  )
}

async function judgeLogs(service: ServiceAlone, task: MeasuredTask): Promise<Observation> {
  const lines = await service.logLines(task)
  return lines > 0
    ? { point: 'logs', result: 'kept', detail: `${lines} lines` }
    : broken('logs', 'it has written nothing to its output since it started')
}
