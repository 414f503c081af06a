/** Changes of a Terraform configuration: services, their task definitions and their deployment groups. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as codedeploy from '@aws-sdk/client-codedeploy'
import * as sdk from '@aws-sdk/client-ecs'
import type { EmulatorError } from '../../client/index.ts'
import { type LifeCycle, startLifeCycle } from '../../test-kit/terraform-life-cycle.test-kit.ts'
import { containers, deliveredService } from './test-kit/terraform-life-cycle.test-kit.ts'

describe('a service whose configuration changes', { timeout: 120_000 }, () => {
  let life: LifeCycle
  let ecs: sdk.ECSClient
  let delivery: codedeploy.CodeDeployClient
  before(async () => {
    life = await startLifeCycle(deliveredService())
    ecs = new sdk.ECSClient(life.settings)
    delivery = new codedeploy.CodeDeployClient(life.settings)
    await life.apply()
    assert.deepEqual(await life.plan(), [])
  })
  after(async () => {
    ecs?.destroy()
    delivery?.destroy()
    await life?.[Symbol.asyncDispose]()
  })

  const service = async (name = 'app', cluster = 'main') => {
    const { services } = await ecs.send(new sdk.DescribeServicesCommand({ cluster, services: [name] }))
    return services?.[0]
  }
  const revisions = async (status: sdk.TaskDefinitionStatus) => {
    const { taskDefinitionArns = [] } = await ecs.send(new sdk.ListTaskDefinitionsCommand({ status }))
    return taskDefinitionArns.map((arn) => arn.slice(arn.lastIndexOf('/') + 1))
  }
  /** Changes attributes for one apply that is refused. */
  async function refused(address: string, change: object, reason: RegExp): Promise<void> {
    const attributes = life.of(address)
    const before = { ...attributes }
    Object.assign(attributes, change)
    await assert.rejects(life.apply(), (error: EmulatorError) => {
      assert.match(error.diagnostics[0]?.detail ?? '', reason)
      assert.equal(error.diagnostics[0]?.address, address)
      return true
    })
    for (const key of Object.keys(attributes)) delete attributes[key]
    Object.assign(attributes, before)
    assert.deepEqual(await life.plan(), [])
  }

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
  test('desired count, grace period and deployment settings of a service change in place', async () => {
    const before = await service()
    Object.assign(life.of('aws_ecs_service.app'), {
      desired_count: 0,
      health_check_grace_period_seconds: 90,
      deployment_minimum_healthy_percent: 50,
      deployment_maximum_percent: 150,
      enable_ecs_managed_tags: true,
    })
    assert.deepEqual(await life.apply(), ['update aws_ecs_service.app'])
    const now = await service()
    assert.deepEqual([now?.serviceArn, now?.createdAt], [before?.serviceArn, before?.createdAt])
    assert.equal(now?.healthCheckGracePeriodSeconds, 90)
    assert.deepEqual(
      [now?.deploymentConfiguration?.minimumHealthyPercent, now?.deploymentConfiguration?.maximumPercent],
      [50, 150],
    )
    assert.deepEqual(await life.plan(), [])
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentAlarms.html
  test('deployment alarms of a service are added, changed and removed in place', async () => {
    const rolling = life.of('aws_ecs_service.rolling')
    const alarms = async () => (await service('rolling'))?.deploymentConfiguration?.alarms
    rolling.alarms = { alarm_names: ['one', 'two'], enable: true, rollback: false }
    assert.deepEqual(await life.apply(), ['update aws_ecs_service.rolling'])
    assert.deepEqual(await alarms(), { alarmNames: ['one', 'two'], enable: true, rollback: false })
    assert.deepEqual(await life.plan(), [])
    rolling.alarms = { alarm_names: ['two', 'one'], enable: true, rollback: true }
    assert.deepEqual(await life.apply(), ['update aws_ecs_service.rolling'])
    assert.equal((await alarms())?.rollback, true)
    await refused(
      'aws_ecs_service.app',
      { alarms: { alarm_names: ['one'], enable: true, rollback: true } },
      /only supported on services with the ECS deployment controller/,
    )
    delete rolling.alarms
    assert.deepEqual(await life.apply(), ['update aws_ecs_service.rolling'])
    assert.equal((await alarms())?.enable, false)
    assert.deepEqual(await life.plan(), [])
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
  test('a service under CODE_DEPLOY keeps its load balancer and network: an apply that changes them is refused', async () => {
    await refused(
      'aws_ecs_service.app',
      {
        load_balancer: {
          target_group_arn: '${aws_lb_target_group.green.arn}',
          container_name: 'app',
          container_port: 8080,
        },
      },
      /^InvalidParameterException: Unable to update load balancers on services with a CODE_DEPLOY/,
    )
    await refused(
      'aws_ecs_service.app',
      { network_configuration: { subnets: ['${aws_subnet.a.id}'], assign_public_ip: true } },
      /^InvalidParameterException: Unable to update network/,
    )
  })

  test('another deployment controller is refused with the reason: AWS changes it in place, the emulator does not', async () => {
    await refused(
      'aws_ecs_service.app',
      { deployment_controller: { type: 'ECS' } },
      /deployment controller .* \(CODE_DEPLOY to ECS\)/,
    )
  })

  test('a strategy of capacity providers changes only together with a new deployment', async () => {
    await refused(
      'aws_ecs_service.rolling',
      { capacity_provider_strategy: [{ capacity_provider: 'FARGATE', weight: 1 }] },
      /force_new_deployment = true/,
    )
  })

  // https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_UpdateDeploymentGroup.html
  test('a change of a deployment group outside of Terraform is in the plan, and is reverted', async () => {
    await delivery.send(
      new codedeploy.UpdateDeploymentGroupCommand({
        applicationName: 'app',
        currentDeploymentGroupName: 'app',
        deploymentConfigName: 'CodeDeployDefault.ECSLinear10PercentEvery1Minutes',
        autoRollbackConfiguration: { enabled: true, events: ['DEPLOYMENT_FAILURE'] },
      }),
    )
    assert.deepEqual(await life.plan(), ['update aws_codedeploy_deployment_group.app'])
    await life.apply()
    const { deploymentGroupInfo } = await delivery.send(
      new codedeploy.GetDeploymentGroupCommand({ applicationName: 'app', deploymentGroupName: 'app' }),
    )
    assert.equal(deploymentGroupInfo?.deploymentConfigName, 'CodeDeployDefault.ECSAllAtOnce')
    assert.equal(deploymentGroupInfo?.autoRollbackConfiguration?.enabled, false)
    assert.deepEqual(await life.plan(), [])
  })

  test('another name creates another service; the deployment group follows it in place', async () => {
    life.of('aws_ecs_service.app').name = 'other'
    assert.deepEqual(await life.apply(), [
      'replace aws_ecs_service.app (name)',
      'update aws_codedeploy_deployment_group.app',
    ])
    assert.equal((await service('app'))?.status, 'INACTIVE')
    assert.equal((await service('other'))?.status, 'ACTIVE')
  })

  test('another cluster name replaces the cluster and the services in it', async () => {
    life.of('aws_ecs_cluster.main').name = 'second'
    assert.deepEqual(await life.apply(), [
      'replace aws_ecs_cluster.main (name)',
      'replace aws_ecs_service.app (cluster)',
      'replace aws_ecs_service.rolling (cluster)',
      'update aws_codedeploy_deployment_group.app',
    ])
    assert.equal((await service('rolling', 'second'))?.status, 'ACTIVE')
    const { clusterArns } = await ecs.send(new sdk.ListClustersCommand({}))
    assert.deepEqual(
      clusterArns?.map((arn) => arn.slice(arn.lastIndexOf('/') + 1)),
      ['second'],
    )
  })

  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html
  test('a changed task definition is a new revision, and the old one is INACTIVE', async () => {
    assert.deepEqual(await revisions('ACTIVE'), ['app:1'])
    life.of('aws_ecs_task_definition.app').memory = '1024'
    assert.deepEqual(await life.apply(), [
      'replace aws_ecs_task_definition.app (memory)',
      'update aws_ecs_service.rolling',
    ])
    assert.deepEqual([await revisions('ACTIVE'), await revisions('INACTIVE')], [['app:2'], ['app:1']])
    assert.match((await service('rolling', 'second'))?.taskDefinition ?? '', /app:2$/)
    const delivered = await service('other', 'second')
    assert.match(delivered?.taskDefinition ?? '', /app:1$/, 'what a deployment owns is ignored')
    life.of('aws_ecs_service.app').health_check_grace_period_seconds = 60
    assert.deepEqual(
      await life.apply(),
      ['update aws_ecs_service.app'],
      'an INACTIVE revision continues to serve',
    )
  })

  test('with skip_destroy the old revision stays ACTIVE', async () => {
    life.of('aws_ecs_task_definition.app').skip_destroy = true
    assert.deepEqual(await life.apply(), ['update aws_ecs_task_definition.app'])
    life.of('aws_ecs_task_definition.app').container_definitions = containers({ LEVEL: 'debug' })
    assert.deepEqual(await life.apply(), [
      'replace aws_ecs_task_definition.app (container_definitions)',
      'update aws_ecs_service.rolling',
    ])
    assert.deepEqual(await revisions('ACTIVE'), ['app:2', 'app:3'])
  })

  test('a replaced service keeps an ignored revision: if that is INACTIVE it is refused, and the old service is deleted', async () => {
    life.of('aws_ecs_service.app').name = 'third'
    await assert.rejects(life.apply(), (error: EmulatorError) => {
      assert.equal(error.diagnostics[0]?.detail, 'ClientException: TaskDefinition is inactive')
      assert.deepEqual(error.unfinished?.changes, [{ address: 'aws_ecs_service.app', action: 'delete' }])
      return true
    })
    assert.deepEqual(await life.apply(), [
      'create aws_ecs_service.app',
      'update aws_codedeploy_deployment_group.app',
    ])
    assert.match((await service('third', 'second'))?.taskDefinition ?? '', /app:3$/)
  })

  // https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_UpdateDeploymentGroup.html
  test('a deployment group changes in place, its name too', async () => {
    const { deploymentGroupInfo: before } = await delivery.send(
      new codedeploy.GetDeploymentGroupCommand({ applicationName: 'app', deploymentGroupName: 'app' }),
    )
    Object.assign(life.of('aws_codedeploy_deployment_group.app'), {
      deployment_group_name: 'renamed',
      deployment_config_name: 'CodeDeployDefault.ECSCanary10Percent5Minutes',
    })
    assert.deepEqual(await life.apply(), ['update aws_codedeploy_deployment_group.app'])
    const { deploymentGroupInfo: now } = await delivery.send(
      new codedeploy.GetDeploymentGroupCommand({ applicationName: 'app', deploymentGroupName: 'renamed' }),
    )
    assert.equal(now?.deploymentGroupId, before?.deploymentGroupId)
    assert.equal(now?.deploymentConfigName, 'CodeDeployDefault.ECSCanary10Percent5Minutes')
  })

  test('an apply that fails half-way keeps its changes, reports the rest, and continues the next time', async () => {
    life.resources.aws_ecs_task_definition = {
      ...life.resources.aws_ecs_task_definition,
      late: { ...life.of('aws_ecs_task_definition.app'), family: 'late', cpu: '1' },
    }
    Object.assign(life.resources.aws_ecs_service ?? {}, {
      late: {
        ...life.of('aws_ecs_service.rolling'),
        name: 'late',
        task_definition: '${aws_ecs_task_definition.late.arn}',
      },
    })
    life.of('aws_ecs_service.app').health_check_grace_period_seconds = 30
    await assert.rejects(life.apply(), (error: EmulatorError) => {
      assert.match(error.message, /1 problem\. Done: 1 updated\. Not begun: 1\./)
      assert.equal(error.diagnostics[0]?.address, 'aws_ecs_task_definition.late')
      assert.deepEqual(error.unfinished?.pending, [{ address: 'aws_ecs_service.late', action: 'create' }])
      return true
    })
    assert.equal((await service('third', 'second'))?.healthCheckGracePeriodSeconds, 30)
    life.of('aws_ecs_task_definition.late').cpu = '256'
    assert.deepEqual(await life.apply(), [
      'create aws_ecs_service.late',
      'create aws_ecs_task_definition.late',
    ])
    assert.deepEqual(await life.plan(), [])
  })

  test('a destroy leaves only revisions: AWS keeps the INACTIVE ones, and skip_destroy the others', async () => {
    await life.destroy()
    assert.deepEqual((await ecs.send(new sdk.ListClustersCommand({}))).clusterArns, [])
    const { applications } = await delivery.send(new codedeploy.ListApplicationsCommand({}))
    assert.deepEqual(applications, [])
    assert.deepEqual(await revisions('INACTIVE'), ['app:1'])
    assert.deepEqual(await revisions('ACTIVE'), ['app:2', 'app:3', 'late:1'])
    assert.deepEqual((await life.emulator.status()).names, [])
  })
})
