/** For tests: tasks, run and waited for. */
import assert from 'node:assert/strict'
import * as sdk from '@aws-sdk/client-ecs'
import { eventually, NETWORK, type TestRegion } from './service.test-kit.ts'

export async function tasksOf(
  { client }: TestRegion,
  serviceName: string,
  desiredStatus: 'RUNNING' | 'STOPPED' = 'RUNNING',
): Promise<sdk.Task[]> {
  const { taskArns = [] } = await client.send(
    new sdk.ListTasksCommand({ cluster: 'main', serviceName, desiredStatus }),
  )
  if (taskArns.length === 0) return []
  const { tasks = [] } = await client.send(new sdk.DescribeTasksCommand({ cluster: 'main', tasks: taskArns }))
  return tasks
}

export const running = (region: TestRegion, name: string, count: number) =>
  eventually(`${count} tasks of ${name} run`, async () => {
    const tasks = await tasksOf(region, name)
    return tasks.length === count && tasks.every(({ lastStatus }) => lastStatus === 'RUNNING') && tasks
  })

/** The first process of a task's container. Throws where it has none: a signal to process 0 would go to the tests. */
export function pidOf({ context }: TestRegion, task: sdk.Task | undefined, container = 'app'): number {
  const key = `${task?.taskArn?.split('/')[2]}/${container}`
  const pid = context.store.collection<{ pid: number }>('runtime.processes').get(key)?.pid
  assert.ok(pid, `no process of ${key}`)
  return pid
}

export const addressOf = (task: sdk.Task | undefined): string =>
  task?.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address ?? ''

/** Runs one task; its ARN. */
export async function run(
  region: TestRegion,
  taskDefinition: string,
  more: Partial<sdk.RunTaskCommandInput> = {},
): Promise<string> {
  const { tasks } = await region.client.send(
    new sdk.RunTaskCommand({
      cluster: 'main',
      taskDefinition,
      launchType: 'FARGATE',
      networkConfiguration: NETWORK,
      ...more,
    }),
  )
  return tasks?.[0]?.taskArn ?? ''
}

/** The task, once it says what it is waited for. */
export function taskThat(
  { client }: TestRegion,
  arn: string,
  what: string,
  holds: (task: sdk.Task) => boolean | undefined,
): Promise<sdk.Task> {
  return eventually(what, async () => {
    const { tasks } = await client.send(new sdk.DescribeTasksCommand({ cluster: 'main', tasks: [arn] }))
    return tasks?.[0] && holds(tasks[0]) && tasks[0]
  })
}

export const stopped = (region: TestRegion, arn: string): Promise<sdk.Task> =>
  taskThat(region, arn, 'the task stops', ({ lastStatus }) => lastStatus === 'STOPPED')

export async function runToEnd(
  region: TestRegion,
  taskDefinition: string,
  more: Partial<sdk.RunTaskCommandInput> = {},
): Promise<sdk.Task> {
  return stopped(region, await run(region, taskDefinition, more))
}
