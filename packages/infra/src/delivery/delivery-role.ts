/**
 * What CodeDeploy may do for an ECS deployment: the actions of the managed policy AWSCodeDeployRoleForECS,
 * bound to this platform's own resources wherever the action knows resources.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/codedeploy_IAM_role.html
 */
import { clusterName, functionName, roleName } from '@baton/config'
import type { IamRole } from '@cdktn/provider-aws/lib/iam-role/index.js'
import { role } from '../security/roles.ts'
import type { BatonStack } from '../terraform/stack.ts'

export function deliveryRole(stack: BatonStack): IamRole {
  const { platform } = stack
  // Workers are released by ECS itself.
  const services = platform.services.filter(({ traffic }) => traffic !== undefined)
  const passed = services.flatMap(({ name }) => [
    `arn:aws:iam::${stack.accountId}:role/${roleName(platform, `${name}-task`)}`,
    `arn:aws:iam::${stack.accountId}:role/${roleName(platform, `${name}-execution`)}`,
  ])
  return role(stack, {
    id: 'delivery',
    part: 'delivery',
    service: 'codedeploy.amazonaws.com',
    description: 'Shifts traffic between the target groups of a service',
    statements: [
      {
        Sid: 'TaskSets',
        Action: [
          'ecs:CreateTaskSet',
          'ecs:DeleteTaskSet',
          'ecs:DescribeServices',
          'ecs:UpdateServicePrimaryTaskSet',
        ],
        Resource: [
          `arn:aws:ecs:${platform.region}:${stack.accountId}:service/${clusterName(platform)}/*`,
          `arn:aws:ecs:${platform.region}:${stack.accountId}:task-set/${clusterName(platform)}/*`,
        ],
      },
      {
        Sid: 'Describe',
        Action: [
          'cloudwatch:DescribeAlarms',
          'elasticloadbalancing:DescribeListeners',
          'elasticloadbalancing:DescribeRules',
          'elasticloadbalancing:DescribeTargetGroups',
          'elasticloadbalancing:DescribeTargetHealth',
        ],
        Resource: '*',
      },
      {
        Sid: 'Shift',
        Action: ['elasticloadbalancing:ModifyListener', 'elasticloadbalancing:ModifyRule'],
        Resource: [
          `arn:aws:elasticloadbalancing:${platform.region}:${stack.accountId}:listener/app/${platform.name}/*`,
          `arn:aws:elasticloadbalancing:${platform.region}:${stack.accountId}:listener-rule/app/${platform.name}/*`,
        ],
      },
      {
        Sid: 'PassRole',
        Action: 'iam:PassRole',
        Resource: passed,
        Condition: { StringLike: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
      },
      ...(platform.delivery.smokeTest
        ? [
            {
              Sid: 'Hooks',
              Action: 'lambda:InvokeFunction',
              Resource: services.map(
                ({ name }) =>
                  `arn:aws:lambda:${platform.region}:${stack.accountId}:function:${functionName(platform, `${name}-smoke-test`)}`,
              ),
            },
          ]
        : []),
    ],
  })
}
