/**
 * A service: the template of its tasks, which Terraform owns, and the ECS service, whose task definition, load
 * balancer and count belong to the releases. A release copies the template's newest revision into the family
 * that runs; so a plan after a release is empty, and a changed template reaches production by the next deploy.
 */
import { type Service, serviceName, templateFamily } from '@baton/config'
import type { DataAwsEcrRepository } from '@cdktn/provider-aws/lib/data-aws-ecr-repository/index.js'
import type { EcsCluster } from '@cdktn/provider-aws/lib/ecs-cluster/index.js'
import { EcsService } from '@cdktn/provider-aws/lib/ecs-service/index.js'
import { EcsTaskDefinition } from '@cdktn/provider-aws/lib/ecs-task-definition/index.js'
import type { IamRole } from '@cdktn/provider-aws/lib/iam-role/index.js'
import type { SecurityGroup } from '@cdktn/provider-aws/lib/security-group/index.js'
import { Construct } from 'constructs'
import type { Database } from '../database/database.ts'
import { databaseOf, trafficOf } from '../described.ts'
import { type Logs, logFileActions } from '../monitoring/logs.ts'
import type { Network } from '../network/network.ts'
import { executionRole, role } from '../security/roles.ts'
import { literal } from '../terraform/literal.ts'
import type { BatonStack } from '../terraform/stack.ts'
import { containerDefinition, logVolume, runtimePlatform } from './container.ts'
import { serviceSecrets } from './service-secrets.ts'
import type { ServiceTraffic } from './service-traffic.ts'

export interface ServiceParts {
  readonly cluster: EcsCluster
  readonly repository: DataAwsEcrRepository
  readonly network: Network
  readonly securityGroup: SecurityGroup
  readonly traffic: ServiceTraffic
  readonly database: Database
  readonly logs: Logs
}

export interface DescribedService {
  readonly ecsService: EcsService
  /** ARN of the role that its tasks have. */
  readonly taskRoleArn: string
}

export function service(stack: BatonStack, service: Service, parts: ServiceParts): DescribedService {
  const scope = new Construct(stack, `service-${service.name}`)
  const task = taskRole(stack, service, parts.logs)
  const template = taskTemplate(stack, scope, service, parts, task)
  const ecsService = new EcsService(scope, service.name, {
    name: serviceName(stack.platform, service.name),
    cluster: parts.cluster.id,
    taskDefinition: template.arn,
    launchType: 'FARGATE',
    platformVersion: 'LATEST',
    // The first release starts its tasks: there is no image yet.
    desiredCount: 0,
    deploymentController: { type: 'CODE_DEPLOY' },
    healthCheckGracePeriodSeconds: trafficOf(service).health.gracePeriodSeconds,
    enableExecuteCommand: service.exec,
    enableEcsManagedTags: true,
    propagateTags: 'SERVICE',
    networkConfiguration: {
      subnets: parts.network.taskSubnets.map(({ id }) => id),
      securityGroups: [parts.securityGroup.id],
      assignPublicIp: parts.network.assignPublicIp,
    },
    loadBalancer: [
      {
        targetGroupArn: parts.traffic.blue.arn,
        containerName: service.name,
        containerPort: trafficOf(service).port,
      },
    ],
    // Owned by the deployments: an apply must never undo a release.
    lifecycle: { ignoreChanges: ['task_definition', 'load_balancer', 'desired_count'] },
    // A target group must be attached to a listener before a service may use it.
    dependsOn: [...parts.traffic.rules, ...parts.network.egress, ...parts.logs.mountTargets],
  })
  return { ecsService, taskRoleArn: task.arn }
}

const taskRole = (stack: BatonStack, { name, exec }: Service, logs: Logs): IamRole =>
  role(stack, {
    id: `${name}_task`,
    part: `${name}-task`,
    service: 'ecs-tasks.amazonaws.com',
    description: `What ${name} itself may do`,
    statements: [
      {
        Sid: 'LogFiles',
        Action: logFileActions,
        Resource: logs.fileSystem.arn,
        Condition: {
          StringEquals: { 'elasticfilesystem:AccessPointArn': required(logs.accessPoints, name).arn },
        },
      },
      ...(exec ? [execStatement] : []),
    ],
  })

function taskTemplate(
  stack: BatonStack,
  scope: Construct,
  service: Service,
  parts: ServiceParts,
  task: IamRole,
) {
  const { platform } = stack
  const { name } = service
  const databaseSecret = required(parts.database.secrets, name)
  const ownSecrets = serviceSecrets(stack, service)
  const logGroup = required(parts.logs.groups, name)
  const accessPoint = required(parts.logs.accessPoints, name)
  const execution = executionRole(stack, {
    name,
    repositoryArn: parts.repository.arn,
    logGroupArn: logGroup.arn,
    secretArns: [databaseSecret, ...ownSecrets.values()],
  })
  return new EcsTaskDefinition(new Construct(scope, 'template'), name, {
    family: templateFamily(platform, name),
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    cpu: String(service.cpu),
    memory: String(service.memoryMiB),
    runtimePlatform: runtimePlatform(service.architecture),
    executionRoleArn: execution.arn,
    taskRoleArn: task.arn,
    volume: [logVolume(parts.logs.fileSystem.id, accessPoint.id)],
    containerDefinitions: containerDefinition({
      name,
      repositoryUrl: parts.repository.repositoryUrl,
      region: platform.region,
      logGroup: logGroup.name,
      logFiles: true,
      port: trafficOf(service).port,
      stopTimeoutSeconds: service.stopTimeoutSeconds,
      readonlyRootFilesystem: service.containers[0].readonlyRootFilesystem,
      environment: {
        PORT: String(trafficOf(service).port),
        PGHOST: parts.database.instance.address,
        PGPORT: '5432',
        PGDATABASE: databaseOf(platform).name,
        PGSSLMODE: 'verify-full',
        ...Object.fromEntries(
          Object.entries(service.containers[0].environment).map(([name, value]) => [
            name,
            literal(String(value)),
          ]),
        ),
      },
      secrets: {
        PGUSER: `${databaseSecret}:username::`,
        PGPASSWORD: `${databaseSecret}:password::`,
        ...Object.fromEntries(ownSecrets),
      },
    }),
  })
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

function required<T>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(name)
  if (value === undefined) throw new Error(`invariant: every service has one, ${name} too`)
  return value
}
