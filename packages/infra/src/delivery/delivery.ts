/**
 * Delivery: a CodeDeploy application, and a deployment group per service that shifts traffic from one target
 * group to the other, watches the alarms and rolls back.
 */
import {
  codedeployApplicationName,
  deploymentConfigName,
  deploymentGroupName,
  type Service,
  type Shift,
} from '@baton/config'
import { CodedeployApp } from '@cdktn/provider-aws/lib/codedeploy-app/index.js'
import { CodedeployDeploymentConfig } from '@cdktn/provider-aws/lib/codedeploy-deployment-config/index.js'
import { CodedeployDeploymentGroup } from '@cdktn/provider-aws/lib/codedeploy-deployment-group/index.js'
import type { EcsCluster } from '@cdktn/provider-aws/lib/ecs-cluster/index.js'
import type { EcsService } from '@cdktn/provider-aws/lib/ecs-service/index.js'
import { Construct } from 'constructs'
import type { LoadBalancer } from '../network/load-balancer.ts'
import type { ServiceAlarms } from '../service/alarms.ts'
import type { ServiceTraffic } from '../service/service-traffic.ts'
import type { BatonStack } from '../terraform/stack.ts'
import { deliveryRole } from './delivery-role.ts'

export interface Delivery {
  readonly application: CodedeployApp
  readonly configName: string
  readonly roleArn: string
}

/** How long an approval may be awaited: CodeDeploy's maximum is two days. */
const approvalMinutes = 1440

export function delivery(stack: BatonStack): Delivery {
  const scope = new Construct(stack, 'delivery')
  const application = new CodedeployApp(scope, 'main', {
    name: codedeployApplicationName(stack.platform),
    computePlatform: 'ECS',
  })
  return { application, configName: shiftConfig(stack, scope), roleArn: deliveryRole(stack).arn }
}

/** https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html */
const predefined: Readonly<Record<string, string>> = {
  allAtOnce: 'CodeDeployDefault.ECSAllAtOnce',
  'canary-10-5': 'CodeDeployDefault.ECSCanary10Percent5Minutes',
  'canary-10-15': 'CodeDeployDefault.ECSCanary10Percent15Minutes',
  'linear-10-1': 'CodeDeployDefault.ECSLinear10PercentEvery1Minutes',
  'linear-10-3': 'CodeDeployDefault.ECSLinear10PercentEvery3Minutes',
}

const shiftKey = (shift: Shift) =>
  shift.kind === 'allAtOnce' ? shift.kind : `${shift.kind}-${shift.percent}-${shift.minutes}`

function shiftConfig(stack: BatonStack, parent: Construct): string {
  const { shift } = stack.platform.delivery
  const ready = predefined[shiftKey(shift)]
  if (ready !== undefined || shift.kind === 'allAtOnce') return ready ?? ''
  const timing = { interval: shift.minutes, percentage: shift.percent }
  return new CodedeployDeploymentConfig(new Construct(parent, 'shift'), 'main', {
    deploymentConfigName: deploymentConfigName(stack.platform, shiftKey(shift)),
    computePlatform: 'ECS',
    trafficRoutingConfig:
      shift.kind === 'canary'
        ? { type: 'TimeBasedCanary', timeBasedCanary: timing }
        : { type: 'TimeBasedLinear', timeBasedLinear: timing },
    // A configuration in use can be neither changed nor deleted.
    lifecycle: { createBeforeDestroy: true },
  }).deploymentConfigName
}

export function deploymentGroup(
  stack: BatonStack,
  service: Service,
  parts: {
    delivery: Delivery
    cluster: EcsCluster
    ecsService: EcsService
    loadBalancer: LoadBalancer
    traffic: ServiceTraffic
    alarms: ServiceAlarms
  },
): CodedeployDeploymentGroup {
  const { delivery } = stack.platform
  return new CodedeployDeploymentGroup(new Construct(stack, `delivery-${service.name}`), service.name, {
    appName: parts.delivery.application.name,
    deploymentGroupName: deploymentGroupName(stack.platform, service.name),
    deploymentConfigName: parts.delivery.configName,
    serviceRoleArn: parts.delivery.roleArn,
    deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
    ecsService: { clusterName: parts.cluster.name, serviceName: parts.ecsService.name },
    blueGreenDeploymentConfig: {
      deploymentReadyOption: delivery.approval
        ? { actionOnTimeout: 'STOP_DEPLOYMENT', waitTimeInMinutes: approvalMinutes }
        : { actionOnTimeout: 'CONTINUE_DEPLOYMENT' },
      terminateBlueInstancesOnDeploymentSuccess: {
        action: 'TERMINATE',
        terminationWaitTimeInMinutes: delivery.terminationWaitMinutes,
      },
    },
    loadBalancerInfo: {
      targetGroupPairInfo: {
        prodTrafficRoute: { listenerArns: [parts.loadBalancer.production.arn] },
        testTrafficRoute: { listenerArns: [parts.loadBalancer.test.arn] },
        targetGroup: [{ name: parts.traffic.blue.name }, { name: parts.traffic.green.name }],
      },
    },
    alarmConfiguration: {
      enabled: true,
      alarms: parts.alarms.deployment.map(({ alarmName }) => alarmName),
      ignorePollAlarmFailure: false,
    },
    autoRollbackConfiguration: {
      enabled: true,
      events: ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST'],
    },
  })
}
