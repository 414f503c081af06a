/** For tests: runs tasks and waits for them. */
import assert from 'node:assert/strict'
import * as sdk from '@aws-sdk/client-ecs'
import { until } from '../../../test-kit/until.test-kit.ts'
import { NETWORK, type TestEmulator } from './service.test-kit.ts'

export async function tasksOf(
  { client }: TestEmulator,
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

export const running = (emulator: TestEmulator, name: string, count: number) =>
  until(`${count} tasks of ${name} run`, async () => {
    const tasks = await tasksOf(emulator, name)
    return tasks.length === count && tasks.every(({ lastStatus }) => lastStatus === 'RUNNING') && tasks
  })

/** The first process of a task's container. Throws without one: a signal to process 0 would reach the tests. */
export function pidOf({ context }: TestEmulator, task: sdk.Task | undefined, container = 'app'): number {
  const key = `${task?.taskArn?.split('/')[2]}/${container}`
  const pid = context.store.collection<{ pid: number }>('runtime.processes').get(key)?.pid
  assert.ok(pid, `no process of ${key}`)
  return pid
}

export const addressOf = (task: sdk.Task | undefined): string =>
  task?.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address ?? ''

/** Runs one task; its ARN. */
export async function run(
  emulator: TestEmulator,
  taskDefinition: string,
  more: Partial<sdk.RunTaskCommandInput> = {},
): Promise<string> {
  const { tasks } = await emulator.client.send(
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

/** Waits until the condition holds for the task. */
export function taskThat(
  { client }: TestEmulator,
  arn: string,
  what: string,
  holds: (task: sdk.Task) => boolean | undefined,
): Promise<sdk.Task> {
  return until(what, async () => {
    const { tasks } = await client.send(new sdk.DescribeTasksCommand({ cluster: 'main', tasks: [arn] }))
    return tasks?.[0] && holds(tasks[0]) && tasks[0]
  })
}

export const stopped = (emulator: TestEmulator, arn: string): Promise<sdk.Task> =>
  taskThat(emulator, arn, 'the task stops', ({ lastStatus }) => lastStatus === 'STOPPED')

export async function runToEnd(
  emulator: TestEmulator,
  taskDefinition: string,
  more: Partial<sdk.RunTaskCommandInput> = {},
): Promise<sdk.Task> {
  return stopped(emulator, await run(emulator, taskDefinition, more))
}
