import { ref, testRules } from '../../rules.test-kit.ts'
import { secretRules } from './secrets.ts'

const container = (name: string, value: string) => ({
  'aws_ecs_task_definition.admin': {
    container_definitions: JSON.stringify([{ name: 'admin', environment: [{ name, value }] }]),
  },
})
const lambda = (variables: Record<string, string>) => ({
  'aws_lambda_function.hook': { environment: { variables } },
})
const parameter = (body: object) => ({
  'aws_ssm_parameter.one': { type: 'SecureString', name: '/baton/header', ...body },
})

testRules(secretRules, {
  'plain-secret': {
    trips: container('PGPASSWORD', 'hunter2'),
    says: /PGPASSWORD/,
    alsoTrips: [
      container('DATABASE', 'postgres://admin:hunter2@db/keencho'),
      container('API_KEY', ref('aws_ssm_parameter.key', 'value')),
      lambda({ GITHUB_TOKEN: 'ghp_1' }),
    ],
    passes: {
      ...container('SECRET_ARN', 'arn:aws:secretsmanager:1'),
      ...lambda({ HOST: 'app.keencho.com', ORIGIN_HEADER_PARAMETER: '/x' }),
    },
  },
  'plain-parameter': {
    trips: parameter({ type: 'String', name: '/keencho/database-password', value: 'hunter2' }),
    passes: parameter({
      type: 'String',
      name: '/baton/keencho-production/services/admin',
      value: '{"cluster":"c"}',
    }),
  },
  'secret-in-state': {
    trips: { 'aws_db_instance.main': { password: 'hunter2' } },
    alsoTrips: [
      { 'aws_rds_cluster.main': { master_password: ref('random_password.main', 'result') } },
      { 'aws_secretsmanager_secret_version.main': { secret_string: 'x' } },
      { 'random_password.main': { length: 20 } },
      parameter({ value: 'hunter2' }),
      parameter({ value: ref('data.aws_secretsmanager_random_password.main', 'random_password') }),
    ],
    passes: {
      'aws_db_instance.main': { manage_master_user_password: true },
      'aws_secretsmanager_secret_version.main': { secret_string_wo: 'x' },
      ...parameter({ value_wo: 'x' }),
    },
  },
})
