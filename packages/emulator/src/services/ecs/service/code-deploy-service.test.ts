import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import {
  createService,
  describeService,
  GREEN,
  register,
  TARGET_GROUP,
  type TestEmulator,
  testEmulator,
} from '../test-kit/service.test-kit.ts'
import { addressOf, running, tasksOf } from '../test-kit/tasks.test-kit.ts'

/** Longer than any machine needs: it only fails a test that would not end. */
const timeout = () => AbortSignal.timeout(30_000)

describe('a service under CODE_DEPLOY', () => {
  let here: TestEmulator
  let first: string
  let second: string
  before(async () => {
    here = await testEmulator()
    first = await register(here.client, 'app:1')
    second = await register(here.client, 'app:2')
    await createService(here, 'api', first, {
      deploymentController: { type: 'CODE_DEPLOY' },
      desiredCount: 0,
    })
  })
  after(() => here[Symbol.asyncDispose]())

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-bluegreen.html
  test('a service under CODE_DEPLOY has a PRIMARY task set from the start', async () => {
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
  test('a service under CODE_DEPLOY refuses a task definition and a forced deployment from UpdateService', async () => {
    const update = (input: Partial<sdk.UpdateServiceCommandInput>) =>
      here.client.send(new sdk.UpdateServiceCommand({ cluster: 'main', service: 'api', ...input }))
    await assert.rejects(update({ taskDefinition: second }), {
      name: 'InvalidParameterException',
      message: /Unable to update task definition on services with a CODE_DEPLOY deployment controller/,
    })
    await assert.rejects(update({ forceNewDeployment: true }), { name: 'InvalidParameterException' })
  })

  test('the first version is deployed with zero tasks, then scaled to the desired count', async () => {
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
    await here.ecs.taskSetSteady('main', 'api', taskSet.id, timeout())
    here.ecs.setPrimaryTaskSet('main', 'api', taskSet.id)
    await here.ecs.deleteTaskSet('main', 'api', original?.id ?? '')
    await here.client.send(new sdk.UpdateServiceCommand({ cluster: 'main', service: 'api', desiredCount: 2 }))
    await here.ecs.taskSetSteady('main', 'api', taskSet.id, timeout())
    const service = await describeService(here, 'api')
    assert.equal(service.runningCount, 2)
    assert.equal(service.loadBalancers?.[0]?.targetGroupArn, GREEN)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskSet.html
  test('a replacement task set runs beside the primary one at the full desired count, and replaces it', async () => {
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
    // A change of the desired count applies to both task sets.
    const scale = (desiredCount: number) =>
      here.client.send(new sdk.UpdateServiceCommand({ cluster: 'main', service: 'api', desiredCount }))
    await scale(3)
    await running(here, 'api', 6)
    assert.equal(here.ecs.taskSet('main', 'api', green.id)?.desiredCount, 3)
    await scale(2)
    await running(here, 'api', 4)
    const tasks = (await tasksOf(here, 'api')).filter(({ startedBy }) => startedBy === green.id)
    for (const task of tasks) here.loadBalancing.setHealth({ id: addressOf(task), port: 8080 }, 'healthy')
    await here.ecs.taskSetSteady('main', 'api', green.id, timeout())
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

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateTaskSet.html
  test('every caller can describe task sets under CODE_DEPLOY, and only CodeDeploy changes them', async () => {
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

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateServicePrimaryTaskSet.html
  test('the settings of a task set become the service’s when it becomes primary', async () => {
    const before = here.ecs.describeService('main', 'api')?.taskSets[0]
    const own = here.ecs.createTaskSet({
      cluster: 'main',
      service: 'api',
      taskDefinition: first,
      targetGroupArn: GREEN,
      containerName: 'app',
      containerPort: 8080,
      externalId: 'd-THIRD',
      platformVersion: '1.4.0',
      network: { subnets: ['subnet-9'], securityGroups: ['sg-9'], assignPublicIp: 'ENABLED' },
      capacityProviderStrategy: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }],
    })
    await here.ecs.taskSetSteady('main', 'api', own.id, timeout())
    const shown = async () => {
      const service = await describeService(here, 'api')
      const set = service.taskSets?.find(({ id }) => id === own.id)
      return [service, set].map((one) => [
        one?.platformVersion,
        one?.networkConfiguration?.awsvpcConfiguration?.subnets?.[0],
        one?.capacityProviderStrategy?.[0]?.capacityProvider,
        one?.launchType,
      ])
    }
    const expected = ['1.4.0', 'subnet-9', 'FARGATE_SPOT', undefined]
    assert.deepEqual(await shown(), [['LATEST', 'subnet-1', undefined, 'FARGATE'], expected])
    here.ecs.setPrimaryTaskSet('main', 'api', own.id)
    assert.deepEqual(await shown(), [expected, expected])
    await here.ecs.deleteTaskSet('main', 'api', before?.id ?? '')
  })

  test('a wait for a task set ends when its service is deleted', async () => {
    here.loadBalancing.initialHealth = 'initial'
    const never = here.ecs.createTaskSet({
      cluster: 'main',
      service: 'api',
      taskDefinition: first,
      targetGroupArn: TARGET_GROUP,
      containerName: 'app',
      containerPort: 8080,
      externalId: 'd-FOURTH',
    })
    const waiting = here.ecs.taskSetSteady('main', 'api', never.id, timeout())
    await Promise.all([
      assert.rejects(waiting, { code: 'ServiceNotActiveException' }),
      here.client.send(new sdk.DeleteServiceCommand({ cluster: 'main', service: 'api', force: true })),
    ])
  })
})
