/** The API's operations on the deployments and revisions of services under the rolling controller. */
import type * as sdk from '@aws-sdk/client-ecs'
import { AwsError } from '../../../aws-error.ts'
import type { Operations } from '../../../protocol/operations.ts'
import { emptyList, invalidParameter, tooMany } from '../model/errors.ts'
import { circuitBreakerThreshold } from '../model/model.ts'
import { missing, page } from '../model/paging.ts'
import type { ServiceDeploymentRecord, ServiceRevisionRecord } from '../model/service-deployments.ts'
import { type EcsState, taskCounts } from '../model/state.ts'
import type { ServiceControl } from './control.ts'
import { alarmsView, networkView } from './views.ts'

export function serviceDeploymentOperations(state: EcsState, control: Pick<ServiceControl, 'rollBackTo'>) {
  const { serviceDeployments, serviceRevisions } = state
  return {
    ListServiceDeployments: (input) => {
      const service = state.service(state.cluster(input.cluster).name, input.service)
      const { before, after } = input.createdAt ?? {}
      const selected = state
        .deploymentsOf(service)
        .filter(({ status }) => !input.status?.length || input.status.includes(status))
        .filter(({ createdAt }) => after === undefined || createdAt >= after.getTime())
        .filter(({ createdAt }) => before === undefined || createdAt <= before.getTime())
      const { items, nextToken } = page(selected, input, { byDefault: 20 })
      return { serviceDeployments: items.map((deployment) => briefView(state, deployment)), nextToken }
    },
    DescribeServiceDeployments: (input) => {
      const requested = input.serviceDeploymentArns ?? []
      if (requested.length === 0) throw emptyList('Service deployment ARNs')
      if (requested.length > 20) throw tooMany('service deployment ARNs', 20)
      return {
        serviceDeployments: requested.flatMap((arn) => {
          const deployment = serviceDeployments.get(arn)
          return deployment ? [deploymentView(state, deployment)] : []
        }),
        failures: requested.filter((arn) => !serviceDeployments.has(arn)).map(missing),
      }
    },
    DescribeServiceRevisions: (input) => {
      const requested = input.serviceRevisionArns ?? []
      if (requested.length === 0) throw emptyList('Service revision ARNs')
      if (requested.length > 20) throw tooMany('service revision ARNs', 20)
      return {
        serviceRevisions: requested.flatMap((arn) => {
          const revision = serviceRevisions.get(arn)
          return revision ? [revisionView(state, revision)] : []
        }),
        failures: requested.filter((arn) => !serviceRevisions.has(arn)).map(missing),
      }
    },
    // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stop-service-deployment.html
    StopServiceDeployment: (input) => {
      const deployment = serviceDeployments.get(input.serviceDeploymentArn ?? '')
      if (!deployment) throw deploymentNotFound()
      if ((input.stopType ?? 'ROLLBACK') !== 'ROLLBACK')
        throw invalidParameter('The only valid stop type is ROLLBACK.')
      // The rollback has started already.
      if (deployment.status.startsWith('ROLLBACK_') && deployment.finishedAt === undefined)
        return { serviceDeploymentArn: deployment.arn }
      const source = serviceRevisions.get(deployment.sourceRevisionArns[0] ?? '')
      if (deployment.status !== 'IN_PROGRESS' || !source)
        throw new AwsError(
          'ConflictException',
          'The service deployment cannot be stopped in its current state.',
        )
      const service = state.service(deployment.clusterName, deployment.serviceName)
      control.rollBackTo(deployment, service, source.service, 'Service deployment rolled back on request.')
      return { serviceDeploymentArn: deployment.arn }
    },
  } satisfies Operations<typeof sdk>
}

const deploymentNotFound = () =>
  new AwsError('ServiceDeploymentNotFoundException', 'Service deployment not found.')

const date = (ms: number | undefined) => (ms === undefined ? undefined : new Date(ms))

