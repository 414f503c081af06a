/**
 * A deployment on a whole emulator, over the wire: listener rules of a real load balancer, functions of Terraform's
 * zip archives that answer through the AWS SDK and through HTTP, notices in the inbox, what Terraform changes in
 * place and what it replaces. The service has no tasks: what tasks do is tested where they are.
 */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import * as sdk from '@aws-sdk/client-codedeploy'
import { DeleteServiceCommand, DescribeServicesCommand, ECSClient } from '@aws-sdk/client-ecs'
import * as elb from '@aws-sdk/client-elastic-load-balancing-v2'
import { type LifeCycle, startLifeCycle } from '../../test-kit/terraform-life-cycle.test-kit.ts'
import { until } from '../../test-kit/until.test-kit.ts'
import { deliveredService } from '../ecs/test-kit/terraform-life-cycle.test-kit.ts'
import { appSpec } from './test-kit/codedeploy.test-kit.ts'
import { lambda, throughHttp, throughSdk } from './test-kit/hook-functions.test-kit.ts'

const group = 'aws_codedeploy_deployment_group.app'
const pair = (blue: number, green: number, stickiness: object = {}) => ({
  type: 'forward',
  forward: {
    target_group: [
      { arn: '${aws_lb_target_group.blue.arn}', weight: blue },
      { arn: '${aws_lb_target_group.green.arn}', weight: green },
    ],
    ...stickiness,
  },
})
const onPath = (path: string) => ({ path_pattern: { values: [path] } })

let here: LifeCycle
let client: sdk.CodeDeployClient
let balancer: elb.ElasticLoadBalancingV2Client

before(async () => {
  const resources = deliveredService()
  const listener = { listener_arn: '${aws_lb_listener.http.arn}' }
  here = await startLifeCycle({
    ...resources,
    aws_lb_target_group: {
      ...resources.aws_lb_target_group,
      other: { name: 'other', port: 80, protocol: 'HTTP', target_type: 'ip', vpc_id: '${aws_vpc.main.id}' },
    },
    aws_lb_listener: {
      ...resources.aws_lb_listener,
      test: {
        load_balancer_arn: '${aws_lb.main.arn}',
        port: 8080,
        protocol: 'HTTP',
        default_action: pair(100, 0),
      },
    },
    aws_lb_listener_rule: {
      sticky: {
        ...listener,
        priority: 10,
        action: pair(100, 0, { stickiness: { enabled: true, duration: 600 } }),
        condition: onPath('/sticky/*'),
      },
      single: {
        ...listener,
        priority: 20,
        action: { type: 'forward', target_group_arn: '${aws_lb_target_group.blue.arn}' },
        condition: onPath('/single'),
      },
      other: {
        ...listener,
        priority: 30,
        action: { type: 'forward', target_group_arn: '${aws_lb_target_group.other.arn}' },
        condition: onPath('/other'),
      },
    },
    aws_sns_topic: { deployments: { name: 'deployments' } },
  })
  here.resources.aws_lambda_function = {
    sdk: lambda(here.folder, 'sdk', throughSdk, { ANSWER: 'Succeeded' }),
    refuses: lambda(here.folder, 'refuses', throughSdk, { ANSWER: 'Failed' }),
    http: lambda(here.folder, 'http', throughHttp),
  }
  const delivered = here.of(group)
  const info = (delivered.load_balancer_info as { target_group_pair_info: Record<string, unknown> })
    .target_group_pair_info
  info.test_traffic_route = { listener_arns: ['${aws_lb_listener.test.arn}'] }
  delivered.auto_rollback_configuration = { enabled: true, events: ['DEPLOYMENT_FAILURE'] }
  delivered.trigger_configuration = [
    {
      trigger_name: 'tell',
      trigger_target_arn: '${aws_sns_topic.deployments.arn}',
      trigger_events: ['DeploymentSuccess', 'DeploymentFailure', 'DeploymentRollback'],
    },
  ]
  await here.apply()
  client = new sdk.CodeDeployClient(here.settings)
  balancer = new elb.ElasticLoadBalancingV2Client(here.settings)
})
after(async () => {
  client.destroy()
  balancer.destroy()
  await here[Symbol.asyncDispose]()
})

async function deploy(hooks: Record<string, string>[]): Promise<sdk.DeploymentInfo> {
  return ended(await begin(hooks))
}

