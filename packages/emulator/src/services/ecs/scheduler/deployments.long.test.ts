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
import { running, tasksOf } from '../test-kit/tasks.test-kit.ts'

describe('deployments of the rolling controller', { concurrency: true }, () => {
  let here: TestEmulator
  let first: string
  let second: string
  let broken: string
  before(async () => {
    here = await testEmulator()
    first = await register(here.client, 'app:1')
    second = await register(here.client, 'app:2')
    broken = await register(here.client, 'app:none')
  })
  after(() => here[Symbol.asyncDispose]())

  const update = (service: string, change: Partial<sdk.UpdateServiceCommandInput>) =>
    here.client.send(new sdk.UpdateServiceCommand({ cluster: 'main', service, ...change }))
  /** Waits until the only deployment of the service is complete. */
  const completed = (name: string, taskDefinition: string) =>
    until(`${name} is deployed`, async () => {
      const service = await describeService(here, name)
      const [deployment, ...others] = service.deployments ?? []
      const done = deployment?.rolloutState === 'COMPLETED' && others.length === 0
      return done && deployment.taskDefinition === taskDefinition && service
    })
  const created = async (name: string, more: Partial<sdk.CreateServiceCommandInput> = {}) => {
    await createService(here, name, first, more)
    await completed(name, first)
    return running(here, name, more.desiredCount ?? 1)
  }
  const percentages = (minimumHealthyPercent: number, maximumPercent: number) => ({
    deploymentConfiguration: { minimumHealthyPercent, maximumPercent },
  })
  /** The number of tasks with desired status RUNNING at each change, by their revision. */
  function watch(name: string) {
    const counts: { live: number; running: number }[] = []
    const live = new Map<string, string>()
    here.context.events.subscribe(({ detailType, detail }) => {
      if (detailType !== 'ECS Task State Change' || detail.group !== `service:${name}`) return
      if (detail.desiredStatus === 'RUNNING') live.set(String(detail.taskArn), String(detail.lastStatus))
      else live.delete(String(detail.taskArn))
      counts.push({ live: live.size, running: [...live.values()].filter((s) => s === 'RUNNING').length })
    })
    return counts
  }

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
  test('a rolling deployment with 100 and 200 percent: all new tasks run before an old one stops', async () => {
    const counts = watch('wide')
    await created('wide', { desiredCount: 2, ...percentages(100, 200) })
    counts.length = 0
    await update('wide', { taskDefinition: second })
    await completed('wide', second)
    assert.equal(Math.max(...counts.map(({ live }) => live)), 4)
    assert.equal(Math.min(...counts.map(({ running }) => running)), 2)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
  test('a rolling deployment with 50 and 100 percent: half of the old tasks make room first', async () => {
    const counts = watch('narrow')
    await created('narrow', { desiredCount: 2, ...percentages(50, 100) })
    counts.length = 0
    await update('narrow', { taskDefinition: second })
    await completed('narrow', second)
    assert.equal(Math.max(...counts.map(({ live }) => live)), 2)
    assert.equal(Math.min(...counts.map(({ running }) => running)), 1)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
  test('a rolling deployment with 0 and 100 percent: the old task stops before the new one starts', async () => {
    const [old] = await created('single', percentages(0, 100))
    await update('single', { taskDefinition: second })
    await completed('single', second)
    const [now] = await tasksOf(here, 'single')
    const ended = (await tasksOf(here, 'single', 'STOPPED')).find(({ taskArn }) => taskArn === old?.taskArn)
    assert.ok((now?.createdAt?.getTime() ?? 0) >= (ended?.stoppingAt?.getTime() ?? Number.POSITIVE_INFINITY))
    const by = ended?.startedBy
    assert.equal(ended?.stoppedReason, `Scaling activity initiated by (deployment ${by})`)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
  test('a deployment whose percentages allow no step reports it', async () => {
    await created('stuck', { desiredCount: 2, ...percentages(100, 100) })
    await update('stuck', { taskDefinition: second })
    await until('it reports it', async () =>
      (await describeService(here, 'stuck')).events?.some(
        ({ message }) =>
          message ===
          '(service stuck) was unable to stop or start tasks during a deployment because of the service deployment ' +
            'configuration. Update the minimumHealthyPercent or maximumPercent value and try again.',
      ),
    )
    assert.equal((await describeService(here, 'stuck')).deployments?.[0]?.rolloutState, 'IN_PROGRESS')
    await update('stuck', percentages(50, 100))
    await completed('stuck', second)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
  test('the circuit breaker fails a deployment after three failed tasks and rolls back', async () => {
    await created('breaks', {
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
    })
    // To the last one that completed, not to the first.
    await update('breaks', { taskDefinition: second })
    await completed('breaks', second)
    const before = (await describeService(here, 'breaks')).deployments?.[0]?.id
    await update('breaks', { taskDefinition: broken })
    const service = await until('it is rolled back', async () => {
      const now = await describeService(here, 'breaks')
      return now.deployments?.[0]?.rolloutState === 'COMPLETED' && now.taskDefinition === second && now
    })
    const messages = service.events?.map(({ message = '' }) => message) ?? []
    const failed = messages.find((message) => message.includes('deployment failed'))
    assert.match(
      failed ?? '',
      /^\(service breaks\) \(deployment ecs-svc\/\d+\) deployment failed: tasks failed to start\.$/,
    )
    assert.ok(messages.includes(`(service breaks) rolling back to deployment ${before}.`))
    const [back] = service.deployments ?? []
    assert.equal(back?.rolloutStateReason, `ECS deployment ${back?.id} completed.`)
    const events = here.context.events
      .since(0)
      .filter(
        ({ detailType, detail }) =>
          detailType === 'ECS Deployment State Change' && detail.serviceArn === service.serviceArn,
      )
      .map(({ detail }) => [detail.eventType, detail.eventName, detail.reason])
    assert.deepEqual(events.slice(-3), [
      ['ERROR', 'SERVICE_DEPLOYMENT_FAILED', 'ECS deployment circuit breaker: tasks failed to start.'],
      [
        'INFO',
        'SERVICE_DEPLOYMENT_IN_PROGRESS',
        `ECS deployment circuit breaker: rolling back to deploymentId ${before}.`,
      ],
      ['INFO', 'SERVICE_DEPLOYMENT_COMPLETED', `ECS deployment ${back?.id} completed.`],
    ])
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-circuit-breaker.html
  test('a deployment that failed without rollback starts no more tasks', async () => {
    await created('fails', {
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: false } },
    })
    await update('fails', { taskDefinition: broken })
    const failed = await until('it has failed', async () => {
      const [deployment] = (await describeService(here, 'fails')).deployments ?? []
      return deployment?.rolloutState === 'FAILED' && deployment
    })
    assert.equal(failed.rolloutStateReason, 'ECS deployment circuit breaker: tasks failed to start.')
    assert.equal(failed.failedTasks, 3)
    const live = await tasksOf(here, 'fails')
    assert.deepEqual(
      live.map(({ taskDefinitionArn, lastStatus }) => [taskDefinitionArn, lastStatus]),
      [[first, 'RUNNING']],
    )
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ThresholdConfiguration.html
  test('the circuit breaker opens at its configured threshold', async () => {
    await created('threshold', {
      deploymentConfiguration: {
        deploymentCircuitBreaker: {
          enable: true,
          rollback: false,
          resetOnHealthyTask: false,
          thresholdConfiguration: { type: 'COUNT', value: 1 },
        },
      },
    })
    await update('threshold', { taskDefinition: broken })
    const failed = await until('it has failed', async () => {
      const { deployments, deploymentConfiguration } = await describeService(here, 'threshold')
      const [deployment] = deployments ?? []
      return deployment?.rolloutState === 'FAILED' && { ...deployment, deploymentConfiguration }
    })
    assert.equal(failed.failedTasks, 1)
    assert.deepEqual(failed.deploymentConfiguration?.deploymentCircuitBreaker?.thresholdConfiguration, {
      type: 'COUNT',
      value: 1,
    })
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
  test('forceNewDeployment replaces all tasks with others of the same revision', async () => {
    const before = await created('forced', { desiredCount: 2 })
    await update('forced', { forceNewDeployment: true })
    const next = await until('others run', async () => {
      const tasks = await tasksOf(here, 'forced')
      const arns = before.map(({ taskArn }) => taskArn)
      return tasks.length === 2 && tasks.every((task) => !arns.includes(task.taskArn)) && tasks
    })
    assert.ok(next.every(({ taskDefinitionArn }) => taskDefinitionArn === first))
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
  test('later tasks of a deployment run the image that its first one resolved the tag to', async () => {
    const one = here.images.get('app:1')
    const two = here.images.get('app:2')
    if (one) here.images.set('app:latest', one)
    const definition = await register(here.client, 'app:latest')
    await createService(here, 'tagged', definition)
    await running(here, 'tagged', 1)
    if (two) here.images.set('app:latest', two)
    await update('tagged', { desiredCount: 2 })
    const tasks = await running(here, 'tagged', 2)
    assert.deepEqual(
      new Set(tasks.map(({ containers }) => containers?.[0]?.imageDigest)),
      new Set([one?.digest]),
    )
    await update('tagged', { forceNewDeployment: true })
    await until('the next deployment runs the new image', async () => {
      const now = await tasksOf(here, 'tagged')
      return now.length === 2 && now.every(({ containers }) => containers?.[0]?.imageDigest === two?.digest)
    })
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
  test('tasks are spread over the zones, and the newest of the fuller zone stops when the service scales in', async () => {
    const subnets = ['subnet-a', 'subnet-c']
    await created('spread', { desiredCount: 3, networkConfiguration: { awsvpcConfiguration: { subnets } } })
    const zones = Map.groupBy(await running(here, 'spread', 3), (task) => task.availabilityZone ?? '')
    const [full = [], other = []] = [...zones.values()].sort((a, b) => b.length - a.length)
    assert.deepEqual([full.length, other.length], [2, 1])
    // The newest task is then in the zone that has one.
    await here.client.send(new sdk.StopTaskCommand({ cluster: 'main', task: other[0]?.taskArn }))
    const newest = await until('it is replaced in its zone', async () =>
      (await running(here, 'spread', 3)).find(
        ({ taskArn, availabilityZone }) =>
          availabilityZone === other[0]?.availabilityZone && taskArn !== other[0]?.taskArn,
      ),
    )
    await update('spread', { desiredCount: 2 })
    const left = await until('two are left', async () => {
      const tasks = await tasksOf(here, 'spread')
      return tasks.length === 2 && tasks.map(({ taskArn }) => taskArn)
    })
    assert.ok(left.includes(newest.taskArn))
    assert.ok(left.some((arn) => full.some(({ taskArn }) => taskArn === arn)))
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service_deployment_events.html
  test('the start and the completion of a deployment are published to EventBridge with its service as the resource', async () => {
    await created('published')
    const service = await describeService(here, 'published')
    const [deployment] = service.deployments ?? []
    const events = here.context.events
      .since(0)
      .filter(({ detail }) => detail.serviceArn === service.serviceArn)
    const changes = events
      .filter(({ detailType }) => detailType === 'ECS Deployment State Change')
      .map(({ detail }) => [detail.eventName, detail.deploymentId, detail.reason])
    assert.deepEqual(changes, [
      ['SERVICE_DEPLOYMENT_IN_PROGRESS', deployment?.id, `ECS deployment ${deployment?.id} in progress.`],
      ['SERVICE_DEPLOYMENT_COMPLETED', deployment?.id, `ECS deployment ${deployment?.id} completed.`],
    ])
    const action = events.find(({ detailType }) => detailType === 'ECS Service Action')
    assert.equal(action?.detail.eventName, 'SERVICE_STEADY_STATE')
    assert.equal(action.detail.clusterArn, service.clusterArn)
    for (const { resources, source } of events)
      if (source === 'aws.ecs') assert.deepEqual(resources, [service.serviceArn])
  })
})