function briefView(state: EcsState, deployment: ServiceDeploymentRecord): sdk.ServiceDeploymentBrief {
  return {
    serviceDeploymentArn: deployment.arn,
    serviceArn: deployment.serviceArn,
    clusterArn: state.arn(`cluster/${deployment.clusterName}`),
    createdAt: date(deployment.createdAt),
    startedAt: date(deployment.createdAt),
    finishedAt: date(deployment.finishedAt),
    targetServiceRevisionArn: deployment.targetRevisionArn,
    status: deployment.status,
    statusReason: deployment.statusReason,
  }
}

function deploymentView(state: EcsState, deployment: ServiceDeploymentRecord): sdk.ServiceDeployment {
  const { targetServiceRevisionArn: _, ...brief } = briefView(state, deployment)
  const revision = state.serviceRevisions.get(deployment.targetRevisionArn)
  const service = revision?.service
  const circuitBreaker = service?.circuitBreaker
  const monitoring = deployment.finishedAt === undefined ? 'MONITORING' : 'MONITORING_COMPLETE'
  return {
    ...brief,
    stoppedAt: date(deployment.stoppedAt),
    updatedAt: date(deployment.updatedAt),
    sourceServiceRevisions: deployment.sourceRevisionArns.map((arn) => summary(state, arn)),
    targetServiceRevision: summary(state, deployment.targetRevisionArn),
    deploymentConfiguration: {
      deploymentCircuitBreaker: circuitBreaker,
      ...(service?.alarms ? { alarms: alarmsView(service.alarms) } : {}),
      maximumPercent: service?.maximumPercent,
      minimumHealthyPercent: service?.minimumHealthyPercent,
      strategy: 'ROLLING',
    },
    rollback: deployment.rollback && {
      reason: deployment.rollback.reason,
      startedAt: date(deployment.rollback.startedAt),
      serviceRevisionArn: deployment.rollback.serviceRevisionArn,
    },
    deploymentCircuitBreaker: {
      status: !circuitBreaker?.enable
        ? 'DISABLED'
        : /circuit breaker/.test(deployment.statusReason ?? '')
          ? 'TRIGGERED'
          : monitoring,
      failureCount: deployment.failedTasks,
      threshold: circuitBreaker?.enable
        ? circuitBreakerThreshold(service?.desiredCount ?? 0, circuitBreaker.thresholdConfiguration)
        : 0,
    },
    alarms: {
      status: !deployment.alarms
        ? 'DISABLED'
        : deployment.alarms.triggered.length > 0
          ? 'TRIGGERED'
          : monitoring,
      alarmNames: [...(deployment.alarms?.names ?? [])],
      triggeredAlarmNames: [...(deployment.alarms?.triggered ?? [])],
    },
  }
}

function summary(state: EcsState, arn: string): sdk.ServiceRevisionSummary {
  const revision = state.serviceRevisions.get(arn)
  const taskSet = state.taskSets.get(revision?.taskSetId ?? '')
  const service = state.serviceOf(taskSet)
  const counts = taskSet ? taskCounts(state, taskSet) : { runningCount: 0, pendingCount: 0 }
  return {
    arn,
    requestedTaskCount: taskSet?.status === 'PRIMARY' ? (service?.desiredCount ?? 0) : 0,
    runningTaskCount: counts.runningCount,
    pendingTaskCount: counts.pendingCount,
  }
}

function revisionView(
  state: EcsState,
  { arn, createdAt, service }: ServiceRevisionRecord,
): sdk.ServiceRevision {
  const containers = state.findTaskDefinition(service.taskDefinitionArn)?.input.containerDefinitions ?? []
  return {
    serviceRevisionArn: arn,
    serviceArn: service.arn,
    clusterArn: state.arn(`cluster/${service.clusterName}`),
    taskDefinition: service.taskDefinitionArn,
    capacityProviderStrategy: service.capacityProviderStrategy.map((item) => ({ ...item })),
    launchType: service.launchType as 'FARGATE' | undefined,
    platformVersion: service.platformVersion,
    platformFamily: 'Linux',
    loadBalancers: service.loadBalancers.map((each) => ({ ...each })),
    serviceRegistries: [],
    networkConfiguration: networkView(service.network),
    containerImages: containers.map(({ name, image }) => ({ containerName: name, image })),
    guardDutyEnabled: false,
    createdAt: new Date(createdAt),
  }
}
