/**
 * What a deployment group for ECS must look like, and how a deployment reads it.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-groups-create-ecs.html
 */
import type { AlarmConfiguration, AutoRollbackConfiguration } from '@aws-sdk/client-codedeploy'
import type { Ecs } from '../../ecs/contract.ts'
import * as errors from './errors.ts'
import type { Configuration, Group, Plan } from './model.ts'

const maximumReadyWaitMinutes = 120 * 60
const maximumTerminationWaitMinutes = 2_880
const maximumAlarms = 10
const maximumTriggers = 10
const rollbackEvents = ['DEPLOYMENT_FAILURE', 'DEPLOYMENT_STOP_ON_ALARM', 'DEPLOYMENT_STOP_ON_REQUEST']

export interface GroupServices {
  readonly ecs: Pick<Ecs, 'describeService'>
}

/** Refuses a group that CodeDeploy refuses. */
export function checkGroup(group: Group, { ecs }: GroupServices, others: readonly Group[]): void {
  if (!group.serviceRoleArn) throw errors.roleRequired()
  const { deploymentType, deploymentOption } = group.deploymentStyle ?? {}
  if (deploymentType !== 'BLUE_GREEN' || deploymentOption !== 'WITH_TRAFFIC_CONTROL') {
    throw errors.invalidDeploymentStyle(
      'For ECS deployment group, deployment style must be BLUE_GREEN with WITH_TRAFFIC_CONTROL',
    )
  }
  checkService(group, ecs, others)
  checkBlueGreen(group)
  checkLoadBalancer(group)
  checkAlarms(group.alarmConfiguration)
  checkAutoRollback(group.autoRollbackConfiguration)
  checkTriggers(group.triggerConfigurations)
}

function checkService(group: Group, ecs: GroupServices['ecs'], others: readonly Group[]): void {
  const [service, ...more] = group.ecsServices ?? []
  if (!service?.clusterName || !service.serviceName || more.length > 0) {
    throw errors.invalidEcsService('For ECS deployment group, exactly one ECSService must be specified')
  }
  const found = ecs.describeService(service.clusterName, service.serviceName)
  if (found === undefined)
    throw errors.invalidEcsService(`The ECS service ${service.serviceName} cannot be found`)
  if (found.deploymentController !== 'CODE_DEPLOY') {
    throw errors.invalidEcsService(
      "Deployment group's ECSService must be configured for a CODE_DEPLOY deployment controller",
    )
  }
  const taken = others.some((other) => {
    const of = other.ecsServices?.[0]
    const same = of?.serviceName === service.serviceName && of?.clusterName === service.clusterName
    return same && other.deploymentGroupId !== group.deploymentGroupId
  })
  if (taken) throw errors.ecsServiceMappingLimitExceeded(service.serviceName)
}

function checkBlueGreen({ blueGreenDeploymentConfiguration: configuration }: Group): void {
  if (configuration === undefined)
    throw errors.invalidBlueGreen('A blue/green deployment configuration is required')
  const { terminateBlueInstancesOnDeploymentSuccess: terminate, deploymentReadyOption: ready } = configuration
  if (terminate?.action === 'KEEP_ALIVE') {
    throw errors.invalidBlueGreen('KEEP_ALIVE is not supported for the ECS compute platform')
  }
  const wait = terminate?.terminationWaitTimeInMinutes ?? 0
  if (wait < 0 || wait > maximumTerminationWaitMinutes) {
    throw errors.invalidBlueGreen(
      `The termination wait time must be between 0 and ${maximumTerminationWaitMinutes} minutes`,
    )
  }
  const readyWait = ready?.waitTimeInMinutes ?? 0
  if (ready?.actionOnTimeout === 'STOP_DEPLOYMENT') {
    if (readyWait >= 1 && readyWait <= maximumReadyWaitMinutes) return
    throw errors.invalidBlueGreen(
      `STOP_DEPLOYMENT needs a wait time between 1 and ${maximumReadyWaitMinutes} minutes`,
    )
  }
  if (readyWait > 0) throw errors.invalidBlueGreen('A wait time is only valid together with STOP_DEPLOYMENT')
}

