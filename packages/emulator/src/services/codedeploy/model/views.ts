/** How applications, groups, configurations and deployments look on the wire. */
import type {
  ApplicationInfo,
  BlueGreenDeploymentConfiguration,
  DeploymentConfigInfo,
  DeploymentGroupInfo,
  DeploymentInfo,
  DeploymentTarget,
  ECSTaskSet,
  LastDeploymentInfo,
} from '@aws-sdk/client-codedeploy'
import type { Ecs } from '../../ecs/contract.ts'
import {
  type Application,
  type Configuration,
  type Deployment,
  type Group,
  type TaskSetPlacement,
  targetIdOf,
  targetStatusOf,
} from './model.ts'

const date = (at: number | undefined) => (at === undefined ? undefined : new Date(at))

export const applicationInfo = (application: Application): ApplicationInfo => ({
  applicationId: application.id,
  applicationName: application.name,
  createTime: date(application.createdAt),
  linkedToGitHub: false,
  computePlatform: 'ECS',
})

export const configurationInfo = (configuration: Configuration): DeploymentConfigInfo => ({
  deploymentConfigId: configuration.id,
  deploymentConfigName: configuration.name,
  createTime: date(configuration.createdAt),
  computePlatform: 'ECS',
  trafficRoutingConfig: configuration.routing,
})

/** With the waits that a group does not name: `aws ecs deploy` reads them. */
function blueGreenOf({
  blueGreenDeploymentConfiguration: configuration,
}: Group): BlueGreenDeploymentConfiguration {
  return {
    ...configuration,
    terminateBlueInstancesOnDeploymentSuccess: {
      action: 'TERMINATE',
      terminationWaitTimeInMinutes: 0,
      ...configuration?.terminateBlueInstancesOnDeploymentSuccess,
    },
    deploymentReadyOption: {
      actionOnTimeout: 'CONTINUE_DEPLOYMENT',
      waitTimeInMinutes: 0,
      ...configuration?.deploymentReadyOption,
    },
  }
}

/** `deployments` are those of the group, oldest first. */
export function groupInfo(group: Group, deployments: readonly Deployment[]): DeploymentGroupInfo {
  const last = (deployment: Deployment | undefined): LastDeploymentInfo | undefined =>
    deployment && {
      deploymentId: deployment.id,
      status: deployment.status,
      createTime: date(deployment.createdAt),
      endTime: date(deployment.completedAt),
    }
  const succeeded = deployments.findLast((deployment) => deployment.status === 'Succeeded')
  return {
    ...group,
    blueGreenDeploymentConfiguration: blueGreenOf(group),
    targetRevision: succeeded?.revision,
    lastSuccessfulDeployment: last(succeeded),
    lastAttemptedDeployment: last(deployments.at(-1)),
  }
}

export function deploymentInfo(deployment: Deployment, group: Group | undefined): DeploymentInfo {
  const status = targetStatusOf(deployment)
  const count = (one: string) => (status === one ? 1 : 0)
  return {
    applicationName: deployment.applicationName,
    deploymentGroupName: deployment.deploymentGroupName,
    deploymentConfigName: deployment.deploymentConfigName,
    deploymentId: deployment.id,
    previousRevision: deployment.previousRevision,
    revision: deployment.revision,
    status: deployment.status,
    errorInformation: deployment.error,
    createTime: date(deployment.createdAt),
    startTime: date(deployment.startedAt),
    completeTime: date(deployment.completedAt),
    deploymentOverview: {
      Pending: count('Pending'),
      InProgress: count('InProgress'),
      Succeeded: count('Succeeded'),
      Failed: count('Failed'),
      Skipped: 0,
      Ready: count('Ready'),
    },
    description: deployment.description,
    creator: deployment.creator,
    ignoreApplicationStopFailures: false,
    autoRollbackConfiguration: deployment.plan.autoRollback,
    updateOutdatedInstancesOnly: false,
    rollbackInfo: deployment.rollback && {
      rollbackDeploymentId: deployment.rollback.deploymentId,
      rollbackTriggeringDeploymentId: deployment.rollback.triggeringDeploymentId,
      rollbackMessage: deployment.rollback.message,
    },
    deploymentStyle: { deploymentType: 'BLUE_GREEN', deploymentOption: 'WITH_TRAFFIC_CONTROL' },
    instanceTerminationWaitTimeStarted: deployment.terminationDeadline !== undefined,
    blueGreenDeploymentConfiguration: group && blueGreenOf(group),
    loadBalancerInfo: group?.loadBalancerInfo,
    fileExistsBehavior: 'DISALLOW',
    deploymentStatusMessages: [],
    computePlatform: 'ECS',
    overrideAlarmConfiguration: deployment.overrideAlarmConfiguration,
  }
}

export function ecsTarget(deployment: Deployment, ecs: Ecs, targetArn: string): DeploymentTarget {
  const { original, replacement, replacementWeight } = deployment
  const placements = [
    original && taskSetInfo(deployment, ecs, original, 'Blue', 100 - replacementWeight),
    replacement && taskSetInfo(deployment, ecs, replacement, 'Green', replacementWeight),
  ]
  return {
    deploymentTargetType: 'ECSTarget',
    ecsTarget: {
      deploymentId: deployment.id,
      targetId: targetIdOf(deployment),
      targetArn,
      lastUpdatedAt: date(deployment.updatedAt),
      lifecycleEvents: deployment.events.map((event) => ({
        lifecycleEventName: event.name,
        status: event.status,
        startTime: date(event.startedAt),
        endTime: date(event.endedAt),
        ...(event.status === 'Failed' && event.message !== undefined
          ? {
              diagnostics: {
                errorCode: event.errorCode ?? ('UnknownError' as const),
                message: event.message,
                scriptName: event.hook?.functionName,
                logTail: event.logTail,
              },
            }
          : {}),
      })),
      status: targetStatusOf(deployment),
      taskSetsInfo: placements.filter((placement) => placement !== undefined),
    },
  }
}

/** `identifer` is how AWS spells it on the wire. A task set that was deleted is shown as drained. */
function taskSetInfo(
  { plan }: Deployment,
  ecs: Ecs,
  placement: TaskSetPlacement,
  label: 'Blue' | 'Green',
  weight: number,
): ECSTaskSet {
  const taskSet = ecs.taskSet(plan.clusterName, plan.serviceName, placement.taskSetId)
  return {
    identifer: placement.taskSetId,
    desiredCount: taskSet?.desiredCount ?? 0,
    pendingCount: taskSet?.pendingCount ?? 0,
    runningCount: taskSet?.runningCount ?? 0,
    status: taskSet?.status ?? 'DRAINING',
    trafficWeight: weight,
    targetGroup: { name: placement.targetGroupName },
    taskSetLabel: label,
  }
}
