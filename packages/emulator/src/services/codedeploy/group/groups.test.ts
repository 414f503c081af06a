/** Applications, groups and configurations: what CodeDeploy refuses, and Terraform's resources. */
import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import * as sdk from '@aws-sdk/client-codedeploy'
import type { Attributes, ResourceType } from '../../../terraform/type/resource-type.ts'
import { groupInput, startCodedeploy } from '../test-kit/codedeploy.test-kit.ts'

let emulator: Awaited<ReturnType<typeof startCodedeploy>>

beforeEach(async () => {
  emulator = await startCodedeploy()
})
afterEach(() => emulator.stop())

describe('a group is refused', () => {
  const blueGreen = groupInput().blueGreenDeploymentConfiguration
  const [pair] = groupInput().loadBalancerInfo?.targetGroupPairInfoList ?? []
  const alarms = Array.from({ length: 11 }, (_, index) => ({ name: `a${index}` }))
  const terminate = (terminationWaitTimeInMinutes: number, action: sdk.InstanceAction = 'TERMINATE') => ({
    blueGreenDeploymentConfiguration: {
      ...blueGreen,
      terminateBlueInstancesOnDeploymentSuccess: { action, terminationWaitTimeInMinutes },
    },
  })
  const ready = (actionOnTimeout: sdk.DeploymentReadyAction, waitTimeInMinutes: number) => ({
    blueGreenDeploymentConfiguration: {
      ...blueGreen,
      deploymentReadyOption: { actionOnTimeout, waitTimeInMinutes },
    },
  })
  const invalidBlueGreen = 'InvalidBlueGreenDeploymentConfigurationException'
  const cases: [why: string, changes: Partial<sdk.CreateDeploymentGroupCommandInput>, exception: string][] = [
    ['that keeps the blue side alive', terminate(0, 'KEEP_ALIVE'), invalidBlueGreen],
    ['whose termination wait is over two days', terminate(2881), invalidBlueGreen],
    ['that waits and continues', ready('CONTINUE_DEPLOYMENT', 5), invalidBlueGreen],
    ['that would stop at once', ready('STOP_DEPLOYMENT', 0), invalidBlueGreen],
    ['that waits more than 120 hours', ready('STOP_DEPLOYMENT', 7201), invalidBlueGreen],
    [
      'with more than ten alarms',
      { alarmConfiguration: { enabled: true, alarms } },
      'AlarmsLimitExceededException',
    ],
    [
      'deployed in place',
      { deploymentStyle: { deploymentType: 'IN_PLACE', deploymentOption: 'WITH_TRAFFIC_CONTROL' } },
      'InvalidDeploymentStyleException',
    ],
    [
      'whose service does not exist',
      { ecsServices: [{ clusterName: 'main', serviceName: 'none' }] },
      'InvalidECSServiceException',
    ],
    [
      'with one target group',
      { loadBalancerInfo: { targetGroupPairInfoList: [{ ...pair, targetGroups: [{ name: 'blue' }] }] } },
      'InvalidTargetGroupPairException',
    ],
    ['of an unknown application', { applicationName: 'none' }, 'ApplicationDoesNotExistException'],
    [
      'with an unknown configuration',
      { deploymentConfigName: 'none' },
      'DeploymentConfigDoesNotExistException',
    ],
  ]
  for (const [why, changes, name] of cases) {
    test(why, () => assert.rejects(emulator.group(changes), { name }))
  }

  // https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html#limits-deployment-groups
  test('for a service that another group has, or of the rolling controller', async () => {
    await emulator.group()
    await assert.rejects(emulator.group({ deploymentGroupName: 'second' }), {
      name: 'ECSServiceMappingLimitExceededException',
    })
    await assert.rejects(emulator.group(), { name: 'DeploymentGroupAlreadyExistsException' })
    emulator.ecs.controller = 'ECS'
    const update = new sdk.UpdateDeploymentGroupCommand({
      applicationName: 'app',
      currentDeploymentGroupName: 'admin',
    })
    await assert.rejects(
      emulator.client.send(update),
      /must be configured for a CODE_DEPLOY deployment controller/,
    )
  })
})

// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html#deployment-configuration-ecs
test('lists the predefined configurations of ECS, and refuses to delete one or one in use', async () => {
  const { deploymentConfigsList = [] } = await emulator.client.send(new sdk.ListDeploymentConfigsCommand({}))
  assert.deepEqual(deploymentConfigsList, [
    'CodeDeployDefault.ECSAllAtOnce',
    'CodeDeployDefault.ECSLinear10PercentEvery1Minutes',
    'CodeDeployDefault.ECSLinear10PercentEvery3Minutes',
    'CodeDeployDefault.ECSCanary10Percent5Minutes',
    'CodeDeployDefault.ECSCanary10Percent15Minutes',
  ])
  const remove = (deploymentConfigName: string) =>
    emulator.client.send(new sdk.DeleteDeploymentConfigCommand({ deploymentConfigName }))
  await assert.rejects(remove('CodeDeployDefault.ECSAllAtOnce'), { name: 'InvalidOperationException' })
  const trafficRoutingConfig: sdk.TrafficRoutingConfig = {
    type: 'TimeBasedCanary',
    timeBasedCanary: { canaryPercentage: 20, canaryInterval: 2 },
  }
  await emulator.client.send(
    new sdk.CreateDeploymentConfigCommand({
      deploymentConfigName: 'mine',
      computePlatform: 'ECS',
      trafficRoutingConfig,
    }),
  )
  await emulator.group({ deploymentConfigName: 'mine' })
  await assert.rejects(remove('mine'), { name: 'DeploymentConfigInUseException' })
})

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeploymentConfig.html
test('a custom canary or linear configuration is refused outside of its bounds', async () => {
  const create = (trafficRoutingConfig: sdk.TrafficRoutingConfig, deploymentConfigName = 'mine') =>
    emulator.client.send(
      new sdk.CreateDeploymentConfigCommand({
        deploymentConfigName,
        computePlatform: 'ECS',
        trafficRoutingConfig,
      }),
    )
  const canary = (canaryPercentage: number, canaryInterval: number): sdk.TrafficRoutingConfig => ({
    type: 'TimeBasedCanary',
    timeBasedCanary: { canaryPercentage, canaryInterval },
  })
  const linear = (linearPercentage: number, linearInterval: number): sdk.TrafficRoutingConfig => ({
    type: 'TimeBasedLinear',
    timeBasedLinear: { linearPercentage, linearInterval },
  })
  for (const wrong of [
    canary(0, 1),
    canary(100, 1),
    canary(10, 0),
    linear(0, 1),
    linear(100, 1),
    linear(10, 0),
  ])
    await assert.rejects(create(wrong), { name: 'InvalidTrafficRoutingConfigurationException' })
  for (const incomplete of ['TimeBasedCanary', 'TimeBasedLinear'] as const)
    await assert.rejects(create({ type: incomplete }), {
      name: 'InvalidTrafficRoutingConfigurationException',
    })
  await assert.rejects(create(canary(10, 1), 'CodeDeployDefault.Mine'), {
    name: 'InvalidDeploymentConfigNameException',
  })
  await create(canary(99, 1))
  await assert.rejects(create(canary(99, 1)), { name: 'DeploymentConfigAlreadyExistsException' })
})

