import { ref, testRules } from '../../rules.test-kit.ts'
import { nameRules } from './names.ts'

testRules(nameRules, {
  name: {
    trips: { 'aws_lb_target_group.blue': { name: 'keencho-production-administration-blue' } },
    says: /38 characters long; AWS accepts 32/,
    alsoTrips: [
      { 'aws_lb.main': { name: 'keencho_production' } },
      { 'aws_s3_bucket.sites': { bucket: 'Sites' } },
      { 'aws_db_instance.main': { identifier: 'keencho--production' } },
      { 'aws_ecr_repository.admin': { name: 'keencho/Admin' } },
      { 'aws_security_group.one': { name: 'sg-one' } },
      // The name is behind a reference.
      {
        'aws_iam_role.one': { name: `${'x'.repeat(60)}-${ref('aws_ecs_cluster.main', 'name')}` },
        'aws_ecs_cluster.main': { name: 'main' },
      },
    ],
    passes: {
      'aws_lb_target_group.blue': { name: 'keencho-production-admin-blue' },
      'aws_s3_bucket.sites': { bucket: 'keencho-production-sites-keencho-com' },
      'aws_iam_role.one': { name: `${'x'.repeat(80)}${ref('aws_vpc.main')}` },
    },
  },
  'name-taken': {
    trips: { 'aws_iam_role.two': { name: 'task' }, 'aws_iam_role.one': { name: 'task' } },
    at: 'aws_iam_role.one',
    passes: { 'aws_iam_role.one': { name: 'task' }, 'aws_sns_topic.one': { name: 'task' } },
  },
})
