/** Roles of tasks, each with only what its task needs. */
import { roleName } from '@baton/config'
import { IamRole } from '@cdktn/provider-aws/lib/iam-role/index.js'
import { IamRolePolicy } from '@cdktn/provider-aws/lib/iam-role-policy/index.js'
import { Construct } from 'constructs'
import type { BatonStack } from '../terraform/stack.ts'
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
  const made = new IamRole(scope, options.id, {
    name: roleName(stack.platform, options.part),
    description: options.description,
    assumeRolePolicy: trustedService(options.service),
  })
  if (options.statements.length > 0) {
    new IamRolePolicy(new Construct(scope, 'policy'), options.id, {
      name: options.part,
      role: made.id,
      policy: policyDocument(options.statements),
    })
  }
  return made
}

/**
 * What ECS itself does for a task before it starts: pull the image, read the secrets, open the log stream.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
 */
export function executionRole(
  stack: BatonStack,
  task: { name: string; repositoryArn: string; logGroupArn: string; secretArns: readonly string[] },
): IamRole {
  return role(stack, {
    id: `${task.name}_execution`,
    part: `${task.name}-execution`,
    service: 'ecs-tasks.amazonaws.com',
    description: `Starts the tasks of ${task.name}`,
    statements: [
      // This action knows no resource.
      { Sid: 'Login', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
      {
        Sid: 'Pull',
        Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
        Resource: task.repositoryArn,
      },
      {
        Sid: 'Logs',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: `${task.logGroupArn}:*`,
      },
      { Sid: 'Secrets', Action: 'secretsmanager:GetSecretValue', Resource: task.secretArns },
    ],
  })
}
