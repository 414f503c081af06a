/** The deployment history of a rolling service, the stop of a deployment, and protected tasks. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import { refusal } from '../../../protocol/test-kit/refused.test-kit.ts'
import { until } from '../../../test-kit/until.test-kit.ts'
import {
  createService,
  describeService,
  register,
  type TestEmulator,
  testEmulator,
} from '../test-kit/service.test-kit.ts'
import { running, tasksOf } from '../test-kit/tasks.test-kit.ts'

let emulator: TestEmulator
let client: sdk.ECSClient
const cluster = 'main'

before(async () => {
  emulator = await testEmulator()
  client = emulator.client
})
after(() => emulator[Symbol.asyncDispose]())

const list = async (service: string, status?: sdk.ServiceDeploymentStatus[]) => {
  const all: sdk.ServiceDeploymentBrief[] = []
  const input = { cluster, service, ...(status ? { status } : {}) }
  for await (const page of paginate(input)) all.push(...(page.serviceDeployments ?? []))
  return all
}

/** The SDK has no paginator for it. */
async function* paginate(input: sdk.ListServiceDeploymentsCommandInput) {
  let nextToken: string | undefined
  do {
    const page = await client.send(
      new sdk.ListServiceDeploymentsCommand({ ...input, maxResults: 1, nextToken }),
    )
    yield page
    nextToken = page.nextToken
  } while (nextToken !== undefined)
}

const last = (service: string, status: sdk.ServiceDeploymentStatus) =>
  until(`the last deployment of ${service} is ${status}`, async () => {
    const [newest] = await list(service)
    return newest?.status === status && newest
  })

const update = (service: string, taskDefinition: string) =>
  client.send(new sdk.UpdateServiceCommand({ cluster, service, taskDefinition }))

