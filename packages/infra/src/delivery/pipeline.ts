/**
 * Access of the pipeline: a role that one branch of one repository may assume by OIDC, and no key anywhere. It may
 * do what a release does, on this platform's own resources, wherever the action knows resources.
 * https://docs.github.com/en/actions/security-for-github-actions/security-hardening-your-deployments/configuring-openid-connect-in-amazon-web-services
 */
import {
  clusterName,
  codedeployApplicationName,
  family,
  jobPart,
  migrationFamily,
  type Pipeline,
  recordsParameter,
  roleName,
  scheduleGroupName,
} from '@baton/config'
import { IamRole } from '@cdktn/provider-aws/lib/iam-role/index.js'
import { IamRolePolicy } from '@cdktn/provider-aws/lib/iam-role-policy/index.js'
import type { S3Bucket } from '@cdktn/provider-aws/lib/s3-bucket/index.js'
import { Construct } from 'constructs'
import { keyUse } from '../security/encryption-key.ts'
import { policyDocument, type Statement } from '../security/policy.ts'
import type { Edge } from '../site/edge.ts'
import type { BatonStack } from '../terraform/stack.ts'

const issuer = 'token.actions.githubusercontent.com'

export interface PipelineParts {
  readonly sites?: S3Bucket
  readonly edge: Edge
  readonly repositoryArns: readonly string[]
}

export function pipelineAccess(stack: BatonStack, pipeline: Pipeline, parts: PipelineParts): void {
  const scope = new Construct(stack, 'pipeline')
  const { platform } = stack
  const role = new IamRole(scope, 'pipeline', {
    name: roleName(platform, 'pipeline'),
    description: `Releases from ${pipeline.repository}, branch ${pipeline.branch}`,
    maxSessionDuration: 7200,
    assumeRolePolicy: policyDocument([
      {
        Action: 'sts:AssumeRoleWithWebIdentity',
        Principal: { Federated: `arn:aws:iam::${stack.accountId}:oidc-provider/${issuer}` },
        Condition: {
          StringEquals: {
            [`${issuer}:aud`]: 'sts.amazonaws.com',
            [`${issuer}:sub`]: `repo:${pipeline.repository}:ref:refs/heads/${pipeline.branch}`,
          },
        },
      },
    ]),
  })
  new IamRolePolicy(new Construct(scope, 'policy'), 'pipeline', {
    name: 'release',
    role: role.id,
    policy: policyDocument([
      ...imageStatements(parts),
      ...taskStatements(stack),
      ...scheduleStatements(stack),
      ...deploymentStatements(stack),
      ...siteStatements(parts),
      // Large files are uploaded in parts, which S3 decrypts.
      ...(parts.sites === undefined ? [] : keyUse(stack, 's3', ['kms:Decrypt', 'kms:GenerateDataKey'])),
    ]),
  })
}

