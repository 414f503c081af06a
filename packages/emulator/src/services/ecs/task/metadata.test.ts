import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import { until } from '../../../test-kit/until.test-kit.ts'
import { script } from '../test-kit/images.test-kit.ts'
import {
  LOGS,
  NETWORK,
  registerContainers,
  type TestEmulator,
  testEmulator,
} from '../test-kit/service.test-kit.ts'
import { run, taskThat } from '../test-kit/tasks.test-kit.ts'

/** Requests every path of the metadata endpoint and logs the answers. */
const ASKS = `
  const base = process.env.ECS_CONTAINER_METADATA_URI_V4
  const ask = async (path) => (await fetch(base + path)).json()
  const answers = {
    container: await ask(''), task: await ask('/task'), tagged: await ask('/taskWithTags'),
    stats: await ask('/stats'), all: await ask('/task/stats'), unknown: (await fetch(base + '/else')).status,
  }
  const full = process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI
  const authorization = process.env.AWS_CONTAINER_AUTHORIZATION_TOKEN
  answers.credentials = await (await fetch(full, { headers: { authorization } })).json()
  answers.refused = (await fetch(full)).status
  answers.relative = process.env.AWS_CONTAINER_CREDENTIALS_RELATIVE_URI
  console.log(JSON.stringify(answers))
  setInterval(() => {}, 1000)`

interface Answers {
  container: Record<string, unknown> & {
    Labels: Record<string, string>
    Networks: { IPv4Addresses: string[] }[]
  }
  task: Record<string, unknown> & { Containers: { Name: string }[] }
  tagged: { TaskTags: Record<string, string> }
  stats: { cpu_stats: { online_cpus: number }; memory_stats: { usage: number; limit: number } }
  all: Record<string, unknown>
  unknown: number
  credentials: Record<string, string>
  refused: number
  relative?: string
}

describe('the metadata endpoint of a task', () => {
  let here: TestEmulator
  let task: sdk.Task
  let answers: Answers
  before(async () => {
    here = await testEmulator()
    const image = await script(here, 'asks', ASKS)
    const arn = await run(
      here,
      await registerContainers(
        here,
        [
          {
            name: 'app',
            image,
            cpu: 128,
            memory: 256,
            logConfiguration: LOGS,
            dockerLabels: { team: 'core' },
          },
          { name: 'beside', image: 'job:deaf', stopTimeout: 2, essential: false },
        ],
        { taskRoleArn: 'arn:aws:iam::000000000000:role/task' },
      ),
      { tags: [{ key: 'stage', value: 'test' }] },
    )
    const line = await until('it has logged the answers', async () =>
      here.logs.find((logged) => logged.startsWith('app/app/<task> {')),
    )
    answers = JSON.parse(line.slice('app/app/<task> '.length)) as Answers
    task = await taskThat(here, arn, 'it runs', ({ lastStatus }) => lastStatus === 'RUNNING')
  })
  after(() => here[Symbol.asyncDispose]())

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html
  test('the metadata endpoint describes the container that asks', () => {
    const { container } = answers
    const [described] = task.containers ?? []
    assert.equal(container.Name, 'app')
    assert.equal(container.ContainerARN, described?.containerArn)
    assert.equal(container.ImageID, described?.imageDigest)
    assert.equal(container.DockerId, described?.runtimeId)
    assert.deepEqual(container.Limits, { CPU: 128, Memory: 256 })
    assert.deepEqual([container.KnownStatus, container.DesiredStatus], ['RUNNING', 'RUNNING'])
    assert.equal(container.LogDriver, 'awslogs')
    assert.deepEqual(container.LogOptions, LOGS.options)
    assert.equal(container.Labels['com.amazonaws.ecs.task-arn'], task.taskArn)
    assert.equal(container.Labels['com.amazonaws.ecs.task-definition-family'], 'several')
    assert.equal(container.Labels.team, 'core')
    assert.deepEqual(container.Networks[0]?.IPv4Addresses, [
      described?.networkInterfaces?.[0]?.privateIpv4Address,
    ])
    assert.match(String(container.StartedAt), /^\d{4}-.*Z$/)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate-response.html
  test('the metadata endpoint describes the task with all of its containers', () => {
    const { Containers, ...metadata } = answers.task
    assert.deepEqual(
      Containers.map(({ Name }) => Name),
      ['app', 'beside'],
    )
    assert.equal(metadata.Cluster, task.clusterArn)
    assert.equal(metadata.TaskARN, task.taskArn)
    assert.deepEqual(
      [metadata.Family, metadata.Revision],
      ['several', task.taskDefinitionArn?.split(':').at(-1)],
    )
    assert.deepEqual(metadata.Limits, { CPU: 0.25, Memory: 512 })
    assert.equal(metadata.LaunchType, 'FARGATE')
    assert.equal(metadata.AvailabilityZone, task.availabilityZone)
    assert.equal(metadata.PullStoppedAt, task.pullStoppedAt?.toISOString())
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
  test('the metadata endpoint returns the tags of the task on request', () => {
    assert.deepEqual(answers.tagged.TaskTags, { stage: 'test' })
    assert.equal('TaskTags' in answers.task, false)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
  test('the metadata endpoint returns the statistics of a container and of all containers of a task', {
    skip: process.platform !== 'linux' && 'there is no /proc',
  }, () => {
    assert.ok(answers.stats.memory_stats.usage > 0)
    assert.equal(answers.stats.memory_stats.limit, 512 * 1024 * 1024)
    assert.ok(answers.stats.cpu_stats.online_cpus > 0)
    assert.ok(String(answers.container.DockerId) in answers.all)
  })

  test('an unknown metadata path is refused with its name', () => {
    assert.equal(answers.unknown, 501)
  })

  // https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
  test('the credentials of the task’s role require a token', () => {
    assert.equal(answers.credentials.RoleArn, 'arn:aws:iam::000000000000:role/task')
    assert.ok(Date.parse(answers.credentials.Expiration ?? '') > Date.now())
    assert.equal(answers.refused, 403)
    assert.equal(answers.relative, undefined)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html
  test('overrides change role, size, command and environment of a run', async () => {
    const image = await script(
      here,
      'prints',
      'console.log([process.argv[2], process.env.EXTRA, process.env.AWS_CONTAINER_CREDENTIALS_FULL_URI !== undefined].join())',
    )
    const definition = await registerContainers(here, [
      { name: 'job', image, logConfiguration: LOGS, environment: [{ name: 'EXTRA', value: 'no' }] },
    ])
    const { tasks } = await here.client.send(
      new sdk.RunTaskCommand({
        cluster: 'main',
        taskDefinition: definition,
        networkConfiguration: NETWORK,
        overrides: {
          cpu: '512',
          memory: '1024',
          taskRoleArn: 'arn:aws:iam::000000000000:role/other',
          containerOverrides: [
            { name: 'job', command: ['server.mjs', 'extra'], environment: [{ name: 'EXTRA', value: 'yes' }] },
          ],
        },
      }),
    )
    assert.deepEqual([tasks?.[0]?.cpu, tasks?.[0]?.memory], ['512', '1024'])
    assert.deepEqual(tasks?.[0]?.overrides?.containerOverrides?.[0]?.command, ['server.mjs', 'extra'])
    await until('it prints', async () => here.logs.includes('app/job/<task> extra,yes,true'))
  })
})
