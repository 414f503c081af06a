/**
 * A service: the template of its tasks, which Terraform owns, and the ECS service, whose task definition, load
 * balancer and count belong to the releases. A release copies the template's newest revision into the family
 * that runs; so a plan after a release is empty, and a changed template reaches production by the next deploy.
 *
 * CodeDeploy needs a load balancer: a worker is released by ECS's own rolling update, which its circuit breaker and its
 * alarms stop and roll back.
 */
import { type Service, serviceName } from '@baton/config'
import type { CloudwatchMetricAlarm } from '@cdktn/provider-aws/lib/cloudwatch-metric-alarm/index.js'
import type { EcsCluster } from '@cdktn/provider-aws/lib/ecs-cluster/index.js'
import { EcsService, type EcsServiceConfig } from '@cdktn/provider-aws/lib/ecs-service/index.js'
import type { SecurityGroup } from '@cdktn/provider-aws/lib/security-group/index.js'
import { Construct } from 'constructs'
import type { Network } from '../network/network.ts'
import type { BatonStack } from '../terraform/stack.ts'
import { ownerSecrets } from './service-secrets.ts'
import type { ServiceTraffic } from './service-traffic.ts'
import { type TaskParts, taskTemplate } from './task-template.ts'

export interface ServiceParts extends TaskParts {
  readonly cluster: EcsCluster
  readonly network: Network
  readonly securityGroup: SecurityGroup
  /** How it is called; undefined for a worker. */
  readonly traffic?: ServiceTraffic
  /** Alarms that stop the rolling update of a worker. */
  readonly alarms: readonly CloudwatchMetricAlarm[]
}

export interface DescribedService {
  readonly ecsService: EcsService
  /** ARN of the role that its tasks have. */
  readonly taskRoleArn: string
  /** ARN of each of its secrets by name. */
  readonly secrets: ReadonlyMap<string, string>
}

export function service(stack: BatonStack, service: Service, parts: ServiceParts): DescribedService {
  const { name } = service
  const scope = new Construct(stack, `service-${name}`)
  const secrets = ownerSecrets(stack, name)
  const template = taskTemplate(
    stack,
    new Construct(scope, 'template'),
    {
      name,
      id: name,
      size: service,
      stopTimeoutSeconds: service.stopTimeoutSeconds,
      containers: service.containers,
      ...(service.traffic === undefined ? {} : { traffic: service.traffic.container }),
      statements: service.exec ? [execStatement] : [],
      ...(service.database ? { databaseUser: name } : {}),
      secrets,
    },
    parts,
  )
  const ecsService = new EcsService(scope, name, {
    name: serviceName(stack.platform, name),
    cluster: parts.cluster.id,
    taskDefinition: template.definition.arn,
    launchType: 'FARGATE',
    platformVersion: 'LATEST',
    // The first release starts its tasks: there is no image yet.
    desiredCount: 0,
    ...deployments(service, parts),
    enableExecuteCommand: service.exec,
    enableEcsManagedTags: true,
    propagateTags: 'SERVICE',
    networkConfiguration: {
      subnets: parts.network.taskSubnets.map(({ id }) => id),
      securityGroups: [parts.securityGroup.id],
      assignPublicIp: parts.network.assignPublicIp,
    },
    // A target group must be attached to a listener before a service may use it.
    dependsOn: [...(parts.traffic?.rules ?? []), ...parts.network.egress, ...parts.logs.mountTargets],
  })
  return { ecsService, taskRoleArn: template.taskRole.arn, secrets }
}

/** Who moves the service to another revision, and what an apply leaves to it: an apply must never undo a release. */
function deployments({ name, traffic }: Service, parts: ServiceParts): Partial<EcsServiceConfig> {
  if (traffic !== undefined && parts.traffic !== undefined) {
    const { container, port, health } = traffic
    return {
      deploymentController: { type: 'CODE_DEPLOY' },
      healthCheckGracePeriodSeconds: health.gracePeriodSeconds,
      loadBalancer: [
        { targetGroupArn: parts.traffic.blue.arn, containerName: container, containerPort: port },
      ],
      lifecycle: { ignoreChanges: ['task_definition', 'load_balancer', 'desired_count'] },
    }
  }
  if (parts.alarms.length === 0) throw new Error(`invariant: the worker ${name} has an alarm`)
  return {
    deploymentController: { type: 'ECS' },
    deploymentMinimumHealthyPercent: 100,
    deploymentMaximumPercent: 200,
    deploymentCircuitBreaker: { enable: true, rollback: true },
    alarms: { enable: true, rollback: true, alarmNames: parts.alarms.map(({ alarmName }) => alarmName) },
    lifecycle: { ignoreChanges: ['task_definition', 'desired_count'] },
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html */
const execStatement = {
  Sid: 'Exec',
  Action: [
    'ssmmessages:CreateControlChannel',
    'ssmmessages:CreateDataChannel',
    'ssmmessages:OpenControlChannel',
    'ssmmessages:OpenDataChannel',
  ],
  Resource: '*',
}
