import { policy, testRules } from '../../rules.test-kit.ts'
import { permissionRules } from './permissions.ts'

const may = (Action: string | string[], Resource: string, more: object = {}) => ({
  'aws_iam_role_policy.one': { policy: policy({ Action, Resource, ...more }) },
})
const trust = (statement: object) => ({ 'aws_iam_role.one': { assume_role_policy: policy(statement) } })
const github = (claims: Record<string, string>, operator = 'StringEquals') =>
  trust({
    Action: 'sts:AssumeRoleWithWebIdentity',
    Principal: { Federated: 'arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com' },
    Condition: {
      [operator]: Object.fromEntries(
        Object.entries(claims).map(([claim, value]) => [
          `token.actions.githubusercontent.com:${claim}`,
          value,
        ]),
      ),
    },
  })
const aud = 'sts.amazonaws.com'
const branch = 'repo:keencho/platform:ref:refs/heads/main'
const topic = (statement: object) => ({ 'aws_sns_topic_policy.notices': { policy: policy(statement) } })
const publish = { Action: 'sns:Publish', Principal: { Service: 'cloudwatch.amazonaws.com' } }

testRules(permissionRules, {
  'wildcard-permission': {
    trips: may(['s3:GetObject', 'ecs:*'], '*'),
    says: /allows ecs:\*/,
    alsoTrips: [
      may('*', '*'),
      { 'aws_iam_role_policy.one': { policy: policy({ NotAction: 'iam:*', Resource: '*' }) } },
      { 'aws_iam_role.one': { inline_policy: [{ policy: policy({ Action: '*', Resource: '*' }) }] } },
    ],
    passes: {
      ...may('ecr:GetAuthorizationToken', '*'),
      'aws_iam_policy.two': { policy: policy({ Action: 's3:*', Resource: 'arn:aws:s3:::one/*' }) },
    },
  },
  'managed-policy': {
    trips: {
      'aws_iam_role_policy_attachment.one': { policy_arn: 'arn:aws:iam::aws:policy/AdministratorAccess' },
    },
    alsoTrips: [
      { 'aws_iam_role.one': { managed_policy_arns: ['arn:aws:iam::aws:policy/AmazonS3FullAccess'] } },
    ],
    passes: {
      'aws_iam_role_policy_attachment.one': {
        policy_arn: 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole',
      },
    },
  },
  'pass-role': {
    trips: may('iam:PassRole', '*', {
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    }),
    says: /any role/,
    alsoTrips: [may('iam:Pass*', 'arn:aws:iam::1:role/*'), may('iam:PassRole', 'arn:aws:iam::1:role/one')],
    passes: may('iam:PassRole', 'arn:aws:iam::1:role/one', {
      Condition: { StringLike: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    }),
  },
  'open-trust': {
    trips: trust({ Action: 'sts:AssumeRole', Principal: { AWS: '*' } }),
    passes: trust({ Action: 'sts:AssumeRole', Principal: { Service: 'ecs-tasks.amazonaws.com' } }),
  },
  'oidc-trust': {
    trips: github({ aud }),
    says: /any repository/,
    alsoTrips: [
      github({ sub: branch }),
      github({ aud, sub: 'repo:keencho/*' }, 'StringLike'),
      github({ aud, sub: 'repo:keencho/platform:*' }, 'StringLike'),
      // Any branch, and any branch that begins alike.
      github({ aud, sub: 'repo:keencho/platform:ref:refs/heads/*' }, 'StringLike'),
      github({ aud, sub: 'repo:keencho/platform:ref:refs/heads/main?' }, 'StringLike'),
      github({ aud, sub: 'repo:keencho/platform:environment:*' }, 'StringLike'),
      github({ aud: '*', sub: branch }, 'StringLike'),
      // Operators that admit everyone else, or a token without the claim.
      ...['StringNotEquals', 'StringNotLike', 'StringLikeIfExists', 'ForAllValues:StringEquals', 'Null'].map(
        (operator) => github({ aud, sub: branch }, operator),
      ),
    ],
    passes: {
      ...github({ aud, sub: branch }),
      'aws_iam_role.any': github({ aud, sub: branch }, 'ForAnyValue:StringLike')['aws_iam_role.one'],
      // Conditions must all hold: the narrow one decides.
      'aws_iam_role.both': {
        assume_role_policy: policy({
          Principal: { Federated: 'arn:aws:iam::1:oidc-provider/token.actions.githubusercontent.com' },
          Condition: {
            StringEquals: {
              'token.actions.githubusercontent.com:aud': aud,
              'token.actions.githubusercontent.com:sub': branch,
            },
            StringLike: { 'token.actions.githubusercontent.com:sub': 'repo:keencho/*' },
          },
        }),
      },
    },
  },
  'role-deputy': {
    trips: trust({ Action: 'sts:AssumeRole', Principal: { Service: 'ecs-tasks.amazonaws.com' } }),
    says: /^ecs-tasks\.amazonaws\.com may/,
    alsoTrips: ['codedeploy', 'scheduler'].map((service) =>
      trust({ Action: 'sts:AssumeRole', Principal: { Service: `${service}.amazonaws.com` } }),
    ),
    passes: {
      ...trust({
        Action: 'sts:AssumeRole',
        Principal: { Service: 'ecs-tasks.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': '1' } },
      }),
      // Lambda names no source when it assumes a role.
      'aws_iam_role.lambda': {
        assume_role_policy: policy({
          Action: 'sts:AssumeRole',
          Principal: { Service: 'lambda.amazonaws.com' },
        }),
      },
    },
  },
  'access-key': {
    trips: { 'aws_iam_access_key.pipeline': { user: 'pipeline' } },
    passes: { 'aws_iam_role.one': {} },
  },
  'confused-deputy': {
    trips: topic(publish),
    says: /^cloudwatch\.amazonaws\.com may/,
    passes: {
      ...topic({ ...publish, Condition: { StringEquals: { 'aws:SourceAccount': '1' } } }),
      'aws_sns_topic_policy.events': {
        policy: policy({ ...publish, Principal: { Service: 'events.amazonaws.com' } }),
      },
    },
  },
  'open-resource-policy': {
    trips: topic({ Action: 'sns:Publish', Principal: '*' }),
    passes: topic({ ...publish, Principal: { AWS: 'arn:aws:iam::1:root' } }),
  },
})
