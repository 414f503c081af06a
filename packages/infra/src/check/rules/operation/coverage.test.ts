import { policy, ref, testRules } from '../../rules.test-kit.ts'
import { coverageRules } from './coverage.ts'

const trust = policy({ Action: 'sts:AssumeRole', Principal: { Service: 'ecs-tasks.amazonaws.com' } })

testRules(coverageRules, {
  'unknown-type': {
    trips: { 'aws_elasticache_cluster.sessions': {} },
    says: /aws_elasticache_cluster/,
    passes: { 'aws_lb.main': {}, 'data.aws_elasticache_cluster.other': {} },
  },
  unread: {
    trips: { 'aws_iam_role.one': { assume_role_policy: '${file("trust.json")}' } },
    says: /its trust policy/,
    alsoTrips: [
      { 'aws_iam_role_policy.one': { policy: ref('data.http.policy', 'body') } },
      { 'aws_ecs_task_definition.one': { container_definitions: '${jsonencode(local.containers)}' } },
      { 'aws_security_group.one': { dynamic: { ingress: { for_each: [80] } } } },
    ],
    passes: {
      'aws_iam_role.one': { assume_role_policy: trust },
      'aws_iam_role_policy.one': { policy: ref('data.aws_iam_policy_document.one', 'json') },
      'data.aws_iam_policy_document.one': { statement: { actions: ['s3:GetObject'] } },
      'aws_ecs_task_definition.one': {
        container_definitions:
          '${jsonencode([{ name = "admin", image = aws_ecr_repository.admin.repository_url, essential = true }])}',
      },
    },
  },
})
