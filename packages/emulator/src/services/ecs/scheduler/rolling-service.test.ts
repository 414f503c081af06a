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
import { addressOf, running, tasksOf } from '../test-kit/tasks.test-kit.ts'

async function json(
  url: string | undefined,
  authorization = '',
): Promise<Record<string, string> & { env: Record<string, string> }> {
  const response = await fetch(url ?? '', { headers: { authorization } })
  return (await response.json()) as Record<string, string> & { env: Record<string, string> }
}

describe('a service under the rolling controller', () => {
  let here: TestEmulator
  before(async () => {
    here = await testEmulator()
  })
  after(() => here[Symbol.asyncDispose]())

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-task-networking.html
  test('a service starts its tasks, each on its own address, and registers them', async () => {
    const secrets = [
      {
        name: 'PASSWORD',
        valueFrom: 'arn:aws:secretsmanager:ap-northeast-2:000000000000:secret:db-AbCdEf:password::',
      },
      { name: 'KEY', valueFrom: '/app/key' },
    ]
    const definition = await register(
      here.client,
      'app:1',
      { secrets },
      { taskRoleArn: 'arn:aws:iam::000000000000:role/task' },
    )
    await createService(here, 'web', definition, { desiredCount: 2 })
    const tasks = await running(here, 'web', 2)
    const addresses = tasks.map(addressOf)
    assert.equal(new Set(addresses).size, process.platform === 'linux' ? 2 : 1)
    const [target] = here.loadBalancing.journal.filter((line) => line.startsWith('register'))
    const { version, env } = await until('it answers', async () =>
      json(`http://${target?.split(' ')[1]}/env`).catch(() => undefined),
    )
    assert.equal(version, '1')
    assert.equal(env.PASSWORD, 's3cret')
    assert.equal(env.KEY, 'from-ssm')
    assert.equal(env.AWS_REGION, 'ap-northeast-2')
    assert.equal(env.AWS_ENDPOINT_URL, 'http://127.0.0.1:4566')
    assert.equal(env.NODE_EXTRA_CA_CERTS, here.context.authority.certificateFile)
    const credentials = await json(
      env.AWS_CONTAINER_CREDENTIALS_FULL_URI,
      env.AWS_CONTAINER_AUTHORIZATION_TOKEN,
    )
    assert.equal(credentials.RoleArn, 'arn:aws:iam::000000000000:role/task')
    const metadata = await json(`${env.ECS_CONTAINER_METADATA_URI_V4}/task`)
    assert.equal(metadata.Family, 'app')
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
  test('a service whose tasks are all healthy reports that it has reached a steady state', async () => {
    const service = await until('steady', async () => {
      const described = await describeService(here, 'web')
      return described.deployments?.[0]?.rolloutState === 'COMPLETED' && described
    })
    assert.ok(service.events?.some(({ message }) => message === '(service web) has reached a steady state.'))
    assert.equal(service.runningCount, 2)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
  test('a service replaces a task that crashed', async () => {
    const [victim] = await tasksOf(here, 'web')
    const record = here.context.store
      .collection<{ pid: number }>('runtime.processes')
      .get(`${victim?.taskArn?.split('/')[2]}/app`)
    assert.ok(record)
    process.kill(record.pid, 'SIGKILL')
    await until('another one runs', async () => {
      const tasks = await tasksOf(here, 'web')
      return (
        tasks.length === 2 &&
        tasks.every((task) => task.taskArn !== victim?.taskArn && task.lastStatus === 'RUNNING')
      )
    })
    const stopped = await tasksOf(here, 'web', 'STOPPED')
    assert.equal(
      stopped.find(({ taskArn }) => taskArn === victim?.taskArn)?.stopCode,
      'EssentialContainerExited',
    )
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
  test('a service rolls to a new revision and never has fewer tasks than its minimum', async () => {
    const second = await register(here.client, 'app:2')
    let least = 2
    await here.client.send(
      new sdk.UpdateServiceCommand({ cluster: 'main', service: 'web', taskDefinition: second }),
    )
    await until('only the new revision runs', async () => {
      const tasks = (await tasksOf(here, 'web')).filter(({ lastStatus }) => lastStatus === 'RUNNING')
      least = Math.min(least, tasks.length)
      const { deployments } = await describeService(here, 'web')
      return (
        deployments?.length === 1 &&
        tasks.length === 2 &&
        tasks.every(({ taskDefinitionArn }) => taskDefinitionArn === second)
      )
    })
    assert.equal(least, 2)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html (DEACTIVATING)
  test('a service deregisters a task and waits until it is unused before it sends SIGTERM', async () => {
    const { promise: drained, resolve: drain } = Promise.withResolvers<void>()
    here.loadBalancing.drained = drained
    here.logs.length = 0
    here.loadBalancing.journal.length = 0
    await here.client.send(new sdk.UpdateServiceCommand({ cluster: 'main', service: 'web', desiredCount: 1 }))
    await until('it drains', async () =>
      here.loadBalancing.journal.some((line) => line.startsWith('deregister')),
    )
    await new Promise((resolve) => setTimeout(resolve, 150))
    assert.ok(!here.logs.includes('app/app/<task> terminating'))
    here.loadBalancing.drained = undefined
    drain()
    await until('it gets SIGTERM', async () => here.logs.includes('app/app/<task> terminating'))
    assert.ok(here.loadBalancing.journal.some((line) => line.startsWith('unused')))
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeleteService.html
  test('a service cannot be deleted while it is scaled above 0, unless by force', async () => {
    const remove = (force: boolean) =>
      here.client.send(new sdk.DeleteServiceCommand({ cluster: 'main', service: 'web', force }))
    await assert.rejects(remove(false), { name: 'InvalidParameterException', message: /scaled above 0/ })
    await remove(true)
    await until('it is INACTIVE', async () => (await describeService(here, 'web')).status === 'INACTIVE')
    assert.deepEqual(here.context.store.collection('runtime.processes').values(), [])
  })
})

test('an application that starts slowly is not replaced because AWS’s time is compressed', async () => {
  await using here = await testEmulator()
  here.loadBalancing.initialHealth = 'unhealthy'
  await createService(here, 'slow', await register(here.client, 'app:1'))
  const [task] = await running(here, 'slow', 1)
  await new Promise((resolve) => setTimeout(resolve, 400))
  assert.equal((await running(here, 'slow', 1))[0]?.taskArn, task?.taskArn)
  // After its first answer, even an error, the grace period is AWS's: none by default.
  here.loadBalancing.initialHealth = 'healthy'
  here.loadBalancing.setHealth(
    { id: addressOf(task), port: 8080 },
    'unhealthy',
    'Target.ResponseCodeMismatch',
  )
  await until('it is replaced', async () => {
    const tasks = await tasksOf(here, 'slow')
    return tasks.length === 1 && tasks[0]?.taskArn !== task?.taskArn
  })
})
