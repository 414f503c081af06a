import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import { serveForTest, type TestWire } from '../../protocol/testing.ts'
import { createProcessRuntime } from '../../runtime/index.ts'
import type { StoredImage } from '../ecr/contract.ts'
import type { Containers } from './contract.ts'
import { createEcs } from './index.ts'
import {
  type TestContext,
  type TestLoadBalancing,
  testContext,
  testImage,
  testLoadBalancing,
} from './testing.ts'

/** A service that answers with its version and environment, and ends in order on SIGTERM. */
const SERVER = `
  import { createServer } from 'node:http'
  const server = createServer((request, response) => response.end(JSON.stringify({
    version: process.env.APP_VERSION, host: process.env.HOST, port: process.env.PORT,
    env: request.url === '/env' ? process.env : undefined,
  })))
  server.listen(Number(process.env.PORT), process.env.HOST, () => console.log('listening'))
  process.on('SIGTERM', () => { console.log('terminating'); process.exit(0) })
`
const TARGET_GROUP =
  'arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:targetgroup/blue/0123456789abcdef'
const GREEN = 'arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:targetgroup/green/0123456789abcdef'
const NETWORK = { awsvpcConfiguration: { subnets: ['subnet-1'], securityGroups: [] } }

interface Region extends AsyncDisposable {
  readonly context: TestContext
  readonly ecs: Containers
  readonly client: sdk.ECSClient
  readonly loadBalancing: TestLoadBalancing
  readonly images: Map<string, StoredImage>
  readonly logs: string[]
}

async function region(stateDir?: string): Promise<Region> {
  const context = await testContext(stateDir === undefined ? {} : { stateDir })
  const loadBalancing = testLoadBalancing()
  const images = new Map<string, StoredImage>()
  const logs: string[] = []
  const service = (name: string) => ({ name })
  const ecs = createEcs(context, {
    loadBalancing,
    registry: { ...service('ecr'), image: (reference) => images.get(reference) },
    logs: {
      ...service('logs'),
      put(group, stream, events) {
        for (const { message } of events) logs.push(`${stream.replace(/[0-9a-f]{32}/, '<task>')} ${message}`)
        return group === '/app'
      },
    },
    secrets: {
      ...service('secretsmanager'),
      secretString: (id) =>
        id.endsWith(':secret:db-AbCdEf') ? '{"username":"app","password":"s3cret"}' : undefined,
      manage: () => '',
      remove: () => undefined,
    },
    parameters: { ...service('ssm'), parameter: (name) => (name === '/app/key' ? 'from-ssm' : undefined) },
    runtime: createProcessRuntime(context),
    apiEndpoint: () => 'http://127.0.0.1:4566',
    taskCredentials: (RoleArn) => ({
      RoleArn,
      AccessKeyId: 'ASIATASK',
      SecretAccessKey: 'secret',
      Token: 'token',
      Expiration: new Date(Date.now() + 3_600_000).toISOString(),
    }),
  })
  await ecs.start?.()
  assert.ok(ecs.api)
  const wire: TestWire = await serveForTest([ecs.api])
  const client = new sdk.ECSClient(wire.client)
  images.set('app:1', await testImage(context.stateDir, { 'app/server.mjs': SERVER }, nodeApp('1')))
  images.set('app:2', await testImage(context.stateDir, { 'app/server.mjs': SERVER }, nodeApp('2')))
  images.set(
    'job:ok',
    await testImage(context.stateDir, { 'app/server.mjs': 'console.log("done")' }, nodeApp('1')),
  )
  images.set(
    'job:bad',
    await testImage(context.stateDir, { 'app/server.mjs': 'process.exit(3)' }, nodeApp('1')),
  )
  images.set(
    'job:deaf',
    await testImage(
      context.stateDir,
      { 'app/server.mjs': 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1e3)' },
      nodeApp('1'),
    ),
  )
  await client.send(new sdk.CreateClusterCommand({ clusterName: 'main' }))
  return {
    context,
    ecs,
    client,
    loadBalancing,
    images,
    logs,
    async [Symbol.asyncDispose]() {
      await ecs.stop?.()
      await wire[Symbol.asyncDispose]()
      await context[Symbol.asyncDispose]()
    },
  }
}

