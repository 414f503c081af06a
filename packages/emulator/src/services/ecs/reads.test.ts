/** The reads of ECS: pages, failures, optional fields, and what an account on Fargate does not have. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as sdk from '@aws-sdk/client-ecs'
import { refusal } from '../../protocol/test-kit/refused.test-kit.ts'
import { NETWORK, register, type TestEmulator, testEmulator } from './test-kit/service.test-kit.ts'
import { runToEnd } from './test-kit/tasks.test-kit.ts'

let emulator: TestEmulator
let client: sdk.ECSClient

before(async () => {
  emulator = await testEmulator()
  client = emulator.client
})
after(() => emulator[Symbol.asyncDispose]())

const arn = (resource: string) => `arn:aws:ecs:ap-northeast-2:000000000000:${resource}`

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTaskDefinitions.html
test('lists task definitions by family and revision, in pages, in both orders', async () => {
  const family = 'paged'
  for (let index = 0; index < 5; index++) await register(client, 'app:1', {}, { family })
  await client.send(new sdk.DeregisterTaskDefinitionCommand({ taskDefinition: 'paged:2' }))
  const list = async (input: Partial<sdk.ListTaskDefinitionsCommandInput>) => {
    const revisions: string[] = []
    const query = { familyPrefix: family, ...input }
    for await (const page of sdk.paginateListTaskDefinitions({ client, pageSize: 2 }, query))
      revisions.push(...(page.taskDefinitionArns ?? []).map((each) => each.split(':').at(-1) ?? ''))
    return revisions
  }
  assert.deepEqual(await list({}), ['1', '3', '4', '5'])
  assert.deepEqual(await list({ sort: 'DESC' }), ['5', '4', '3', '1'])
  assert.deepEqual(await list({ status: 'INACTIVE' }), ['2'])
})

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/delete-task-definition-v2.html
test('deletes only deregistered revisions', async () => {
  const family = 'deleted'
  for (let index = 0; index < 2; index++) await register(client, 'app:1', {}, { family })
  await client.send(new sdk.DeregisterTaskDefinitionCommand({ taskDefinition: 'deleted:1' }))
  const { taskDefinitions = [], failures = [] } = await client.send(
    new sdk.DeleteTaskDefinitionsCommand({ taskDefinitions: ['deleted:1', 'deleted:2', 'deleted:3'] }),
  )
  assert.deepEqual(
    taskDefinitions.map(({ revision, status }) => [revision, status]),
    [[1, 'DELETE_IN_PROGRESS']],
  )
  assert.deepEqual(failures, [
    {
      arn: arn('task-definition/deleted:2'),
      reason:
        'The specified task definition is still in ACTIVE status. Please deregister the target and try again.',
    },
    {
      arn: 'deleted:3',
      reason:
        'The specified task definition does not exist. Specify a valid account, family, revision and try again.',
    },
  ])
  await client.send(new sdk.ListTaskDefinitionsCommand({ status: 'DELETE_IN_PROGRESS' }))
  await assert.rejects(
    client.send(new sdk.DescribeTaskDefinitionCommand({ taskDefinition: 'deleted:1' })),
    refusal('ClientException', 'Unable to describe task definition.'),
  )
})

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeClusters.html
test('returns settings, tags and statistics of a cluster only on request', async () => {
  await client.send(
    new sdk.CreateClusterCommand({
      clusterName: 'described',
      settings: [{ name: 'containerInsights', value: 'enabled' }],
      tags: [{ key: 'a', value: 'b' }],
    }),
  )
  const describe = async (include?: sdk.ClusterField[]) => {
    const { clusters = [] } = await client.send(
      new sdk.DescribeClustersCommand({ clusters: ['described'], ...(include ? { include } : {}) }),
    )
    return clusters[0]
  }
  const bare = await describe()
  assert.deepEqual([bare?.settings, bare?.tags, bare?.statistics], [[], [], []])
  const full = await describe(['SETTINGS', 'TAGS', 'STATISTICS', 'CONFIGURATIONS', 'ATTACHMENTS'])
  assert.deepEqual(full?.settings, [{ name: 'containerInsights', value: 'enabled' }])
  assert.deepEqual(full?.tags, [{ key: 'a', value: 'b' }])
  assert.deepEqual(
    full?.statistics?.find(({ name }) => name === 'runningFargateTasksCount'),
    { name: 'runningFargateTasksCount', value: '0' },
  )
  await client.send(
    new sdk.PutClusterCapacityProvidersCommand({
      cluster: 'described',
      capacityProviders: ['FARGATE'],
      defaultCapacityProviderStrategy: [{ capacityProvider: 'FARGATE', weight: 1 }],
    }),
  )
  assert.deepEqual((await describe())?.capacityProviders, ['FARGATE'])
  await client.send(
    new sdk.UpdateClusterSettingsCommand({
      cluster: 'described',
      settings: [{ name: 'containerInsights', value: 'disabled' }],
    }),
  )
  assert.equal((await describe(['SETTINGS']))?.settings?.[0]?.value, 'disabled')
})

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html
test('returns a failure for each missing resource beside the results', async () => {
  const noTask = '0123456789abcdef0123456789abcdef'
  const described = await client.send(new sdk.DescribeClustersCommand({ clusters: ['main', 'none'] }))
  assert.deepEqual(described.failures, [{ arn: arn('cluster/none'), reason: 'MISSING' }])
  assert.equal(described.clusters?.length, 1)
  const tasks = await client.send(new sdk.DescribeTasksCommand({ cluster: 'main', tasks: [noTask] }))
  assert.deepEqual(tasks.failures, [{ arn: arn(`task/main/${noTask}`), reason: 'MISSING' }])
  const instances = await client.send(
    new sdk.DescribeContainerInstancesCommand({ cluster: 'main', containerInstances: ['i'] }),
  )
  assert.deepEqual(instances.failures, [{ arn: arn('container-instance/main/i'), reason: 'MISSING' }])
})

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-capacity-providers.html
test('has the capacity providers FARGATE and FARGATE_SPOT, and no container instances', async () => {
  const { capacityProviders = [], failures } = await client.send(
    new sdk.DescribeCapacityProvidersCommand({ capacityProviders: ['FARGATE', 'FARGATE_SPOT', 'mine'] }),
  )
  assert.deepEqual(
    capacityProviders.map(({ name, status }) => [name, status]),
    [
      ['FARGATE', 'ACTIVE'],
      ['FARGATE_SPOT', 'ACTIVE'],
    ],
  )
  assert.deepEqual(failures, [{ arn: arn('capacity-provider/mine'), reason: 'MISSING' }])
  const { containerInstanceArns } = await client.send(
    new sdk.ListContainerInstancesCommand({ cluster: 'main' }),
  )
  assert.deepEqual(containerInstanceArns, [])
  await assert.rejects(
    client.send(new sdk.ListServicesByNamespaceCommand({ namespace: 'none' })),
    refusal('NamespaceNotFoundException'),
  )
  assert.deepEqual((await client.send(new sdk.ListGatewaysCommand({}))).gateways, [])
  assert.deepEqual((await client.send(new sdk.ListDaemonsCommand({}))).daemonSummariesList, [])
})

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html
test('stores account settings by principal; they override those of the account and AWS’s defaults', async () => {
  const name = 'containerInsights'
  const effective = async () => {
    const { settings } = await client.send(
      new sdk.ListAccountSettingsCommand({ name, effectiveSettings: true }),
    )
    return settings?.[0]?.value
  }
  assert.equal(await effective(), 'disabled')
  assert.deepEqual((await client.send(new sdk.ListAccountSettingsCommand({}))).settings, [])
  await client.send(new sdk.PutAccountSettingCommand({ name, value: 'enhanced' }))
  assert.equal(await effective(), 'enhanced')
  await client.send(new sdk.DeleteAccountSettingCommand({ name }))
  assert.equal(await effective(), 'disabled')
  await assert.rejects(
    client.send(new sdk.PutAccountSettingCommand({ name, value: 'loud' })),
    refusal('InvalidParameterException', /'loud'/),
  )
  const all: sdk.Setting[] = []
  for await (const page of sdk.paginateListAccountSettings(
    { client, pageSize: 4 },
    { effectiveSettings: true },
  ))
    all.push(...(page.settings ?? []))
  assert.equal(all.length, Object.keys(sdk.SettingName).length)
})

// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DescribeTasks.html
test('returns the tags of tasks only on request', async () => {
  const { taskArn = '' } = await runToEnd(
    emulator,
    await register(client, 'job:ok', {}, { family: 'tagged' }),
  )
  await client.send(new sdk.TagResourceCommand({ resourceArn: taskArn, tags: [{ key: 'a', value: 'b' }] }))
  const describe = (include: sdk.TaskField[]) =>
    client.send(new sdk.DescribeTasksCommand({ cluster: 'main', tasks: [taskArn], include }))
  assert.deepEqual((await describe([])).tasks?.[0]?.tags, [])
  assert.deepEqual((await describe(['TAGS'])).tasks?.[0]?.tags, [{ key: 'a', value: 'b' }])
})

test('RunTask and CreateService refuse a deregistered revision, each with its own error code', async () => {
  const taskDefinition = await register(client, 'job:ok', {}, { family: 'deregistered' })
  await client.send(new sdk.DeregisterTaskDefinitionCommand({ taskDefinition }))
  const common = { cluster: 'main', taskDefinition, networkConfiguration: NETWORK }
  await assert.rejects(
    client.send(new sdk.RunTaskCommand(common)),
    refusal('InvalidParameterException', 'TaskDefinition is inactive'),
  )
  await assert.rejects(
    client.send(new sdk.CreateServiceCommand({ ...common, serviceName: 'deregistered' })),
    refusal('ClientException', 'TaskDefinition is inactive'),
  )
})

test('answers ClusterNotFoundException for a cluster that does not exist, in every operation', async () => {
  const noCluster = { cluster: 'none' }
  const noTask = '0123456789abcdef0123456789abcdef'
  const commands: object[] = [
    new sdk.ListServicesCommand(noCluster),
    new sdk.DescribeServicesCommand({ ...noCluster, services: ['web'] }),
    new sdk.ListTasksCommand(noCluster),
    new sdk.DescribeTasksCommand({ ...noCluster, tasks: [noTask] }),
    new sdk.StopTaskCommand({ ...noCluster, task: noTask }),
    new sdk.RunTaskCommand({ ...noCluster, taskDefinition: 'app' }),
    new sdk.CreateServiceCommand({ ...noCluster, serviceName: 'x', taskDefinition: 'app' }),
    new sdk.UpdateServiceCommand({ ...noCluster, service: 'web' }),
    new sdk.DeleteServiceCommand({ ...noCluster, service: 'web' }),
    new sdk.DescribeTaskSetsCommand({ ...noCluster, service: 'web' }),
    new sdk.ListServiceDeploymentsCommand({ ...noCluster, service: 'web' }),
    new sdk.ListContainerInstancesCommand(noCluster),
    new sdk.ListAttributesCommand({ ...noCluster, targetType: 'container-instance' }),
    new sdk.GetTaskProtectionCommand(noCluster as sdk.GetTaskProtectionCommandInput),
    new sdk.UpdateClusterSettingsCommand({ ...noCluster, settings: [] }),
    new sdk.DeleteClusterCommand(noCluster),
  ]
  for (const command of commands) {
    await assert.rejects(
      client.send(command as sdk.ListTasksCommand),
      refusal('ClusterNotFoundException', 'Cluster not found.'),
      command.constructor.name,
    )
  }
})
