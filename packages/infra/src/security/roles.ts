/** Roles of tasks, each with only what its task needs. */
import { roleName } from '@baton/config'
import { IamRole } from '@cdktn/provider-aws/lib/iam-role/index.js'
import { IamRolePolicy } from '@cdktn/provider-aws/lib/iam-role-policy/index.js'
import { Construct } from 'constructs'
import type { BatonStack } from '../terraform/stack.ts'
import { keyUse } from './encryption-key.ts'
import { policyDocument, type Statement, trustedService } from './policy.ts'

/** A role that an AWS service assumes, with one inline policy. */
export function role(
  stack: BatonStack,
  options: {
    id: string
    part: string
    service: string
    description: string
    statements: readonly Statement[]
  },
): IamRole {
  const scope = new Construct(stack, `role-${options.id}`)
  const role = new IamRole(scope, options.id, {
    name: roleName(stack.platform, options.part),
    description: options.description,
    assumeRolePolicy: trustedService(options.service, trustConditions(stack, options.service)),
  })
  if (options.statements.length > 0) {
    new IamRolePolicy(new Construct(scope, 'policy'), options.id, {
      name: options.part,
      role: role.id,
      policy: policyDocument(options.statements),
    })
  }
  return role
}

/**
 * For whom a service of AWS may assume a role: for this account, and for resources of its kind in this region.
 * Without it the service could be led to use the role for another account (the confused deputy). Lambda gives
 * neither key when it assumes an execution role, so a condition would lock it out.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/security_confused_deputy.html
 */
function trustConditions(stack: BatonStack, service: string): Statement['Condition'] {
  const resources = trusted[service]
  if (resources === undefined) return undefined
  const [prefix, suffix] = resources
  return {
    StringEquals: { 'aws:SourceAccount': stack.accountId },
    ArnLike: { 'aws:SourceArn': `arn:aws:${prefix}:${stack.platform.region}:${stack.accountId}:${suffix}` },
  }
}

/** Service and resource in the ARNs for which an AWS service assumes a role. */
const trusted: Readonly<Record<string, readonly [service: string, resource: string]>> = {
  'ecs-tasks.amazonaws.com': ['ecs', '*'],
  'codedeploy.amazonaws.com': ['codedeploy', 'deploymentgroup:*'],
}

/**
 * What ECS itself does for a task before it starts: pull the image, read the secrets, open the log stream.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
 */
export function executionRole(
  stack: BatonStack,
  task: {
    /** Of its resources; the name where it is the same. */
    id?: string
    name: string
    repositoryArns: readonly string[]
    logGroupArn: string
    secretArns: readonly string[]
  },
): IamRole {
  return role(stack, {
    id: `${task.id ?? task.name}_execution`,
    part: `${task.name}-execution`,
    service: 'ecs-tasks.amazonaws.com',
    description: `Starts the tasks of ${task.name}`,
    statements: [
      // This action has no resource.
      { Sid: 'Login', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
      {
        Sid: 'Pull',
        Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        Resource: task.repositoryArns.length === 1 ? (task.repositoryArns[0] ?? '') : task.repositoryArns,
      },
      {
        Sid: 'Logs',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: `${task.logGroupArn}:*`,
      },
      ...(task.secretArns.length === 0
        ? []
        : [
            { Sid: 'Secrets', Action: 'secretsmanager:GetSecretValue', Resource: task.secretArns },
            ...keyUse(stack, 'secretsmanager'),
          ]),
    ],
  })
}