const imageStatements = ({ repositoryArns }: PipelineParts): Statement[] => [
  { Sid: 'RegistryLogin', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
  {
    Sid: 'Images',
    Action: [
      'ecr:BatchCheckLayerAvailability',
      'ecr:BatchGetImage',
      'ecr:CompleteLayerUpload',
      'ecr:DescribeImages',
      'ecr:DescribeRepositories',
      'ecr:GetDownloadUrlForLayer',
      'ecr:InitiateLayerUpload',
      'ecr:PutImage',
      'ecr:UploadLayerPart',
    ],
    Resource: repositoryArns,
  },
]

function taskStatements(stack: BatonStack): Statement[] {
  const { platform } = stack
  const ecs = (resource: string) => `arn:aws:ecs:${platform.region}:${stack.accountId}:${resource}`
  const cluster = clusterName(platform)
  const jobs = platform.jobs.map(({ name }) => jobPart(name))
  const migrates = platform.database !== undefined
  const parts = [...platform.services.map(({ name }) => name), ...jobs, ...(migrates ? ['migration'] : [])]
  const runs = [...(migrates ? [migrationFamily(platform)] : []), ...jobs.map((job) => family(platform, job))]
  return [
    // Registering is bound by the roles that may be passed; its pages disagree about whether it knows a resource.
    {
      Sid: 'Revisions',
      Action: ['ecs:DescribeTaskDefinition', 'ecs:ListTaskDefinitions', 'ecs:RegisterTaskDefinition'],
      Resource: '*',
    },
    ...(runs.length === 0
      ? []
      : [
          {
            Sid: 'Run',
            Action: 'ecs:RunTask',
            Resource: runs.map((each) => ecs(`task-definition/${each}:*`)),
            Condition: { ArnEquals: { 'ecs:cluster': ecs(`cluster/${cluster}`) } },
          },
        ]),
    {
      Sid: 'Services',
      Action: ['ecs:DescribeServices', 'ecs:DescribeTasks', 'ecs:StopTask', 'ecs:UpdateService'],
      Resource: [ecs(`service/${cluster}/*`), ecs(`task/${cluster}/*`)],
    },
    ...(platform.services.some(({ traffic }) => traffic === undefined)
      ? [
          {
            Sid: 'RollingDeployments',
            Action: [
              'ecs:DescribeServiceDeployments',
              'ecs:DescribeServiceRevisions',
              'ecs:ListServiceDeployments',
              'ecs:StopServiceDeployment',
            ],
            Resource: ['service', 'service-deployment', 'service-revision'].map((kind) =>
              ecs(`${kind}/${cluster}/*`),
            ),
          },
        ]
      : []),
    { Sid: 'Tasks', Action: 'ecs:ListTasks', Resource: '*' },
    {
      Sid: 'PassRole',
      Action: 'iam:PassRole',
      Resource: parts.flatMap((part) =>
        ['task', 'execution'].map(
          (kind) => `arn:aws:iam::${stack.accountId}:role/${roleName(platform, `${part}-${kind}`)}`,
        ),
      ),
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    },
  ]
}

/** A release sets the revision that a schedule runs, and pauses schedules while the database is migrated. */
function scheduleStatements(stack: BatonStack): Statement[] {
  const { platform, accountId } = stack
  if (platform.jobs.length === 0) return []
  return [
    {
      Sid: 'Schedules',
      Action: ['scheduler:GetSchedule', 'scheduler:UpdateSchedule'],
      Resource: `arn:aws:scheduler:${platform.region}:${accountId}:schedule/${scheduleGroupName(platform)}/*`,
    },
    {
      Sid: 'PassScheduleRole',
      Action: 'iam:PassRole',
      Resource: `arn:aws:iam::${accountId}:role/${roleName(platform, 'schedules')}`,
      Condition: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
    },
  ]
}

function deploymentStatements(stack: BatonStack): Statement[] {
  const { platform } = stack
  const codedeploy = (resource: string) =>
    `arn:aws:codedeploy:${platform.region}:${stack.accountId}:${resource}`
  const application = codedeployApplicationName(platform)
  return [
    {
      Sid: 'Deployments',
      Action: [
        'codedeploy:BatchGetDeploymentTargets',
        'codedeploy:ContinueDeployment',
        'codedeploy:CreateDeployment',
        'codedeploy:GetDeployment',
        'codedeploy:GetDeploymentConfig',
        'codedeploy:GetDeploymentGroup',
        'codedeploy:GetDeploymentTarget',
        'codedeploy:ListDeployments',
        'codedeploy:ListDeploymentTargets',
        'codedeploy:RegisterApplicationRevision',
        'codedeploy:GetApplicationRevision',
        'codedeploy:StopDeployment',
      ],
      Resource: [
        codedeploy(`application:${application}`),
        codedeploy(`deploymentgroup:${application}/*`),
        codedeploy('deploymentconfig:*'),
      ],
    },
    {
      Sid: 'Manifest',
      Action: ['ssm:GetParameter', 'ssm:GetParameters', 'ssm:GetParametersByPath'],
      Resource: ['services', 'sites', 'jobs', 'migration'].flatMap((kind) => {
        const path = `arn:aws:ssm:${platform.region}:${stack.accountId}:parameter/baton/${platform.name}/${kind}`
        return [path, `${path}/*`]
      }),
    },
    {
      Sid: 'Records',
      Action: ['ssm:GetParameterHistory', 'ssm:PutParameter'],
      Resource: `arn:aws:ssm:${platform.region}:${stack.accountId}:parameter${recordsParameter(platform.name)}/*`,
    },
    {
      Sid: 'Watch',
      Action: [
        'application-autoscaling:DescribeScalableTargets',
        'cloudwatch:DescribeAlarms',
        'elasticloadbalancing:DescribeTargetHealth',
      ],
      Resource: '*',
    },
    {
      Sid: 'Scaling',
      Action: 'application-autoscaling:RegisterScalableTarget',
      Resource: `arn:aws:application-autoscaling:${platform.region}:${stack.accountId}:scalable-target/*`,
      // A scalable target has an id of its own: only its tags say whose it is.
      Condition: {
        StringEquals: {
          'application-autoscaling:service-namespace': 'ecs',
          'aws:ResourceTag/project': platform.project,
          'aws:ResourceTag/environment': platform.environment,
        },
      },
    },
    {
      Sid: 'MigrationLog',
      Action: ['logs:GetLogEvents', 'logs:FilterLogEvents'],
      Resource: `arn:aws:logs:${platform.region}:${stack.accountId}:log-group:/${platform.name}/*`,
    },
  ]
}

const siteStatements = ({ sites, edge }: PipelineParts): Statement[] =>
  sites === undefined
    ? []
    : [
        { Sid: 'SiteBucket', Action: 's3:ListBucket', Resource: sites.arn },
        {
          Sid: 'SiteFiles',
          Action: ['s3:DeleteObject', 's3:GetObject', 's3:PutObject'],
          Resource: `${sites.arn}/*`,
        },
        {
          Sid: 'Pointers',
          Action: [
            'cloudfront-keyvaluestore:DescribeKeyValueStore',
            'cloudfront-keyvaluestore:GetKey',
            'cloudfront-keyvaluestore:ListKeys',
            'cloudfront-keyvaluestore:UpdateKeys',
            'cloudfront-keyvaluestore:PutKey',
          ],
          Resource: edge.store.arn,
        },
      ]