const nodeApp = (version: string) => ({
  Entrypoint: ['node'],
  Cmd: ['server.mjs'],
  WorkingDir: '/app',
  Env: [`APP_VERSION=${version}`, 'PATH=/usr/local/bin'],
})

async function register(
  client: sdk.ECSClient,
  image: string,
  more: Partial<sdk.ContainerDefinition> = {},
  definition: Partial<sdk.RegisterTaskDefinitionCommandInput> = {},
): Promise<string> {
  const { taskDefinition } = await client.send(
    new sdk.RegisterTaskDefinitionCommand({
      family: 'app',
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '256',
      memory: '512',
      executionRoleArn: 'arn:aws:iam::000000000000:role/execution',
      containerDefinitions: [
        {
          name: 'app',
          image,
          portMappings: [{ containerPort: 8080 }],
          logConfiguration: {
            logDriver: 'awslogs',
            options: {
              'awslogs-group': '/app',
              'awslogs-region': 'ap-northeast-2',
              'awslogs-stream-prefix': 'app',
            },
          },
          ...more,
        },
      ],
      ...definition,
    }),
  )
  assert.ok(taskDefinition?.taskDefinitionArn)
  return taskDefinition.taskDefinitionArn
}

async function createService(
  { client }: Region,
  name: string,
  taskDefinition: string,
  more: Partial<sdk.CreateServiceCommandInput> = {},
): Promise<sdk.Service> {
  const { service } = await client.send(
    new sdk.CreateServiceCommand({
      cluster: 'main',
      serviceName: name,
      taskDefinition,
      desiredCount: 1,
      launchType: 'FARGATE',
      networkConfiguration: NETWORK,
      loadBalancers: [{ targetGroupArn: TARGET_GROUP, containerName: 'app', containerPort: 8080 }],
      ...more,
    }),
  )
  assert.ok(service)
  return service
}

async function describeService({ client }: Region, name: string): Promise<sdk.Service> {
  const { services } = await client.send(
    new sdk.DescribeServicesCommand({ cluster: 'main', services: [name] }),
  )
  assert.ok(services?.[0])
  return services[0]
}