function checkLoadBalancer(group: Group): void {
  const [pair, ...more] = group.loadBalancerInfo?.targetGroupPairInfoList ?? []
  if (pair === undefined || more.length > 0) {
    throw errors.invalidLoadBalancerInfo(
      'For ECS deployment group, exactly one target group pair must be specified',
    )
  }
  const names = (pair.targetGroups ?? []).flatMap(({ name }) => name ?? [])
  if (names.length !== 2 || names[0] === names[1]) {
    throw errors.invalidTargetGroupPair('A target group pair must name two different target groups')
  }
  if (pair.prodTrafficRoute?.listenerArns?.length !== 1) {
    throw errors.invalidTargetGroupPair('A production traffic route must have exactly one listener')
  }
  if ((pair.testTrafficRoute?.listenerArns?.length ?? 0) > 1) {
    throw errors.invalidTargetGroupPair('A test traffic route must have at most one listener')
  }
}

/** The guide and the API's reference disagree about the most; ten is the number that both allow. */
export function checkAlarms(alarms: AlarmConfiguration | undefined): void {
  const count = alarms?.alarms?.length ?? 0
  if (count > maximumAlarms) throw errors.alarmsLimitExceeded()
  if (alarms?.enabled === true && count === 0)
    throw errors.invalidAlarmConfig('Enabled alarms need at least one alarm')
}

export function checkAutoRollback(configuration: AutoRollbackConfiguration | undefined): void {
  const events = configuration?.events ?? []
  if (configuration?.enabled === true && events.length === 0) {
    throw errors.invalidAutoRollback('An enabled automatic rollback needs at least one event')
  }
  const unknown = events.find((event) => !rollbackEvents.includes(event))
  if (unknown !== undefined) throw errors.invalidAutoRollback(`The event ${unknown} is not known`)
}

/** https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html#limits-deployment-groups */
function checkTriggers(triggers: Group['triggerConfigurations']): void {
  if ((triggers?.length ?? 0) > maximumTriggers) throw errors.triggersLimitExceeded()
  for (const { triggerName, triggerTargetArn, triggerEvents = [] } of triggers ?? []) {
    if (!triggerName || !/^arn:[^:]+:sns:/.test(triggerTargetArn ?? '') || triggerEvents.length === 0) {
      throw errors.invalidTrigger('A trigger needs a name, the ARN of an SNS topic and at least one event')
    }
  }
}

/** What a deployment takes over from its group; later changes of the group do not reach it. */
export function planOf(
  group: Group,
  configuration: Configuration,
  overrides: {
    alarms?: AlarmConfiguration | undefined
    autoRollback?: AutoRollbackConfiguration | undefined
  },
): Plan {
  const service = group.ecsServices?.[0]
  const pair = group.loadBalancerInfo?.targetGroupPairInfoList?.[0]
  const { deploymentReadyOption: ready, terminateBlueInstancesOnDeploymentSuccess: terminate } =
    group.blueGreenDeploymentConfiguration ?? {}
  return {
    ...(group.serviceRoleArn === undefined ? {} : { serviceRoleArn: group.serviceRoleArn }),
    clusterName: service?.clusterName ?? '',
    serviceName: service?.serviceName ?? '',
    targetGroupNames: (pair?.targetGroups ?? []).flatMap(({ name }) => name ?? []),
    productionListeners: pair?.prodTrafficRoute?.listenerArns ?? [],
    testListeners: pair?.testTrafficRoute?.listenerArns ?? [],
    alarms: overrides.alarms ?? group.alarmConfiguration ?? { enabled: false },
    autoRollback: overrides.autoRollback ?? group.autoRollbackConfiguration ?? { enabled: false },
    readyWaitMinutes: ready?.waitTimeInMinutes ?? 0,
    stopWhenUnattended: ready?.actionOnTimeout === 'STOP_DEPLOYMENT',
    terminationWaitMinutes: terminate?.terminationWaitTimeInMinutes ?? 0,
    routing: configuration.routing,
    triggers: group.triggerConfigurations ?? [],
  }
}
