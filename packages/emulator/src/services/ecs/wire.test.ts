/** The API of ECS for its callers: what it implements and refuses, its errors, failures and pages. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import { serveForTest } from '../../protocol/test-kit/protocol.test-kit.ts'
import { assertDecided, assertRefuses, refusal } from '../../protocol/test-kit/refused.test-kit.ts'
import { NETWORK, register, type TestEmulator, testEmulator } from './test-kit/service.test-kit.ts'

let emulator: TestEmulator
let client: sdk.ECSClient
let definition: string

before(async () => {
  emulator = await testEmulator()
  client = emulator.client
  definition = await register(client, 'app:1')
  await register(client, 'app:2')
  await client.send(
    new sdk.CreateServiceCommand({
      cluster: 'main',
      serviceName: 'web',
      taskDefinition: definition,
      desiredCount: 0,
      networkConfiguration: NETWORK,
    }),
  )
  await client.send(
    new sdk.CreateServiceCommand({
      cluster: 'main',
      serviceName: 'blue-green',
      taskDefinition: definition,
      desiredCount: 0,
      networkConfiguration: NETWORK,
      deploymentController: { type: 'CODE_DEPLOY' },
    }),
  )
})
after(() => emulator[Symbol.asyncDispose]())

test('serves or refuses with a reason every operation of AWS', async () => {
  const { api } = emulator.ecs
  assert.ok(api)
  assertDecided(api)
  await using wire = await serveForTest([api])
  await assertRefuses(wire, api)
})

type Case = readonly [what: string, command: object, code: string, message: string | RegExp]

const cluster = 'main'
const noTask = '0123456789abcdef0123456789abcdef'
const many = (count: number) => Array.from({ length: count }, (_, index) => `name-${index}`)

describe('refuses', () => {
  const cases: Case[] = [
    [
      'an update of a service that does not exist',
      new sdk.UpdateServiceCommand({ cluster, service: 'none' }),
      'ServiceNotFoundException',
      'Service not found.',
    ],
    [
      'tasks of a service that does not exist',
      new sdk.ListTasksCommand({ cluster, serviceName: 'none' }),
      'ServiceNotFoundException',
      'Service not found.',
    ],
    [
      'to stop a task that does not exist',
      new sdk.StopTaskCommand({ cluster, task: noTask }),
      'InvalidParameterException',
      'The referenced task was not found.',
    ],
    [
      'to describe a task by something that is not an id',
      new sdk.DescribeTasksCommand({ cluster, tasks: ['none'] }),
      'InvalidParameterException',
      'taskId length should be one of [32,36]',
    ],
    [
      'to describe no tasks',
      new sdk.DescribeTasksCommand({ cluster, tasks: [] }),
      'InvalidParameterException',
      'Tasks cannot be empty.',
    ],
    [
      'to describe no services',
      new sdk.DescribeServicesCommand({ cluster, services: undefined }),
      'InvalidParameterException',
      'Services cannot be empty.',
    ],
    [
      'to describe eleven services at once',
      new sdk.DescribeServicesCommand({ cluster, services: many(11) }),
      'InvalidParameterException',
      'service names can have at most 10 items.',
    ],
    [
      'no task definition',
      new sdk.DescribeTaskDefinitionCommand({ taskDefinition: '' }),
      'InvalidParameterException',
      'Task Definition can not be blank.',
    ],
    [
      'to describe an unknown revision',
      new sdk.DescribeTaskDefinitionCommand({ taskDefinition: 'app:99' }),
      'ClientException',
      'Unable to describe task definition.',
    ],
    [
      'to run an unknown revision',
      new sdk.RunTaskCommand({ cluster, taskDefinition: 'app:99' }),
      'ClientException',
      'TaskDefinition not found.',
    ],
    [
      'to run eleven tasks at once',
      new sdk.RunTaskCommand({ cluster, taskDefinition: 'app', count: 11, networkConfiguration: NETWORK }),
      'InvalidParameterException',
      /between 1 and 10/,
    ],
    [
      'a task without a network',
      new sdk.RunTaskCommand({ cluster, taskDefinition: 'app' }),
      'InvalidParameterException',
      "Network Configuration must be provided when networkMode 'awsvpc' is specified.",
    ],
    [
      'an override for a container that does not exist',
      new sdk.RunTaskCommand({
        cluster,
        taskDefinition: 'app',
        networkConfiguration: NETWORK,
        overrides: { containerOverrides: [{ name: 'none' }] },
      }),
      'InvalidParameterException',
      'Override for container named none is not a container in the TaskDefinition.',
    ],
    [
      'to create a service twice',
      new sdk.CreateServiceCommand({
        cluster,
        serviceName: 'web',
        taskDefinition: 'app',
        networkConfiguration: NETWORK,
        desiredCount: 3,
      }),
      'InvalidParameterException',
      'Creation of service was not idempotent.',
    ],
    [
      'a container that is not in the task definition',
      serviceWith([{ targetGroupArn: 'arn:tg', containerName: 'none', containerPort: 8080 }]),
      'InvalidParameterException',
      'The container none does not exist in the task definition.',
    ],
    [
      'a port that the container does not have',
      serviceWith([{ targetGroupArn: 'arn:tg', containerName: 'app', containerPort: 99 }]),
      'InvalidParameterException',
      'The container app did not have a container port 99 defined.',
    ],
    [
      'a new task definition under CODE_DEPLOY',
      new sdk.UpdateServiceCommand({ cluster, service: 'blue-green', taskDefinition: 'app:2' }),
      'InvalidParameterException',
      'Unable to update task definition on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment.',
    ],
    [
      'a forced deployment under CODE_DEPLOY',
      new sdk.UpdateServiceCommand({ cluster, service: 'blue-green', forceNewDeployment: true }),
      'InvalidParameterException',
      /CODE_DEPLOY deployment controller\. Use AWS CodeDeploy to trigger a new deployment\.$/,
    ],
    [
      'task sets of callers',
      new sdk.DeleteTaskSetCommand({ cluster, service: 'web', taskSet: 'x' }),
      'InvalidParameterException',
      /EXTERNAL/,
    ],
    [
      'a task definition without containers',
      new sdk.RegisterTaskDefinitionCommand({ family: 'x', containerDefinitions: [] }),
      'ClientException',
      'Container list cannot be empty.',
    ],
    [
      'a family of blanks',
      new sdk.RegisterTaskDefinitionCommand({
        family: ' ',
        containerDefinitions: [{ name: 'a', image: 'b' }],
      }),
      'ClientException',
      'Family should not be null or blank.',
    ],
    [
      'a container without an image',
      new sdk.RegisterTaskDefinitionCommand({ family: 'x', containerDefinitions: [{ name: 'a' }] }),
      'ClientException',
      'Container.image should not be null or blank.',
    ],
    [
      'tags of something that is not a resource',
      new sdk.ListTagsForResourceCommand({ resourceArn: 'arn:aws:ecs:ap-northeast-2:000000000000:x/y' }),
      'InvalidParameterException',
      /Invalid identifier/,
    ],
    [
      'to delete a service that is scaled above 0',
      new sdk.DeleteServiceCommand({ cluster, service: 'scaled' }),
      'InvalidParameterException',
      'The service cannot be stopped while it is scaled above 0.',
    ],
    [
      'to delete a cluster with services',
      new sdk.DeleteClusterCommand({ cluster }),
      'ClusterContainsServicesException',
      'The Cluster cannot be deleted while Services are active.',
    ],
    [
      'a page of 101',
      new sdk.ListTasksCommand({ cluster, maxResults: 101 }),
      'InvalidParameterException',
      /between 1 and 100/,
    ],
    [
      'a token of no page',
      new sdk.ListServicesCommand({ cluster, nextToken: 'nonsense' }),
      'InvalidParameterException',
      'Invalid token.',
    ],
    [
      'a setting that does not exist',
      new sdk.PutAccountSettingCommand({ name: 'none' as 'awsvpcTrunking', value: 'enabled' }),
      'InvalidParameterException',
      /not valid/,
    ],
    [
      'service discovery',
      new sdk.CreateServiceCommand({
        cluster,
        serviceName: 'x',
        taskDefinition: 'app',
        serviceRegistries: [{ registryArn: 'arn:x' }],
      }),
      'NotImplemented',
      "The emulator's ECS does not have service discovery.",
    ],
  ]
  before(async () => {
    await client.send(
      new sdk.CreateServiceCommand({
        cluster,
        serviceName: 'scaled',
        taskDefinition: definition,
        desiredCount: 1,
        networkConfiguration: NETWORK,
      }),
    )
  })
  for (const [what, command, code, message] of cases) {
    test(what, () =>
      assert.rejects(
        client.send(command as sdk.ListTasksCommand),
        refusal(code, message, code === 'NotImplemented' ? 501 : 400),
      ),
    )
  }
})

function serviceWith(loadBalancers: sdk.LoadBalancer[]) {
  return new sdk.CreateServiceCommand({
    cluster,
    serviceName: 'x',
    taskDefinition: 'app',
    networkConfiguration: NETWORK,
    loadBalancers,
  })
}
