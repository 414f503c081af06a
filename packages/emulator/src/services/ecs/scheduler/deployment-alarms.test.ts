import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import {
  CloudWatchClient,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
  type StateValue,
} from '@aws-sdk/client-cloudwatch'
import * as sdk from '@aws-sdk/client-ecs'
import { refusal } from '../../../protocol/test-kit/refused.test-kit.ts'
import { until } from '../../../test-kit/until.test-kit.ts'
import { createCloudWatch } from '../../cloudwatch/index.ts'
import { plainAlarm } from '../../cloudwatch/test-kit/cloudwatch.test-kit.ts'
import {
  createService,
  describeService,
  register,
  type TestEmulator,
  testEmulator,
} from '../test-kit/service.test-kit.ts'
import { tasksOf } from '../test-kit/tasks.test-kit.ts'

describe('deployment alarms of the rolling controller', { concurrency: true }, () => {
  let here: TestEmulator
  let alarms: CloudWatchClient
  let first: string
  let second: string
  before(async () => {
    here = await testEmulator({
      metrics: (context) => createCloudWatch(context, { notify: () => true, invoke: () => true }),
    })
    alarms = new CloudWatchClient(here.wire.client)
    first = await register(here.client, 'app:1')
    second = await register(here.client, 'app:2')
  })
  after(async () => {
    alarms.destroy()
    await here[Symbol.asyncDispose]()
  })

  const setState = (AlarmName: string, StateValue: StateValue) =>
    alarms.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'by the test' }))
  /**
   * An alarm without data, which stays in the state that the test sets. Its period gives a bake time of some seconds,
   * longer than a busy machine needs for a request.
   */
  async function alarm(name: string, Period = 3600): Promise<string> {
    const silent = { AlarmName: name, Period, TreatMissingData: 'ignore' } as const
    await alarms.send(new PutMetricAlarmCommand({ ...plainAlarm, ...silent }))
    await setState(name, 'OK')
    return name
  }
  const deployed = (name: string, taskDefinition: string) =>
    until(`${name} is deployed`, async () => {
      const service = await describeService(here, name)
      const [deployment, ...others] = service.deployments ?? []
      const done = deployment?.rolloutState === 'COMPLETED' && others.length === 0
      return done && deployment.taskDefinition === taskDefinition && service
    })
  /** A service that was deployed without alarms, and its next deployment, which alarms watch. */
  async function begun(service: string, deploymentConfiguration: sdk.DeploymentConfiguration): Promise<void> {
    await createService(here, service, first)
    await deployed(service, first)
    await here.client.send(
      new sdk.UpdateServiceCommand({
        cluster: 'main',
        service,
        taskDefinition: second,
        deploymentConfiguration,
      }),
    )
  }
  const newTaskRuns = (name: string) =>
    until(`a new task of ${name} runs`, async () =>
      (await tasksOf(here, name)).some(
        ({ taskDefinitionArn, lastStatus }) => taskDefinitionArn === second && lastStatus === 'RUNNING',
      ),
    )
  const lastDeployment = async (service: string): Promise<sdk.ServiceDeployment | undefined> => {
    const listed = await here.client.send(new sdk.ListServiceDeploymentsCommand({ cluster: 'main', service }))
    const serviceDeploymentArns = [listed.serviceDeployments?.[0]?.serviceDeploymentArn ?? '']
    const { serviceDeployments } = await here.client.send(
      new sdk.DescribeServiceDeploymentsCommand({ serviceDeploymentArns }),
    )
    return serviceDeployments?.[0]
  }
  const eventsOf = (serviceArn: string | undefined) =>
    here.context.events
      .since(0)
      .filter(({ detailType }) => detailType === 'ECS Deployment State Change')
      .filter(({ detail }) => detail.serviceArn === serviceArn)

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
  test('an alarm that fires rolls a deployment back to the last one that completed', async () => {
    const alarmNames = [await alarm('fires'), await alarm('stays-quiet')]
    await begun('back', { alarms: { alarmNames, enable: true, rollback: true } })
    await newTaskRuns('back')
    const [, before] = (await describeService(here, 'back')).deployments ?? []
    assert.equal((await lastDeployment('back'))?.alarms?.status, 'MONITORING')
    await setState('fires', 'ALARM')
    const service = await deployed('back', first)
    const messages = service.events?.map(({ message = '' }) => message) ?? []
    assert.ok(
      messages.some((message) =>
        /^\(service back\) \(deployment ecs-svc\/\d+\) deployment failed: alarm detected\.$/.test(message),
      ),
    )
    assert.ok(messages.includes(`(service back) rolling back to deployment ${before?.id}.`))
    assert.deepEqual(
      eventsOf(service.serviceArn)
        .slice(-3)
        .map(({ detail }) => [detail.eventType, detail.eventName, detail.reason]),
      [
        ['ERROR', 'SERVICE_DEPLOYMENT_FAILED', 'ECS deployment alarms: alarm detected.'],
        [
          'INFO',
          'SERVICE_DEPLOYMENT_IN_PROGRESS',
          `ECS deployment alarms: rolling back to deploymentId ${before?.id}.`,
        ],
        ['INFO', 'SERVICE_DEPLOYMENT_COMPLETED', `ECS deployment ${service.deployments?.[0]?.id} completed.`],
      ],
    )
    const described = await lastDeployment('back')
    assert.equal(described?.status, 'ROLLBACK_SUCCESSFUL')
    assert.deepEqual(described.alarms, { status: 'TRIGGERED', alarmNames, triggeredAlarmNames: ['fires'] })
    assert.equal(described.deploymentCircuitBreaker?.status, 'DISABLED')
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-failure-detection.html
  test('only what fails a deployment decides whether it is rolled back', async () => {
    const alarmNames = [await alarm('fails')]
    await begun('fails', {
      alarms: { alarmNames, enable: true, rollback: false },
      deploymentCircuitBreaker: { enable: true, rollback: true },
    })
    await newTaskRuns('fails')
    await setState('fails', 'ALARM')
    const failed = await until('it has failed', async () => {
      const service = await describeService(here, 'fails')
      return service.deployments?.[0]?.rolloutState === 'FAILED' && service
    })
    assert.deepEqual(failed.deploymentConfiguration?.alarms, { alarmNames, enable: true, rollback: false })
    assert.equal(failed.taskDefinition, second)
    assert.equal((await lastDeployment('fails'))?.status, 'STOPPED')
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
  test('a deployment is IN_PROGRESS until its alarms were quiet for the bake time, and the previous one stays listed', async () => {
    const alarmNames = [await alarm('quiet', 900)]
    await begun('bakes', { alarms: { alarmNames, enable: true, rollback: true } })
    const baking = await until('only new tasks are left', async () => {
      const service = await describeService(here, 'bakes')
      const stopped = await tasksOf(here, 'bakes', 'STOPPED')
      return (
        service.runningCount === 1 && stopped.some(({ lastStatus }) => lastStatus === 'STOPPED') && service
      )
    })
    assert.deepEqual(
      baking.deployments?.map(({ status, rolloutState, runningCount }) => [
        status,
        rolloutState,
        runningCount,
      ]),
      [
        ['PRIMARY', 'IN_PROGRESS', 1],
        ['ACTIVE', 'COMPLETED', 0],
      ],
    )
    const { serviceArn } = await deployed('bakes', second)
    const ended = (await tasksOf(here, 'bakes', 'STOPPED')).map(({ stoppingAt }) => Number(stoppingAt))
    const completed = Date.parse(String(eventsOf(serviceArn).at(-1)?.detail.updatedAt))
    const bakeMs = completed - Math.max(...ended)
    assert.ok(bakeMs >= here.context.clock.toReal(900_000), `${bakeMs} ms`)
    assert.equal((await lastDeployment('bakes'))?.alarms?.status, 'MONITORING_COMPLETE')
    // An alarm that fires later fails nothing.
    await setState('quiet', 'ALARM')
    assert.equal((await deployed('bakes', second)).deployments?.[0]?.rolloutState, 'COMPLETED')
    assert.equal(eventsOf(serviceArn).at(-1)?.detail.eventName, 'SERVICE_DEPLOYMENT_COMPLETED')
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
  test('an alarm that fires in the bake time fails the deployment', async () => {
    const alarmNames = [await alarm('late')]
    await begun('late', { alarms: { alarmNames, enable: true, rollback: true } })
    await until('only the new task is left', async () => {
      const tasks = await tasksOf(here, 'late')
      return tasks.length === 1 && tasks[0]?.taskDefinitionArn === second
    })
    await setState('late', 'ALARM')
    const service = await deployed('late', first)
    assert.match(service.deployments?.[0]?.rolloutStateReason ?? '', /completed/)
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
  test('alarms that are in ALARM when a deployment starts do not fail it', async () => {
    const alarmNames = [await alarm('loud')]
    await setState('loud', 'ALARM')
    await begun('fixed', { alarms: { alarmNames, enable: true, rollback: true } })
    await deployed('fixed', second)
    assert.equal((await lastDeployment('fixed'))?.alarms?.status, 'DISABLED')
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentAlarms.html
  test('alarms without names, or under another controller than ECS, are refused', async () => {
    const enable = { enable: true, rollback: true }
    const create = (more: Partial<sdk.CreateServiceCommandInput>) =>
      createService(here, 'refused', first, more)
    await assert.rejects(
      create({ deploymentConfiguration: { alarms: { alarmNames: [], ...enable } } }),
      refusal('InvalidParameterException'),
    )
    await assert.rejects(
      create({
        deploymentController: { type: 'CODE_DEPLOY' },
        deploymentConfiguration: { alarms: { alarmNames: ['any'], ...enable } },
      }),
      refusal('InvalidParameterException'),
    )
  })
})
