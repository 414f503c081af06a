/**
 * The template of a task, of a service or a job: the roles, and the task definition in a family of its own, which
 * Terraform owns. A release copies its newest revision into the family that runs.
 */
import { type Container, type TaskSize, templateFamily } from '@baton/config'
import type { DataAwsEcrRepository } from '@cdktn/provider-aws/lib/data-aws-ecr-repository/index.js'
import { EcsTaskDefinition } from '@cdktn/provider-aws/lib/ecs-task-definition/index.js'
import type { IamRole } from '@cdktn/provider-aws/lib/iam-role/index.js'
import type { Construct } from 'constructs'
import type { Database } from '../database/database.ts'
import { type Logs, logFileActions } from '../monitoring/logs.ts'
import type { Statement } from '../security/policy.ts'
import { executionRole, role } from '../security/roles.ts'
import type { BatonStack } from '../terraform/stack.ts'
import { containerDefinitions, logVolume, taskSize } from './container.ts'
import { containerVariables, type Known } from './container-environment.ts'

export interface TaskSpec {
  /** What its roles, its logs and its family are named after: `admin`, `job-nightly`. */
  readonly name: string
  /** Id of its resources. */
  readonly id: string
  readonly size: TaskSize
  readonly stopTimeoutSeconds: number
  /** The main container is the first. */
  readonly containers: readonly Container[]
  /** Name of the container that takes the traffic. */
  readonly traffic?: string
  /** Statements of its role besides that for log files. */
  readonly statements: readonly Statement[]
  /** Whose database user it is, where it has one. */
  readonly databaseUser?: string
  readonly secrets: ReadonlyMap<string, string>
}

export interface TaskParts {
  /** Repository of each container's image by the container's name. */
  readonly repositories: ReadonlyMap<string, DataAwsEcrRepository>
  readonly database?: Database
  readonly logs: Logs
}

interface TaskTemplate {
  readonly definition: EcsTaskDefinition
  readonly taskRole: IamRole
}

export function taskTemplate(
  stack: BatonStack,
  scope: Construct,
  task: TaskSpec,
  parts: TaskParts,
): TaskTemplate {
  const { platform } = stack
  const { name, id, containers } = task
  const logGroup = required(parts.logs.groups, name)
  const accessPoint = required(parts.logs.accessPoints, name)
  const databaseSecret =
    task.databaseUser === undefined || parts.database === undefined
      ? undefined
      : required(parts.database.secrets, task.databaseUser)
  const known: Known = {
    platform,
    secrets: task.secrets,
    ...(parts.database === undefined ? {} : { database: parts.database }),
    ...(databaseSecret === undefined ? {} : { databaseSecret }),
  }
  const taskRole = role(stack, {
    id: `${id}_task`,
    part: `${name}-task`,
    service: 'ecs-tasks.amazonaws.com',
    description: `What ${name} itself may do`,
    statements: [
      {
        Sid: 'LogFiles',
        Action: logFileActions,
        Resource: parts.logs.fileSystem.arn,
        Condition: { StringEquals: { 'elasticfilesystem:AccessPointArn': accessPoint.arn } },
      },
      ...task.statements,
    ],
  })
  const arns = [...new Set(containers.map((each) => required(parts.repositories, each.name).arn))]
  const execution = executionRole(stack, {
    id,
    name,
    repositoryArns: arns,
    logGroupArn: logGroup.arn,
    secretArns: [
      ...(databaseSecret === undefined ? [] : [databaseSecret]),
      ...[...task.secrets]
        .filter(([secret]) => containers.some((each) => each.secrets.includes(secret)))
        .map(([, arn]) => arn),
    ],
  })
  const definition = new EcsTaskDefinition(scope, id, {
    family: templateFamily(platform, name),
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    ...taskSize(task.size),
    executionRoleArn: execution.arn,
    taskRoleArn: taskRole.arn,
    volume: [logVolume(parts.logs.fileSystem.id, accessPoint.id)],
    containerDefinitions: containerDefinitions(
      containers.map((container, index) => ({
        ...container,
        ...containerVariables(container, index === 0, known),
        repositoryUrl: required(parts.repositories, container.name).repositoryUrl,
        region: platform.region,
        logGroup: logGroup.name,
        stopTimeoutSeconds: task.stopTimeoutSeconds,
        ...(container.name === task.traffic ? { portName: 'http' } : {}),
      })),
    ),
  })
  return { definition, taskRole }
}

function required<T>(map: ReadonlyMap<string, T>, name: string): T {
  const value = map.get(name)
  if (value === undefined) throw new Error(`invariant: ${name} is there`)
  return value
}