async function begin(hooks: Record<string, string>[] = []): Promise<string | undefined> {
  const content = appSpec({ taskDefinition: 'app:1', container: 'app', hooks })
  const { deploymentId } = await client.send(
    new sdk.CreateDeploymentCommand({
      applicationName: 'app',
      deploymentGroupName: 'app',
      revision: { revisionType: 'AppSpecContent', appSpecContent: { content } },
    }),
  )
  return deploymentId
}

async function ended(deploymentId: string | undefined): Promise<sdk.DeploymentInfo> {
  for (const deadline = Date.now() + 30_000; Date.now() < deadline; ) {
    const { deploymentInfo } = await client.send(new sdk.GetDeploymentCommand({ deploymentId }))
    if (['Succeeded', 'Failed', 'Stopped'].includes(deploymentInfo?.status ?? '')) return deploymentInfo ?? {}
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  throw new Error(`${deploymentId} does not end`)
}

async function listenerArn(port: number): Promise<string | undefined> {
  const { LoadBalancers } = await balancer.send(new elb.DescribeLoadBalancersCommand({ Names: ['edge'] }))
  const { Listeners = [] } = await balancer.send(
    new elb.DescribeListenersCommand({ LoadBalancerArn: LoadBalancers?.[0]?.LoadBalancerArn }),
  )
  return Listeners.find(({ Port }) => Port === port)?.ListenerArn
}

/** What each rule forwards to, by its priority: `blue 100, green 0`. */
async function forwards(port: number): Promise<Record<string, string>> {
  const { Rules = [] } = await balancer.send(
    new elb.DescribeRulesCommand({ ListenerArn: await listenerArn(port) }),
  )
  return Object.fromEntries(
    Rules.map(({ Priority = '', Actions, Conditions }) => {
      const { TargetGroups = [], TargetGroupStickinessConfig: sticky } = Actions?.[0]?.ForwardConfig ?? {}
      const groups = TargetGroups.map(
        ({ TargetGroupArn, Weight }) => `${TargetGroupArn?.split('/')[1]} ${Weight}`,
      )
      const path = Conditions?.[0]?.PathPatternConfig?.Values?.[0] ?? ''
      return [
        Priority,
        `${groups.join(', ')}${sticky?.Enabled ? ` for ${sticky.DurationSeconds} s` : ''} ${path}`.trim(),
      ]
    }),
  )
}

const live = {
  10: 'blue 100, green 0 for 600 s /sticky/*',
  30: 'other 1 /other',
  default: 'blue 100, green 0',
}

// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html#deployment-steps-what-happens
test('a hook that fails on the test listener goes back: production never moved, every rule is as it was', async () => {
  const failed = await deploy([{ AfterAllowTestTraffic: 'refuses' }])
  assert.equal(failed.errorInformation?.code, 'HOOK_EXECUTION_FAILURE')
  assert.deepEqual(await forwards(80), { ...live, 20: 'blue 100, green 0 /single' })
  assert.deepEqual(await forwards(8080), { default: 'blue 100, green 0' })
  const ask = new sdk.GetDeploymentTargetCommand({ deploymentId: failed.deploymentId, targetId: 'main:app' })
  const failedEvent = async () =>
    (await client.send(ask)).deploymentTarget?.ecsTarget?.lifecycleEvents?.find(
      ({ status }) => status === 'Failed',
    )
  // The function ends after it has answered, and has its log then.
  await until(async () => (await failedEvent())?.diagnostics?.logTail !== undefined)
  const event = await failedEvent()
  assert.equal(event?.lifecycleEventName, 'AfterAllowTestTraffic')
  assert.equal(event?.diagnostics?.scriptName, 'refuses')
  assert.match(event?.diagnostics?.logTail ?? '', new RegExp(`asked for ${failed.deploymentId}`))
})

// https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html#reference-appspec-file-structure-hooks-section-structure-ecs-sample-function
test('functions as Terraform packages them answer through the SDK of their runtime or through HTTP', async () => {
  const done = await deploy([
    { BeforeInstall: 'sdk' },
    { AfterAllowTestTraffic: 'http' },
    { AfterAllowTraffic: 'sdk' },
  ])
  assert.equal(done.status, 'Succeeded', done.errorInformation?.message)
})

// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html#deployment-steps-prerequisites-ecs
test('rewrites every rule of the listener that forwards to the pair, its default too; keeps conditions, stickiness and the rules of others', async () => {
  assert.deepEqual(await forwards(80), {
    10: 'blue 0, green 100 for 600 s /sticky/*',
    20: 'blue 0, green 100 /single',
    30: 'other 1 /other',
    default: 'blue 0, green 100',
  })
  assert.deepEqual(await forwards(8080), { default: 'blue 0, green 100' })
})

// https://docs.aws.amazon.com/codedeploy/latest/userguide/monitoring-sns-event-notifications-create-trigger.html
test('the notices of a group’s triggers are in the inbox of their topic', async () => {
  const response = await fetch(new URL('/_baton/notices?topic=deployments', here.emulator.endpoints.api), {
    headers: { authorization: `Bearer ${here.emulator.controlToken}` },
  })
  const notices = JSON.stringify(await response.json())
  for (const expected of ['DeploymentFailure: AWS CodeDeploy', 'DeploymentRollback: ', 'DeploymentSuccess: '])
    assert.ok(notices.includes(expected), expected)
})

// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_UpdateDeploymentGroup.html
test('Terraform changes a group in place, and replaces it for another application only', async () => {
  const settings = here.of(group)
  const change = async (changes: Record<string, unknown>) => {
    const before = { ...settings }
    Object.assign(settings, changes)
    const planned = (await here.plan()).filter((line) => line.includes('codedeploy'))
    Object.assign(settings, before)
    for (const key of Object.keys(changes)) if (!(key in before)) delete settings[key]
    return planned
  }
  const inPlace = [`update ${group}`]
  for (const changes of [
    { deployment_config_name: 'CodeDeployDefault.ECSCanary10Percent5Minutes' },
    { deployment_group_name: 'renamed' },
    { auto_rollback_configuration: { enabled: false } },
    { alarm_configuration: { enabled: true, alarms: ['errors'] } },
    { trigger_configuration: [] },
    { tags: { stage: 'live' } },
  ])
    assert.deepEqual(await change(changes), inPlace, JSON.stringify(changes))
  assert.deepEqual(await change({ app_name: 'another' }), [`replace ${group} (app_name)`])
})

test('a rollback whose listener was deleted leaves ECS as it was, too', async () => {
  const forAnHour = { action: 'TERMINATE', terminationWaitTimeInMinutes: 60 } as const
  await client.send(
    new sdk.UpdateDeploymentGroupCommand({
      applicationName: 'app',
      currentDeploymentGroupName: 'app',
      blueGreenDeploymentConfiguration: { terminateBlueInstancesOnDeploymentSuccess: forAnHour },
    }),
  )
  const deploymentId = await begin()
  const info = async () => (await client.send(new sdk.GetDeploymentCommand({ deploymentId }))).deploymentInfo
  await until(async () => (await info())?.instanceTerminationWaitTimeStarted === true)
  await balancer.send(new elb.DeleteListenerCommand({ ListenerArn: await listenerArn(80) }))
  await client.send(new sdk.StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true }))
  const { rollbackInfo } = await ended(deploymentId)
  const rollback = await ended(rollbackInfo?.rollbackDeploymentId)
  assert.deepEqual(
    [rollback.status, rollback.errorInformation?.code],
    ['Failed', 'ELASTIC_LOAD_BALANCING_INVALID'],
  )
  const ecs = new ECSClient(here.settings)
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'main', services: ['app'] }))
  ecs.destroy()
  const primary = services?.[0]?.taskSets?.find(({ status }) => status === 'PRIMARY')
  assert.equal(primary?.externalId, deploymentId, 'the tasks that have the traffic')
})

test('deleting the service takes its deployment along, with INVALID_ECS_SERVICE, and Terraform destroys the rest', async () => {
  const ecs = new ECSClient(here.settings)
  await ecs.send(new DeleteServiceCommand({ cluster: 'main', service: 'app', force: true }))
  const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'main', services: ['app'] }))
  assert.notEqual(services?.[0]?.status, 'ACTIVE')
  ecs.destroy()
  assert.equal((await deploy([])).errorInformation?.code, 'INVALID_ECS_SERVICE')
  await here.destroy()
  await assert.rejects(client.send(new sdk.GetApplicationCommand({ applicationName: 'app' })), {
    name: 'ApplicationDoesNotExistException',
  })
})