describe('deployments of the rolling controller', { concurrency: true }, () => {
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
  test('keeps each deployment of a service with its source and target revisions', async () => {
    const first = await register(client, 'app:1', {}, { family: 'history' })
    const second = await register(client, 'app:2', {}, { family: 'history' })
    const { serviceArn = '' } = await createService(emulator, 'history', first)
    const created = await last('history', 'SUCCESSFUL')
    await update('history', second)
    await until('the second deployment starts', async () => (await list('history')).length === 2)
    const changed = await last('history', 'SUCCESSFUL')
    assert.match(changed.serviceDeploymentArn ?? '', /:service-deployment\/main\/history\/[\w-]{21}$/)
    assert.deepEqual(
      (await list('history', ['SUCCESSFUL'])).map((each) => each.serviceDeploymentArn),
      [changed.serviceDeploymentArn, created.serviceDeploymentArn],
    )
    assert.deepEqual(await list('history', ['STOPPED']), [])
    const { serviceDeployments: [described] = [], failures } = await client.send(
      new sdk.DescribeServiceDeploymentsCommand({
        serviceDeploymentArns: [changed.serviceDeploymentArn ?? '', `${changed.serviceDeploymentArn}x`],
      }),
    )
    assert.equal(failures?.[0]?.reason, 'MISSING')
    assert.equal(described?.serviceArn, serviceArn)
    assert.deepEqual(
      described?.sourceServiceRevisions?.map(({ arn }) => arn),
      [created.targetServiceRevisionArn],
    )
    assert.deepEqual(
      [
        described?.targetServiceRevision?.requestedTaskCount,
        described?.targetServiceRevision?.runningTaskCount,
      ],
      [1, 1],
    )
    assert.equal(described?.deploymentCircuitBreaker?.status, 'DISABLED')
    const { serviceRevisions = [] } = await client.send(
      new sdk.DescribeServiceRevisionsCommand({
        serviceRevisionArns: [created.targetServiceRevisionArn ?? '', changed.targetServiceRevisionArn ?? ''],
      }),
    )
    assert.deepEqual(
      serviceRevisions.map(({ taskDefinition, containerImages }) => [
        taskDefinition,
        containerImages?.[0]?.image,
      ]),
      [
        [first, 'app:1'],
        [second, 'app:2'],
      ],
    )
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stop-service-deployment.html
  test('stops a deployment by a rollback to the revision before it', async () => {
    const first = await register(client, 'app:1', {}, { family: 'stopped' })
    const never = await register(client, 'none:1', {}, { family: 'stopped' })
    await createService(emulator, 'stopped', first)
    const before = await last('stopped', 'SUCCESSFUL')
    await update('stopped', never)
    const going = await last('stopped', 'IN_PROGRESS')
    const serviceDeploymentArn = going.serviceDeploymentArn ?? ''
    const stop = () => client.send(new sdk.StopServiceDeploymentCommand({ serviceDeploymentArn }))
    assert.equal((await stop()).serviceDeploymentArn, serviceDeploymentArn)
    await last('stopped', 'ROLLBACK_SUCCESSFUL')
    const { serviceDeployments: [described] = [] } = await client.send(
      new sdk.DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [serviceDeploymentArn] }),
    )
    assert.equal(described?.rollback?.serviceRevisionArn, before.targetServiceRevisionArn)
    assert.equal((await describeService(emulator, 'stopped')).taskDefinition, first)
    await assert.rejects(stop(), refusal('ConflictException'))
    await assert.rejects(
      client.send(new sdk.StopServiceDeploymentCommand({ serviceDeploymentArn: 'arn:none' })),
      refusal('ServiceDeploymentNotFoundException'),
    )
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stop-service-deployment.html
  test('stops a deployment although the revision before it was deregistered meanwhile, and only once', async () => {
    const first = await register(client, 'app:1', {}, { family: 'rolled-back' })
    const never = await register(client, 'none:1', {}, { family: 'rolled-back' })
    await createService(emulator, 'rolled-back', first)
    await last('rolled-back', 'SUCCESSFUL')
    await client.send(new sdk.DeregisterTaskDefinitionCommand({ taskDefinition: first }))
    await update('rolled-back', never)
    const { serviceDeploymentArn = '' } = await last('rolled-back', 'IN_PROGRESS')
    const stop = () => client.send(new sdk.StopServiceDeploymentCommand({ serviceDeploymentArn }))
    await stop()
    assert.equal((await stop()).serviceDeploymentArn, serviceDeploymentArn)
    const back = await last('rolled-back', 'ROLLBACK_SUCCESSFUL')
    assert.equal(back.serviceDeploymentArn, serviceDeploymentArn)
    assert.equal((await describeService(emulator, 'rolled-back')).taskDefinition, first)
    assert.equal((await list('rolled-back')).length, 2)
  })

  test('a deployment in progress is stopped with its service, and does not complete', async () => {
    const first = await register(client, 'app:1', {}, { family: 'leaving' })
    const never = await register(client, 'none:1', {}, { family: 'leaving' })
    const { serviceArn } = await createService(emulator, 'leaving', first)
    await last('leaving', 'SUCCESSFUL')
    await update('leaving', never)
    const { serviceDeploymentArn } = await last('leaving', 'IN_PROGRESS')
    await client.send(new sdk.DeleteServiceCommand({ cluster, service: 'leaving', force: true }))
    const ended = await last('leaving', 'STOPPED')
    assert.equal(ended.statusReason, 'The service was deleted.')
    await assert.rejects(
      client.send(new sdk.StopServiceDeploymentCommand({ serviceDeploymentArn })),
      refusal('ConflictException'),
    )
    await until(
      'it is deleted',
      async () => (await describeService(emulator, 'leaving')).status === 'INACTIVE',
    )
    const completed = emulator.context.events
      .since(0)
      .filter(({ detail }) => detail.serviceArn === serviceArn)
      .filter(({ detail }) => detail.eventName === 'SERVICE_DEPLOYMENT_COMPLETED')
    assert.equal(completed.length, 1)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
  test('shows a deployment that its circuit breaker rolled back', async () => {
    const first = await register(client, 'app:1', {}, { family: 'breaks' })
    const bad = await register(client, 'none:1', {}, { family: 'breaks' })
    await createService(emulator, 'breaks', first, {
      loadBalancers: [],
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
    })
    await last('breaks', 'SUCCESSFUL')
    await update('breaks', bad)
    const back = await last('breaks', 'ROLLBACK_SUCCESSFUL')
    const { serviceDeployments: [described] = [] } = await client.send(
      new sdk.DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [back.serviceDeploymentArn ?? ''] }),
    )
    assert.equal(described?.deploymentCircuitBreaker?.status, 'TRIGGERED')
    assert.match(described?.rollback?.reason ?? '', /circuit breaker/)
    assert.equal((await list('breaks')).length, 2)
  })
})

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
test('does not stop a protected task when it scales in, until the protection ends', async () => {
  const taskDefinition = await register(client, 'app:1', {}, { family: 'protected' })
  await createService(emulator, 'protected', taskDefinition, { desiredCount: 2 })
  const tasks = await running(emulator, 'protected', 2)
  const newest = tasks.reduce((a, b) => (Number(a.createdAt) > Number(b.createdAt) ? a : b)).taskArn ?? ''
  const protect = (protectionEnabled: boolean, ids = [newest]) =>
    client.send(new sdk.UpdateTaskProtectionCommand({ cluster, tasks: ids, protectionEnabled }))
  const { protectedTasks } = await protect(true)
  assert.equal(protectedTasks?.[0]?.protectionEnabled, true)
  assert.ok(Number(protectedTasks[0].expirationDate) > Date.now())
  await client.send(new sdk.UpdateServiceCommand({ cluster, service: 'protected', desiredCount: 1 }))
  assert.deepEqual(
    (await running(emulator, 'protected', 1)).map(({ taskArn }) => taskArn),
    [newest],
  )
  await client.send(new sdk.UpdateServiceCommand({ cluster, service: 'protected', desiredCount: 0 }))
  const shown = await client.send(new sdk.GetTaskProtectionCommand({ cluster, tasks: [newest] }))
  assert.equal(shown.protectedTasks?.[0]?.protectionEnabled, true)
  assert.equal((await tasksOf(emulator, 'protected')).length, 1)
  await protect(false)
  await until(
    'the last task is asked to stop',
    async () => (await tasksOf(emulator, 'protected')).length === 0,
  )
  const { failures } = await protect(true, ['0123456789abcdef0123456789abcdef', newest])
  assert.deepEqual(
    failures?.map(({ reason }) => reason),
    ['MISSING', 'TASK_NOT_VALID'],
  )
})
