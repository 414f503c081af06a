/** The utilization of services, recorded in CloudWatch and measured on real processes. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { systemClock } from '../../../clock.ts'
import { testContext } from '../../../protocol/test-kit/context.test-kit.ts'
import { until } from '../../../test-kit/until.test-kit.ts'
import type { CloudWatch, Datum } from '../../cloudwatch/contract.ts'
import type { TaskRecord } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'
import { measureTasks } from './utilization.ts'

/** Two tasks of a service, whose processes are this one, and a task without a service. */
function stateOf(): EcsState {
  const task = (id: string, serviceName?: string) =>
    ({
      id,
      serviceName,
      clusterName: 'main',
      lastStatus: 'RUNNING',
      desiredStatus: 'RUNNING',
      taskDefinitionArn: 'web:1',
      containers: [{ name: 'web', runtimeId: `${id}-${process.pid}` }],
    }) as unknown as TaskRecord
  const tasks = new Map(['a', 'b'].map((id) => [id, task(id, 'web')])).set('c', task('c'))
  return {
    tasks: { values: () => [...tasks.values()], get: (id: string) => tasks.get(id) },
    findTaskDefinition: () => ({ input: { cpu: '512', memory: '1024' } }),
  } as unknown as EcsState
}

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cloudwatch-metrics.html
test('records processor and memory of a service’s tasks in percent of their reservation, once for each task', {
  skip: process.platform !== 'linux' && 'there is no /proc',
}, async () => {
  const context = testContext({ clock: systemClock(600) })
  const recorded: Datum[] = []
  const of = (name: string) => recorded.filter(({ metric }) => metric === name)
  const cloudWatch = { record: (datum: Datum) => void recorded.push(datum) } as unknown as CloudWatch
  const end = measureTasks(context, stateOf(), cloudWatch)
  // The processor time is sampled every half second at most, also at a high speed. On a busy machine this process may
  // get none of it in that time.
  const from = performance.now()
  await until(() => {
    for (let spin = 0; spin < 1e6; spin++) Math.sqrt(spin)
    return of('CPUUtilization').length >= 2 && (of('CPUUtilization').at(-1)?.value ?? 0) > 0
  })
  end()
  assert.ok(performance.now() - from >= 500)
  assert.equal(of('MemoryUtilization').length % 2, 0, 'each minute has a sample of each task: their number')
  const [memory, cpu] = [of('MemoryUtilization').at(-1), of('CPUUtilization').at(-1)]
  assert.deepEqual(memory?.dimensions, { ClusterName: 'main', ServiceName: 'web' })
  const rss = (process.memoryUsage.rss() / 1024 ** 3) * 100
  assert.ok(Math.abs((memory?.value ?? 0) - rss) < rss / 2, `${memory?.value} % of 1 GiB, and not ${rss} %`)
  assert.ok((cpu?.value ?? 0) > 0 && (cpu?.value ?? 0) < 2000, `${cpu?.value} %`)
  assert.equal(cpu?.unit, 'Percent')
})
