/** Which tasks a service stops when it scales in and when it deploys. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import { until } from '../../../test-kit/until.test-kit.ts'
import {
  createService,
  describeService,
  register,
  type TestEmulator,
  testEmulator,
} from '../test-kit/service.test-kit.ts'
import { addressOf, running, stopped, tasksOf } from '../test-kit/tasks.test-kit.ts'

describe('the tasks that a service stops', { concurrency: true }, () => {
  let here: TestEmulator
  let first: string
  let second: string
  before(async () => {
    here = await testEmulator()
    first = await register(here.client, 'app:1')
    second = await register(here.client, 'app:2')
  })
  after(() => here[Symbol.asyncDispose]())

  const cluster = 'main'
  const protect = async (task: sdk.Task | undefined, expiresInMinutes: number) => {
    const tasks = [task?.taskArn ?? '']
    const input = { cluster, tasks, protectionEnabled: true, expiresInMinutes }
    await here.client.send(new sdk.UpdateTaskProtectionCommand(input))
    return async () => {
      const { protectedTasks } = await here.client.send(new sdk.GetTaskProtectionCommand({ cluster, tasks }))
      return protectedTasks?.[0]?.protectionEnabled
    }
  }
  const update = (service: string, change: Partial<sdk.UpdateServiceCommandInput>) =>
    here.client.send(new sdk.UpdateServiceCommand({ cluster, service, ...change }))

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
  test('a deployment does not stop a protected task, and the deletion of its service does', async () => {
    await createService(here, 'held', first)
    const [old] = await running(here, 'held', 1)
    await protect(old, 2880)
    await update('held', { taskDefinition: second })
    const both = await running(here, 'held', 2)
    assert.ok(both.some(({ taskArn }) => taskArn === old?.taskArn))
    await until('the service has reported all of its steps', async () =>
      (await describeService(here, 'held')).events?.some(({ message }) => message?.includes('registered 1')),
    )
    assert.equal((await describeService(here, 'held')).deployments?.[0]?.rolloutState, 'IN_PROGRESS')
    assert.equal((await running(here, 'held', 2)).length, 2)
    await here.client.send(new sdk.DeleteServiceCommand({ cluster, service: 'held', force: true }))
    await stopped(here, old?.taskArn ?? '')
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
  test('an expired protection has no effect, and the service stops the task then', async () => {
    await createService(here, 'expires', first)
    const [task] = await running(here, 'expires', 1)
    const isProtected = await protect(task, 10)
    const startedAt = Date.now()
    await update('expires', { desiredCount: 0 })
    const ended = await stopped(here, task?.taskArn ?? '')
    const heldMs = (ended.stoppingAt?.getTime() ?? 0) - startedAt
    // It started a moment before: the call itself takes time.
    assert.ok(heldMs >= here.context.clock.toReal(600_000) / 2, `${heldMs} ms`)
    assert.equal(await isProtected(), undefined)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
  test('a rolling deployment stops unhealthy tasks of the earlier revision before healthy ones', async () => {
    await using here = await testEmulator()
    const [first, second] = [await register(here.client, 'app:1'), await register(here.client, 'app:2')]
    await createService(here, 'sick', first, {
      desiredCount: 2,
      healthCheckGracePeriodSeconds: 2_000_000,
      deploymentConfiguration: { minimumHealthyPercent: 50, maximumPercent: 200 },
    })
    const tasks = await running(here, 'sick', 2)
    const time = ({ createdAt }: sdk.Task) => createdAt?.getTime() ?? 0
    const [healthy, sick] = tasks.sort((a, b) => time(a) - time(b))
    here.loadBalancing.setHealth({ id: addressOf(sick), port: 8080 }, 'unhealthy')
    here.loadBalancing.initialHealth = 'initial'
    const change = { cluster, service: 'sick', taskDefinition: second }
    await here.client.send(new sdk.UpdateServiceCommand(change))
    await stopped(here, sick?.taskArn ?? '')
    const left = (await tasksOf(here, 'sick')).filter((task) => task.taskDefinitionArn === first)
    assert.deepEqual(
      left.map(({ taskArn }) => taskArn),
      [healthy?.taskArn],
    )
  })
})
