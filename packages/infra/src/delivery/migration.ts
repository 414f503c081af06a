/**
 * The migration: a one-off task before a release, the only one that uses the database's master password. It
 * brings the schema up to date and creates each service's user, whose password it gets as a secret.
 */
import { type Container, migrationTemplateFamily } from '@baton/config'
import type { DataAwsEcrRepository } from '@cdktn/provider-aws/lib/data-aws-ecr-repository/index.js'
import { EcsTaskDefinition } from '@cdktn/provider-aws/lib/ecs-task-definition/index.js'
import { Construct } from 'constructs'
import type { Database } from '../database/database.ts'
import { databaseOf } from '../described.ts'
import type { Logs } from '../monitoring/logs.ts'
import { executionRole, role } from '../security/roles.ts'
import { containerDefinitions, taskSize } from '../service/container.ts'
import { containerVariables } from '../service/container-environment.ts'
import type { BatonStack } from '../terraform/stack.ts'

export const migrationContainer = 'migration'

export function migration(
  stack: BatonStack,
  parts: { database: Database; logs: Logs; repository: DataAwsEcrRepository },
): void {
  const { platform } = stack
  const { migrations } = databaseOf(platform)
  const logGroup = parts.logs.groups.get('migration')
  if (logGroup === undefined) throw new Error('invariant: the migration has a log group')
  const master = parts.database.masterSecretArn
  const users = [...parts.database.secrets].flatMap(([service, arn]) => {
    const suffix = service.replaceAll('-', '_').toUpperCase()
    return [
      [`DB_USER_${suffix}`, `${arn}:username::`],
      [`DB_PASSWORD_${suffix}`, `${arn}:password::`],
    ]
  })
  const execution = executionRole(stack, {
    name: 'migration',
    repositoryArns: [parts.repository.arn],
    logGroupArn: logGroup.arn,
    secretArns: [master, ...parts.database.secrets.values()],
  })
  const task = role(stack, {
    id: 'migration_task',
    part: 'migration-task',
    service: 'ecs-tasks.amazonaws.com',
    description: 'What the migration itself may do: nothing on AWS',
    statements: [],
  })
  const variables = containerVariables(withoutPort(migrations?.environment ?? {}), true, {
    platform,
    database: parts.database,
    databaseSecret: master,
    secrets: new Map(),
  })
  const { LOG_DIR: _none, ...environment } = variables.environment
  new EcsTaskDefinition(new Construct(stack, 'migration'), 'migration', {
    family: migrationTemplateFamily(platform),
    requiresCompatibilities: ['FARGATE'],
    networkMode: 'awsvpc',
    ...taskSize(migrationSize(stack)),
    executionRoleArn: execution.arn,
    taskRoleArn: task.arn,
    containerDefinitions: containerDefinitions([
      {
        ...migrations,
        name: migrationContainer,
        repositoryUrl: parts.repository.repositoryUrl,
        region: platform.region,
        logGroup: logGroup.name,
        logFiles: false,
        stopTimeoutSeconds: 120,
        environment,
        secrets: { ...variables.secrets, ...Object.fromEntries(users) },
      },
    ]),
  })
}

/** A JVM does not start in half of a gibibyte with room to spare. */
const migrationSize = ({ platform }: BatonStack) => ({
  ...(platform.database?.migrations?.image.kind === 'jar'
    ? { cpu: 512, memoryMiB: 1024 }
    : { cpu: 256, memoryMiB: 512 }),
  architecture: platform.services[0]?.architecture ?? ('ARM64' as const),
})

const withoutPort = (environment: Container['environment']): Container => ({
  name: migrationContainer,
  image: { kind: 'image', reference: '' },
  readonlyRootFilesystem: false,
  environment,
  secrets: [],
  dependsOn: {},
  essential: true,
})
