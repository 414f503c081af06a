/** The start of a task: when it accepts connections, when its health check passes, and whether it can serve then. */
import { setTimeout as sleep } from 'node:timers/promises'
import { broken, kept, notMeasured, type Observation } from '../subject/points.ts'
import type { Requests } from '../subject/requests.ts'
import type { MeasuredTask, ServiceAlone } from '../subject/service-alone.ts'
import { type RawAnswer, statusOf } from './http.ts'
import { commandLine, listeningSockets, processTree } from './processes.ts'

export interface Start {
  readonly observations: readonly Observation[]
  /** Whether the health check passed: without it nothing else can be measured. */
  readonly healthy: boolean
  readonly healthyAfterMs?: number
}

const checkTimeoutMs = 5_000
/** A task that does not accept connections is looked at after this, whatever its grace period is. */
const leastWaitMs = 20_000

/** Watches a task that has just started. */
export async function watchStart(
  service: ServiceAlone,
  task: MeasuredTask,
  requests: Requests,
  gracePeriodMs: number,
): Promise<Start> {
  const until = task.runningAt + Math.max(gracePeriodMs, leastWaitMs)
  let last: RawAnswer | undefined
  while (performance.now() < until) {
    last = await statusOf(task.address, requests.healthPath, requests.host, checkTimeoutMs)
    if (last?.status === 200) return judgeHealthy(task, requests, gracePeriodMs)
    const ended = await service.ended(task)
    if (ended !== undefined) {
      const detail = `The task ended before its health check passed: ${ended}. Read its log.`
      return { healthy: false, observations: [broken('starts-in-time', detail)] }
    }
    await sleep(20)
  }
  return { healthy: false, observations: judgeUnhealthy(task, last, gracePeriodMs) }
}

async function judgeHealthy(task: MeasuredTask, requests: Requests, gracePeriodMs: number): Promise<Start> {
  const healthyAfterMs = performance.now() - task.runningAt
  const took = `${(healthyAfterMs / 1000).toFixed(1)} s after its container started; the grace period is ${gracePeriodMs / 1000} s`
  return {
    healthy: true,
    healthyAfterMs,
    observations: [
      kept('listens', `${task.address.host}:${task.address.port} answers`),
      healthyAfterMs <= gracePeriodMs
        ? kept('starts-in-time', `healthy ${took}`)
        : broken('starts-in-time', `healthy ${took}`),
      await judgeReady(task, requests),
    ],
  }
}

/** The first requests after the first check that passed, as the load balancer would send them. */
async function judgeReady(task: MeasuredTask, { readPath, host }: Requests): Promise<Observation> {
  if (readPath === undefined) return notMeasured('health-after-ready', 'no traffic file names a path to read')
  for (let count = 0; count < 20; count++) {
    const answer = await statusOf(task.address, readPath, host, checkTimeoutMs)
    if (answer?.status === 200) continue
    const got = answer === undefined ? 'no answer' : `status ${answer.status}`
    return broken(
      'health-after-ready',
      `the health check passed, and GET ${readPath} got ${got} right after it`,
    )
  }
  return kept('health-after-ready', `GET ${readPath} was answered as soon as the health check passed`)
}

function judgeUnhealthy(
  task: MeasuredTask,
  last: RawAnswer | undefined,
  gracePeriodMs: number,
): readonly Observation[] {
  if (last) {
    const detail = `the health check answers ${last.status} until ${gracePeriodMs / 1000} s after the start, and not 200`
    return [kept('listens', 'its port answers'), broken('starts-in-time', detail)]
  }
  const { host, port } = task.address
  const sockets = commandLine(task.pid) ? listeningSockets(processTree(task.pid)) : undefined
  const where =
    sockets === undefined
      ? ''
      : sockets.length === 0
        ? '; it listens nowhere'
        : `; it listens on ${sockets.map((socket) => `${socket.address}:${socket.port}`).join(', ')}`
  return [broken('listens', `nothing answers on port ${port} of the task’s address (${host})${where}`)]
}
