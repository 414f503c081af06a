import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import { isAlive, type ProcessIdentity } from '../../../runtime/process/process-identity.ts'
import { until } from '../../../test-kit/until.test-kit.ts'
import {
  createService,
  NETWORK,
  register,
  type TestEmulator,
  testEmulator,
} from '../test-kit/service.test-kit.ts'
import { addressOf, run, running, runToEnd, stopped, tasksOf, taskThat } from '../test-kit/tasks.test-kit.ts'

describe('the life cycle of a task', { concurrency: true }, () => {
  let here: TestEmulator
  before(async () => {
    here = await testEmulator()
  })
  after(() => here[Symbol.asyncDispose]())

  const changesOf = (taskArn: string | undefined) =>
    here.context.events
      .since(0)
      .filter(
        ({ detailType, detail }) => detailType === 'ECS Task State Change' && detail.taskArn === taskArn,
      )
  /** The details of the task's state change events, in order. */
  const eventsOf = (taskArn: string | undefined) => changesOf(taskArn).map(({ detail }) => detail)
  const statesOf = (taskArn: string | undefined) =>
    eventsOf(taskArn)
      .map(({ lastStatus }) => String(lastStatus))
      .filter((status, index, all) => status !== all[index - 1])

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html
  test('a task has the documented states in their order, each with its time stamps', async () => {
    await createService(here, 'whole', await register(here.client, 'app:1'))
    const [task] = await running(here, 'whole', 1)
    assert.ok(task)
    await here.client.send(
      new sdk.UpdateServiceCommand({ cluster: 'main', service: 'whole', desiredCount: 0 }),
    )
    const ended = await stopped(here, task.taskArn ?? '')
    assert.deepEqual(statesOf(task.taskArn), [
      'PROVISIONING',
      'PENDING',
      'ACTIVATING',
      'RUNNING',
      'DEACTIVATING',
      'STOPPING',
      'DEPROVISIONING',
      'STOPPED',
    ])
    const times = [
      ended.createdAt,
      ended.connectivityAt,
      ended.pullStartedAt,
      ended.pullStoppedAt,
      ended.startedAt,
      ended.stoppingAt,
      ended.executionStoppedAt,
      ended.stoppedAt,
    ].map((time) => time?.getTime() ?? Number.NaN)
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    )
    assert.equal(ended.connectivity, 'CONNECTED')
    assert.deepEqual([ended.lastStatus, ended.desiredStatus], ['STOPPED', 'STOPPED'])
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
  test('a state change of a task is published to EventBridge with the task as the resource', async () => {
    await createService(here, 'named', await register(here.client, 'app:1'))
    const [task] = await running(here, 'named', 1)
    const changes = changesOf(task?.taskArn)
    assert.ok(changes.length > 0)
    for (const { resources } of changes) assert.deepEqual(resources, [task?.taskArn])
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Attachment.html
  test('the network interface of a task is an attachment that is attached and deleted with it', async () => {
    const arn = await run(here, await register(here.client, 'job:deaf', { stopTimeout: 2 }))
    const task = await taskThat(here, arn, 'it runs', ({ lastStatus }) => lastStatus === 'RUNNING')
    const [attachment] = task.attachments ?? []
    assert.equal(attachment?.type, 'ElasticNetworkInterface')
    assert.equal(attachment.status, 'ATTACHED')
    const details = new Map(attachment.details?.map(({ name, value }) => [name, value]))
    const [address] = task.containers?.[0]?.networkInterfaces ?? []
    assert.equal(details.get('subnetId'), 'subnet-1')
    assert.match(details.get('networkInterfaceId') ?? '', /^eni-[0-9a-f]{17}$/)
    assert.match(details.get('macAddress') ?? '', /^02(:[0-9a-f]{2}){5}$/)
    assert.equal(details.get('privateIPv4Address'), address?.privateIpv4Address)
    assert.equal(address?.attachmentId, attachment.id)
    assert.match(task.availabilityZone ?? '', /^ap-northeast-2[a-d]$/)
    await here.client.send(new sdk.StopTaskCommand({ cluster: 'main', task: arn }))
    assert.equal((await stopped(here, arn)).attachments?.[0]?.status, 'DELETED')
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
  test('each state change of a task is an event with a higher version than the one before', async () => {
    const task = await runToEnd(here, await register(here.client, 'job:bad'))
    const details = eventsOf(task.taskArn)
    const versions = details.map(({ version }) => Number(version))
    assert.deepEqual(
      versions,
      [...new Set(versions)].sort((a, b) => a - b),
    )
    const last = details.at(-1)
    assert.equal(last?.stopCode, 'EssentialContainerExited')
    assert.equal(last.stoppedReason, 'Essential container in task exited')
    assert.equal(last.createdAt, task.createdAt?.toISOString())
    assert.match(String(last.updatedAt), /Z$/)
    assert.equal('healthStatus' in last, false)
    const [attachment] = last.attachments as { type: string }[]
    assert.equal(attachment?.type, 'eni')
    // The start and the exit of a container are changes too.
    const containers = details.map(
      ({ containers }) => (containers as { lastStatus: string }[])[0]?.lastStatus,
    )
    assert.deepEqual([...new Set(containers)], ['PENDING', 'RUNNING', 'STOPPED'])
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_StopTask.html
  test('StopTask sends the stop signal at once, also while targets drain', async () => {
    const here = await testEmulator()
    try {
      here.loadBalancing.drainMs = 60_000
      await createService(here, 'draining', await register(here.client, 'app:1'))
      const [task] = await running(here, 'draining', 1)
      await here.client.send(
        new sdk.StopTaskCommand({ cluster: 'main', task: task?.taskArn, reason: 'by hand' }),
      )
      const ended = await until('it has stopped long before', async () =>
        (await tasksOf(here, 'draining', 'STOPPED')).find(({ lastStatus }) => lastStatus === 'STOPPED'),
      )
      assert.equal(ended.stopCode, 'UserInitiated')
      assert.equal(ended.stoppedReason, 'by hand')
      assert.ok(here.loadBalancing.journal.some((line) => line.startsWith('deregister')))
      assert.ok(!here.loadBalancing.journal.some((line) => line.startsWith('unused')))
    } finally {
      here.loadBalancing.drainMs = 0
      await here[Symbol.asyncDispose]()
    }
  })

  test('the processes and the address of a task are released even where its stop fails', async () => {
    await using here = await testEmulator()
    await createService(here, 'broken', await register(here.client, 'app:1'))
    const [task] = await running(here, 'broken', 1)
    const [left] = here.context.store.collection<ProcessIdentity>('runtime.processes').values()
    assert.ok(left && isAlive(left))
    here.loadBalancing.deregisterTarget = () => {
      throw new Error('the load balancer has a defect')
    }
    await here.client.send(new sdk.StopTaskCommand({ cluster: 'main', task: task?.taskArn }))
    const ended = await stopped(here, task?.taskArn ?? '')
    assert.match(ended.stoppedReason ?? '', /the load balancer has a defect/)
    assert.equal(isAlive(left), false)
    assert.equal(ended.containers?.[0]?.lastStatus, 'STOPPED')
    // The address is free again.
    const server = createServer().listen(8080, addressOf(task))
    await once(server, 'listening')
    server.close()
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RunTask.html
  test('several one-off tasks run at once, in a group, and are found by startedBy', async () => {
    const { tasks, failures } = await here.client.send(
      new sdk.RunTaskCommand({
        cluster: 'main',
        taskDefinition: await register(
          here.client,
          'job:ok',
          {},
          { tags: [{ key: 'owner', value: 'core' }] },
        ),
        networkConfiguration: NETWORK,
        count: 3,
        startedBy: 'nightly',
        group: 'batch',
        propagateTags: 'TASK_DEFINITION',
        tags: [{ key: 'run', value: '1' }],
      }),
    )
    assert.equal(tasks?.length, 3)
    assert.deepEqual(failures, [])
    const [task] = tasks
    assert.deepEqual([task?.group, task?.startedBy], ['batch', 'nightly'])
    assert.deepEqual(task?.tags, [
      { key: 'owner', value: 'core' },
      { key: 'run', value: '1' },
    ])
    const { taskArns } = await here.client.send(
      new sdk.ListTasksCommand({ cluster: 'main', startedBy: 'nightly', desiredStatus: 'RUNNING' }),
    )
    const { taskArns: ended } = await here.client.send(
      new sdk.ListTasksCommand({ cluster: 'main', startedBy: 'nightly', desiredStatus: 'STOPPED' }),
    )
    assert.equal((taskArns?.length ?? 0) + (ended?.length ?? 0), 3)
    await Promise.all(tasks.map(({ taskArn }) => stopped(here, taskArn ?? '')))
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-using-tags.html
  test('a service with propagateTags and enableECSManagedTags tags its tasks with its own tags and ECS’s', async () => {
    await createService(here, 'tagging', await register(here.client, 'app:1'), {
      propagateTags: 'SERVICE',
      enableECSManagedTags: true,
      tags: [{ key: 'team', value: 'core' }],
    })
    const [task] = await running(here, 'tagging', 1)
    const { tasks } = await here.client.send(
      new sdk.DescribeTasksCommand({ cluster: 'main', tasks: [task?.taskArn ?? ''], include: ['TAGS'] }),
    )
    assert.deepEqual(tasks?.[0]?.tags, [
      { key: 'aws:ecs:clusterName', value: 'main' },
      { key: 'aws:ecs:serviceName', value: 'tagging' },
      { key: 'team', value: 'core' },
    ])
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#container_definition_healthcheck
  test('a task without a service continues when it is unhealthy', async () => {
    const healthCheck = { command: ['CMD-SHELL', 'exit 1'], interval: 5, retries: 1 }
    const arn = await run(here, await register(here.client, 'job:deaf', { stopTimeout: 2, healthCheck }))
    const task = await taskThat(
      here,
      arn,
      'it is unhealthy',
      ({ healthStatus }) => healthStatus === 'UNHEALTHY',
    )
    assert.equal(task.containers?.[0]?.healthStatus, 'UNHEALTHY')
    assert.equal(task.lastStatus, 'RUNNING')
    assert.equal(task.desiredStatus, 'RUNNING')
    await here.client.send(new sdk.StopTaskCommand({ cluster: 'main', task: arn }))
    await stopped(here, arn)
  })
})
