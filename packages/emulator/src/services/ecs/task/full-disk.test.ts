/** A store that cannot be written for a while, as on a full disk: no task is left behind in a state that is over. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import { until } from '../../../test-kit/until.test-kit.ts'
import type { TaskRecord } from '../model/model.ts'
import { NETWORK, register, testEmulator } from '../test-kit/service.test-kit.ts'

test('a task whose end could not be written is stopped once the store can be written again', async (t) => {
  t.mock.method(console, 'error', () => {})
  await using here = await testEmulator()
  const tasks = here.context.store.collection<TaskRecord>('ecs.tasks')
  const { put } = tasks
  const full = () => {
    throw new Error('database or disk is full')
  }
  const { tasks: [task] = [] } = await here.client.send(
    new sdk.RunTaskCommand({
      cluster: 'main',
      taskDefinition: await register(here.client, 'job:ok'),
      networkConfiguration: NETWORK,
    }),
  )
  Object.assign(tasks, { put: full })
  await here.context.clock.sleepReal(1_500)
  const status = async () => {
    const answer = await here.client.send(
      new sdk.DescribeTasksCommand({ cluster: 'main', tasks: [task?.taskArn ?? ''] }),
    )
    return answer.tasks?.[0]
  }
  assert.notEqual((await status())?.lastStatus, 'STOPPED')
  Object.assign(tasks, { put })
  await until(async () => (await status())?.lastStatus === 'STOPPED')
  assert.match((await status())?.stoppedReason ?? '', /database or disk is full/)
})