test('a group shows its last attempted and last successful deployment', async () => {
  await emulator.group()
  const good = await emulator.deploy()
  await emulator.until(good, 'Succeeded')
  const bad = await emulator.deploy({}, '{}')
  await emulator.until(bad, 'Failed')
  const { deploymentGroupInfo } = await emulator.client.send(
    new sdk.GetDeploymentGroupCommand({ applicationName: 'app', deploymentGroupName: 'admin' }),
  )
  assert.equal(deploymentGroupInfo?.lastSuccessfulDeployment?.deploymentId, good)
  assert.equal(deploymentGroupInfo?.lastAttemptedDeployment?.deploymentId, bad)
  const { deployments } = await emulator.client.send(
    new sdk.ListDeploymentsCommand({
      applicationName: 'app',
      deploymentGroupName: 'admin',
      includeOnlyStatuses: ['Succeeded'],
    }),
  )
  assert.deepEqual(deployments, [good])
})

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_UpdateDeploymentGroup.html
test('Terraform makes, changes in place and removes what the API shows', async () => {
  const type = (name: string): ResourceType => {
    const found = emulator.codeDeploy.resourceTypes?.find((one) => one.type === name)
    assert.ok(found)
    return found
  }
  const apply = {
    address: 'aws_codedeploy_deployment_group.admin',
    region: 'ap-northeast-2',
    accountId: '000000000000',
    folder: '/nonexistent',
    signal: new AbortController().signal,
  }
  const app = await type('aws_codedeploy_app').create({ name: 'keencho', compute_platform: 'ECS' }, apply)
  assert.equal(app.arn, 'arn:aws:codedeploy:ap-northeast-2:000000000000:application:keencho')
  const planned: Attributes = {
    app_name: 'keencho',
    deployment_group_name: 'admin',
    deployment_config_name: 'CodeDeployDefault.ECSCanary10Percent5Minutes',
    service_role_arn: 'arn:aws:iam::000000000000:role/delivery',
    alarm_configuration: [{ enabled: true, alarms: ['errors'], ignore_poll_alarm_failure: false }],
    auto_rollback_configuration: [{ enabled: true, events: ['DEPLOYMENT_FAILURE'] }],
    blue_green_deployment_config: [
      {
        deployment_ready_option: [{ action_on_timeout: 'CONTINUE_DEPLOYMENT' }],
        terminate_blue_instances_on_deployment_success: [
          { action: 'TERMINATE', termination_wait_time_in_minutes: 1 },
        ],
      },
    ],
    deployment_style: [{ deployment_option: 'WITH_TRAFFIC_CONTROL', deployment_type: 'BLUE_GREEN' }],
    ecs_service: [{ cluster_name: 'main', service_name: 'admin' }],
    load_balancer_info: [
      {
        target_group_pair_info: [
          {
            prod_traffic_route: [{ listener_arns: ['production'] }],
            test_traffic_route: [{ listener_arns: ['test'] }],
            target_group: [{ name: 'blue' }, { name: 'green' }],
          },
        ],
      },
    ],
  }
  const groups = type('aws_codedeploy_deployment_group')
  const made = await groups.create(planned, apply)
  const changed = await groups.update?.(
    { ...planned, deployment_config_name: 'CodeDeployDefault.ECSAllAtOnce' },
    made,
    apply,
  )
  assert.equal(changed?.id, made.id)
  const read = new sdk.GetDeploymentGroupCommand({ applicationName: 'keencho', deploymentGroupName: 'admin' })
  const { deploymentGroupInfo } = await emulator.client.send(read)
  assert.equal(deploymentGroupInfo?.deploymentConfigName, 'CodeDeployDefault.ECSAllAtOnce')
  assert.deepEqual(
    deploymentGroupInfo?.loadBalancerInfo?.targetGroupPairInfoList,
    groupInput().loadBalancerInfo?.targetGroupPairInfoList,
  )
  await emulator.until(await emulator.deploy({ applicationName: 'keencho' }), 'Succeeded')
  await groups.delete?.(made, apply)
  await type('aws_codedeploy_app').delete?.(app, apply)
  await assert.rejects(emulator.client.send(read), { name: 'ApplicationDoesNotExistException' })
  await assert.rejects(
    async () => type('aws_codedeploy_app').create({ name: 'x' }, apply),
    /compute platform Server is not implemented/,
  )
})
