/** The health check while the database restarts: it must not fail, or all tasks would be replaced at once. */
import { setTimeout as sleep } from 'node:timers/promises'
import { broken, kept, notMeasured, type Observation } from '../subject/points.ts'
import type { Requests } from '../subject/requests.ts'
import type { MeasuredTask, ServiceAlone } from '../subject/service-alone.ts'
import { statusOf } from './http.ts'

const point = 'health-survives-dependencies'
/** Connections of a pool are found broken only after the restart. */
const afterMs = 2_000

export async function watchDatabaseRestart(
  service: ServiceAlone,
  task: MeasuredTask,
  { healthPath, host }: Requests,
): Promise<Observation> {
  const { restartDatabase } = service
  if (!restartDatabase) return notMeasured(point, 'the platform has no database')
  const watch = { over: false, checks: 0, failed: new Set<string>() }
  const restarted = restartDatabase().then(async () => {
    await sleep(afterMs)
    watch.over = true
  })
  while (!watch.over) {
    const answer = await statusOf(task.address, healthPath, host, 5_000)
    watch.checks++
    if (answer?.status !== 200)
      watch.failed.add(answer === undefined ? 'no answer' : `status ${answer.status}`)
    await sleep(10)
  }
  await restarted
  return watch.failed.size === 0
    ? kept(point, `${watch.checks} health checks passed while the database restarted`)
    : broken(point, `while the database restarted, the health check got ${[...watch.failed].join(', ')}`)
}