async function tasksOf(
  { client }: Region,
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

async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined | false>,
  limitMs = 8000,
): Promise<T> {
  const deadline = Date.now() + limitMs
  for (;;) {
    const found = await look()
    if (found) return found
    if (Date.now() > deadline) throw new Error(`never: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const running = (region: Region, name: string, count: number) =>
  eventually(`${count} tasks of ${name} run`, async () => {
    const tasks = await tasksOf(region, name)
    return tasks.length === count && tasks.every(({ lastStatus }) => lastStatus === 'RUNNING') && tasks
  })

const addressOf = (task: sdk.Task | undefined): string =>
  task?.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address ?? ''

async function runToEnd(region: Region, taskDefinition: string): Promise<sdk.Task> {
  const { tasks } = await region.client.send(
    new sdk.RunTaskCommand({
      cluster: 'main',
      taskDefinition,
      launchType: 'FARGATE',
      networkConfiguration: NETWORK,
    }),
  )
  const arn = tasks?.[0]?.taskArn ?? ''
  return eventually('the task stops', async () => {
    const described = await region.client.send(
      new sdk.DescribeTasksCommand({ cluster: 'main', tasks: [arn] }),
    )
    return described.tasks?.[0]?.lastStatus === 'STOPPED' && described.tasks[0]
  })
}

describe('one-off tasks', () => {
  let here: Region
  before(async () => {
    here = await region()
  })
  after(() => here[Symbol.asyncDispose]())

  test('a task that ends reports its exit code and its lines', async () => {
    const task = await runToEnd(here, await register(here.client, 'job:ok'))
    assert.equal(task.containers?.[0]?.exitCode, 0)
    assert.equal(task.stopCode, 'EssentialContainerExited')
    assert.equal(task.stoppedReason, 'Essential container in task exited')
    assert.ok(here.logs.includes('app/app/<task> done'))
  })

  test('a task that fails reports its exit code', async () => {
    const task = await runToEnd(here, await register(here.client, 'job:bad'))
    assert.equal(task.containers?.[0]?.exitCode, 3)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
  test('an image that does not exist ends the task with CannotPullContainerError', async () => {
    const task = await runToEnd(here, await register(here.client, 'app:none'))
    assert.equal(task.stopCode, 'TaskFailedToStart')
    assert.match(task.stoppedReason ?? '', /^CannotPullContainerError: .*app:none: not found$/)
  })

  test('a secret that does not exist ends the task with ResourceInitializationError', async () => {
    const secrets = [
      { name: 'X', valueFrom: 'arn:aws:secretsmanager:ap-northeast-2:000000000000:secret:none-AbCdEf' },
    ]
    const task = await runToEnd(here, await register(here.client, 'job:ok', { secrets }))
    assert.match(task.stoppedReason ?? '', /^ResourceInitializationError: unable to pull secrets/)
  })

  test('a log group that does not exist ends the task with ResourceInitializationError', async () => {
    const logConfiguration = {
      logDriver: 'awslogs',
      options: { 'awslogs-group': '/none', 'awslogs-stream-prefix': 'a' },
    } as const
    const task = await runToEnd(here, await register(here.client, 'job:ok', { logConfiguration }))
    assert.match(task.stoppedReason ?? '', /The specified log group does not exist/)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html (stopTimeout)
  test('StopTask sends SIGTERM, and SIGKILL once stopTimeout is over in real time', async () => {
    const definition = await register(here.client, 'job:deaf', { stopTimeout: 2 })
    const { tasks } = await here.client.send(
      new sdk.RunTaskCommand({ cluster: 'main', taskDefinition: definition, networkConfiguration: NETWORK }),
    )
    const arn = tasks?.[0]?.taskArn ?? ''
    const look = async (status: string) => {
      const described = await here.client.send(
        new sdk.DescribeTasksCommand({ cluster: 'main', tasks: [arn] }),
      )
      return described.tasks?.[0]?.lastStatus === status && described.tasks[0]
    }
    await eventually('it runs', () => look('RUNNING'))
    await new Promise((resolve) => setTimeout(resolve, 150))
    const stopped = performance.now()
    await here.client.send(new sdk.StopTaskCommand({ cluster: 'main', task: arn, reason: 'by hand' }))
    const task = await eventually('it stops', () => look('STOPPED'))
    assert.ok(performance.now() - stopped >= 1950)
    assert.equal(task.containers?.[0]?.exitCode, 137)
    assert.equal(task.stoppedReason, 'by hand')
    assert.equal(task.stopCode, 'UserInitiated')
  })

  test('containers start when what they depend on is done', async () => {
    const definition = await register(
      here.client,
      'job:ok',
      {},
      {
        containerDefinitions: [
          { name: 'app', image: 'job:ok', dependsOn: [{ containerName: 'migrate', condition: 'SUCCESS' }] },
          { name: 'migrate', image: 'job:bad', essential: false },
        ],
      },
    )
    const task = await runToEnd(here, definition)
    assert.match(task.stoppedReason ?? '', /dependency container migrate exited with code 3/)
  })
})

describe('a service under the rolling controller', () => {
  let here: Region
  before(async () => {
    here = await region()
  })
  after(() => here[Symbol.asyncDispose]())

  test('starts its tasks, each on an address of its own, and registers them', async () => {
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
    const { version, env } = await eventually('it answers', async () =>
      fetch(`http://${target?.split(' ')[1]}/env`).then(
        (response) => response.json(),
        () => undefined,
      ),
    )
    assert.equal(version, '1')
    assert.equal(env.PASSWORD, 's3cret')
    assert.equal(env.KEY, 'from-ssm')
    assert.equal(env.AWS_REGION, 'ap-northeast-2')
    assert.equal(env.AWS_ENDPOINT_URL, 'http://127.0.0.1:4566')
    assert.equal(env.NODE_EXTRA_CA_CERTS, here.context.authority.certificateFile)
    const credentials = await fetch(env.AWS_CONTAINER_CREDENTIALS_FULL_URI, {
      headers: { authorization: env.AWS_CONTAINER_AUTHORIZATION_TOKEN },
    }).then((response) => response.json())
    assert.equal(credentials.RoleArn, 'arn:aws:iam::000000000000:role/task')
    const metadata = await fetch(`${env.ECS_CONTAINER_METADATA_URI_V4}/task`).then((response) =>
      response.json(),
    )
    assert.equal(metadata.Family, 'app')
  })

  test('reaches a steady state and says so in its events', async () => {
    const service = await eventually('steady', async () => {
      const described = await describeService(here, 'web')
      return described.deployments?.[0]?.rolloutState === 'COMPLETED' && described
    })
    assert.ok(service.events?.some(({ message }) => message === '(service web) has reached a steady state.'))
    assert.equal(service.runningCount, 2)
  })

  test('replaces a task that crashed', async () => {
    const [victim] = await tasksOf(here, 'web')
    const record = here.context.store
      .collection<{ pid: number }>('runtime.processes')
      .get(`${victim?.taskArn?.split('/')[2]}/app`)
    assert.ok(record)
    process.kill(record.pid, 'SIGKILL')
    await eventually('another one runs', async () => {
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

  test('replaces a task whose target is unhealthy', async () => {
    const [victim] = await running(here, 'web', 2)
    here.loadBalancing.setHealth({ id: addressOf(victim), port: 8080 }, 'unhealthy')
    const stopped = await eventually('it is stopped', async () =>
      (await tasksOf(here, 'web', 'STOPPED')).find(({ taskArn }) => taskArn === victim?.taskArn),
    )
    assert.equal(stopped.stoppedReason, `Task failed ELB health checks in (target-group ${TARGET_GROUP})`)
    await running(here, 'web', 2)
  })

  test('rolls to a new revision and never has fewer than its minimum', async () => {
    const second = await register(here.client, 'app:2')
    let least = 2
    await here.client.send(
      new sdk.UpdateServiceCommand({ cluster: 'main', service: 'web', taskDefinition: second }),
    )
    await eventually('only the new revision runs', async () => {
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
  test('deregisters a task and waits until it is unused before it sends SIGTERM', async () => {
    here.loadBalancing.drainMs = 300
    here.logs.length = 0
    here.loadBalancing.journal.length = 0
    await here.client.send(new sdk.UpdateServiceCommand({ cluster: 'main', service: 'web', desiredCount: 1 }))
    await eventually('it drains', async () =>
      here.loadBalancing.journal.some((line) => line.startsWith('deregister')),
    )
    await new Promise((resolve) => setTimeout(resolve, 150))
    assert.ok(!here.logs.includes('app/app/<task> terminating'))
    await eventually('it is told to end', async () => here.logs.includes('app/app/<task> terminating'))
    assert.ok(here.loadBalancing.journal.some((line) => line.startsWith('unused')))
    here.loadBalancing.drainMs = 20
  })

  test('cannot be deleted while it is scaled above 0, unless by force', async () => {
    const remove = (force: boolean) =>
      here.client.send(new sdk.DeleteServiceCommand({ cluster: 'main', service: 'web', force }))
    await assert.rejects(remove(false), { name: 'InvalidParameterException', message: /scaled above 0/ })
    await remove(true)
    await eventually('it is INACTIVE', async () => (await describeService(here, 'web')).status === 'INACTIVE')
    assert.deepEqual(here.context.store.collection('runtime.processes').values(), [])
  })

  test('backs off when its tasks never reach RUNNING', async () => {
    const definition = await register(here.client, 'app:none')
    await createService(here, 'broken', definition)
    const service = await eventually('three starts failed', async () => {
      const described = await describeService(here, 'broken')
      return (
        described.events?.some(({ message }) => message?.includes('unable to consistently start tasks')) &&
        described
      )
    })
    const starts =
      service.events
        ?.filter(({ message }) => message?.includes('has started'))
        .map(({ createdAt }) => createdAt?.getTime() ?? 0) ?? []
    assert.ok(starts.length <= 4, `${starts.length} starts`)
  })
})

describe('a service under CODE_DEPLOY', () => {
  let here: Region
  let first: string
  let second: string
  before(async () => {
    here = await region()
    first = await register(here.client, 'app:1')
    second = await register(here.client, 'app:2')
    await createService(here, 'api', first, {
      deploymentController: { type: 'CODE_DEPLOY' },
      desiredCount: 0,
    })
  })
  after(() => here[Symbol.asyncDispose]())

  test('has a PRIMARY task set from the beginning, with nothing running', async () => {
    const { taskSets = [], deployments } = await describeService(here, 'api')
    assert.deepEqual(
      taskSets.map(({ status, computedDesiredCount, taskDefinition }) => ({
        status,
        computedDesiredCount,
        taskDefinition,
      })),
      [{ status: 'PRIMARY', computedDesiredCount: 0, taskDefinition: first }],
    )
    assert.deepEqual(deployments, [])
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
  test('refuses a task definition and a forced deployment from UpdateService', async () => {
    const update = (input: Partial<sdk.UpdateServiceCommandInput>) =>
      here.client.send(new sdk.UpdateServiceCommand({ cluster: 'main', service: 'api', ...input }))
    await assert.rejects(update({ taskDefinition: second }), {
      name: 'InvalidParameterException',
      message: /Unable to update task definition on services with a CODE_DEPLOY deployment controller/,
    })
    await assert.rejects(update({ forceNewDeployment: true }), { name: 'InvalidParameterException' })
  })

  test('the first version comes by a deployment at zero tasks, then by the desired count', async () => {
    const original = here.ecs.describeService('main', 'api')?.taskSets[0]
    const taskSet = here.ecs.createTaskSet({
      cluster: 'main',
      service: 'api',
      taskDefinition: first,
      targetGroupArn: GREEN,
      containerName: 'app',
      containerPort: 8080,
      externalId: 'd-FIRST',
    })
    assert.match(taskSet.id, /^ecs-svc\/\d{19}$/)
    await here.ecs.taskSetSteady('main', 'api', taskSet.id, AbortSignal.timeout(2000))
    here.ecs.setPrimaryTaskSet('main', 'api', taskSet.id)
    await here.ecs.deleteTaskSet('main', 'api', original?.id ?? '')
    await here.client.send(new sdk.UpdateServiceCommand({ cluster: 'main', service: 'api', desiredCount: 2 }))
    await here.ecs.taskSetSteady('main', 'api', taskSet.id, AbortSignal.timeout(5000))
    const service = await describeService(here, 'api')
    assert.equal(service.runningCount, 2)
    assert.equal(service.loadBalancers?.[0]?.targetGroupArn, GREEN)
  })

  test('a replacement task set runs beside the primary one at the full desired count, and takes its place', async () => {
    const blue = here.ecs.describeService('main', 'api')?.taskSets[0]
    here.loadBalancing.initialHealth = 'initial'
    const green = here.ecs.createTaskSet({
      cluster: 'main',
      service: 'api',
      taskDefinition: second,
      targetGroupArn: TARGET_GROUP,
      containerName: 'app',
      containerPort: 8080,
      externalId: 'd-SECOND',
    })
    await running(here, 'api', 4)
    assert.equal(here.ecs.taskSet('main', 'api', green.id)?.stabilityStatus, 'STABILIZING')
    await assert.rejects(here.ecs.taskSetSteady('main', 'api', green.id, AbortSignal.timeout(100)), {
      name: 'TimeoutError',
    })
    const tasks = (await tasksOf(here, 'api')).filter(({ startedBy }) => startedBy === green.id)
    for (const task of tasks) here.loadBalancing.setHealth({ id: addressOf(task), port: 8080 }, 'healthy')
    await here.ecs.taskSetSteady('main', 'api', green.id, AbortSignal.timeout(5000))
    here.ecs.setPrimaryTaskSet('main', 'api', green.id)
    await here.ecs.deleteTaskSet('main', 'api', blue?.id ?? '')
    const service = await describeService(here, 'api')
    assert.equal(service.taskDefinition, second)
    assert.deepEqual(
      service.taskSets?.map(({ id, status, externalId }) => [id, status, externalId]),
      [[green.id, 'PRIMARY', 'd-SECOND']],
    )
    here.loadBalancing.initialHealth = 'healthy'
  })

  test('keeps DescribeTaskSets for everyone and changing them for CodeDeploy', async () => {
    const { taskSets } = await here.client.send(
      new sdk.DescribeTaskSetsCommand({ cluster: 'main', service: 'api' }),
    )
    assert.equal(taskSets?.[0]?.startedBy, 'CODE_DEPLOY')
    await assert.rejects(
      here.client.send(
        new sdk.CreateTaskSetCommand({ cluster: 'main', service: 'api', taskDefinition: second }),
      ),
      { name: 'InvalidParameterException' },
    )
  })
})

test('what it cannot find it says with the service’s own errors', async () => {
  await using here = await region()
  const { client } = here
  await assert.rejects(client.send(new sdk.DescribeServicesCommand({ cluster: 'none', services: ['x'] })), {
    name: 'ClusterNotFoundException',
  })
  await assert.rejects(client.send(new sdk.UpdateServiceCommand({ cluster: 'main', service: 'x' })), {
    name: 'ServiceNotFoundException',
  })
  await assert.rejects(client.send(new sdk.DescribeTaskDefinitionCommand({ taskDefinition: 'none:1' })), {
    name: 'ClientException',
    message: 'Unable to describe task definition.',
  })
  await assert.rejects(register(client, 'app:1', {}, { cpu: '256', memory: '4096' }), {
    message: /No Fargate configuration exists/,
  })
  const { failures } = await client.send(
    new sdk.DescribeServicesCommand({ cluster: 'main', services: ['x'] }),
  )
  assert.deepEqual(failures, [
    { arn: 'arn:aws:ecs:ap-northeast-2:000000000000:service/main/x', reason: 'MISSING' },
  ])
})

test('services come back after the region was stopped, without a process in between', async () => {
  const stateDir = await mkdtemp(join(tmpdir(), 'baton-ecs-test-'))
  let pids: number[]
  {
    await using here = await region(join(stateDir))
    await createService(here, 'web', await register(here.client, 'app:1'))
    await running(here, 'web', 1)
    pids = here.context.store
      .collection<{ pid: number }>('runtime.processes')
      .values()
      .map(({ pid }) => pid)
    await here.ecs.stop?.()
    for (const pid of pids) assert.throws(() => process.kill(pid, 0))
    await here.ecs.start?.()
    const [task] = await running(here, 'web', 1)
    assert.ok(task)
    assert.equal((await tasksOf(here, 'web', 'STOPPED'))[0]?.stopCode, 'TerminationNotice')
  }
  await rm(stateDir, { recursive: true, force: true })
})
