import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { container, containers, statements, synthesize } from '../synthesized.test-kit.ts'

const { platform: tf } = await synthesize(await containers())
const manifest = (name: string) => JSON.parse(String(tf.at(`aws_ssm_parameter.job_${name}`, 'value')))

describe('a job', () => {
  test('waits for its first release, which sets what the schedule runs', () => {
    const schedule = tf.get('aws_scheduler_schedule.job_tidy')
    assert.deepEqual(
      [schedule.state, schedule.schedule_expression, schedule.schedule_expression_timezone],
      ['DISABLED', 'rate(1 hour)', 'Asia/Seoul'],
    )
    assert.deepEqual(schedule.lifecycle, {
      ignore_changes: ['state', 'target[0].ecs_parameters[0].task_definition_arn'],
    })
    assert.equal(tf.at('aws_scheduler_schedule.job_tidy', 'target', 'arn'), '${aws_ecs_cluster.main.arn}')
    assert.deepEqual(
      [manifest('tidy').schedule, manifest('tidy').scheduleGroup, manifest('tidy').timeoutMinutes],
      ['tidy', 'keencho-production', 5],
    )
  })

  test('of a service runs its image with its secrets and its user of the database', () => {
    const nightly = container(tf, 'job_nightly')
    assert.equal(nightly.image, '${data.aws_ecr_repository.api.repository_url}:template')
    assert.deepEqual(nightly.command, ['node', 'nightly.js'])
    const users = nightly.secrets.filter(({ name }: { name: string }) => name === 'PGUSER')
    assert.deepEqual(users, [
      { name: 'PGUSER', valueFrom: '${aws_secretsmanager_secret.api_database.arn}:username::' },
    ])
    assert.equal(manifest('nightly').service, 'api')
    assert.ok(!nightly.environment.some(({ name }: { name: string }) => name === 'PORT'))
  })

  test('of its own has a user of the database, which the migration creates', () => {
    const names = container(tf, 'migration').secrets.map(({ name }: { name: string }) => name)
    assert.ok(names.includes('DB_USER_JOB_TIDY') && names.includes('DB_PASSWORD_JOB_TIDY'))
    assert.ok(!names.includes('DB_USER_JOB_NIGHTLY'))
  })

  test('is started with a role that runs and passes no more than jobs need, for this group of schedules only', () => {
    const [trust] = statements(tf.at('aws_iam_role.schedules', 'assume_role_policy'))
    assert.deepEqual(trust?.Condition, {
      StringEquals: {
        'aws:SourceAccount': '${data.aws_caller_identity.current.account_id}',
        'aws:SourceArn': '${aws_scheduler_schedule_group.main.arn}',
      },
    })
    const granted = statements(tf.at('aws_iam_role_policy.schedules', 'policy'))
    const passed = granted.find(({ Action }) => Action === 'iam:PassRole')
    assert.match(JSON.stringify(passed?.Resource), /job-nightly-task.*job-nightly-execution.*job-tidy-task/)
    assert.doesNotMatch(JSON.stringify(passed?.Resource), /-(api|mailer|migration)-/)
    const run = granted.find(({ Action }) => Action === 'ecs:RunTask')
    assert.match(JSON.stringify(run?.Condition), /cluster\/keencho-production/)
  })

  test('that fails or does not start is reported to the topic', () => {
    const pattern = (id: string) =>
      JSON.parse(String(tf.at(`aws_cloudwatch_event_rule.${id}`, 'event_pattern')))
    assert.deepEqual(pattern('job_failures').detail.group, [
      'family:keencho-production-job-nightly',
      'family:keencho-production-job-tidy',
    ])
    assert.deepEqual(pattern('job_failures').detail.containers, { exitCode: [{ 'anything-but': [0] }] })
    assert.deepEqual(pattern('job_starts').detail.stopCode, ['TaskFailedToStart'])
    assert.equal(tf.at('aws_cloudwatch_event_target.job_failures', 'arn'), '${aws_sns_topic.notices.arn}')
  })

  test('is stopped by a function that knows the limits of each', () => {
    const { JOBS } = tf.at('aws_lambda_function.job_limits', 'environment', 'variables') as { JOBS: string }
    assert.deepEqual(JSON.parse(JOBS), [
      { family: 'keencho-production-job-nightly', timeoutMinutes: 60, overlap: false },
      { family: 'keencho-production-job-tidy', timeoutMinutes: 5, overlap: false },
    ])
  })

  test('is released by a pipeline that may change schedules of this group, and pass their role to the scheduler only', () => {
    const granted = statements(tf.at('aws_iam_role_policy.pipeline', 'policy'))
    const schedules = granted.find(({ Action }) => String(Action).includes('scheduler:UpdateSchedule'))
    assert.match(String(schedules?.Resource), /:schedule\/keencho-production\/\*$/)
    const pass = granted.find(({ Condition }) =>
      JSON.stringify(Condition)?.includes('scheduler.amazonaws.com'),
    )
    assert.match(String(pass?.Resource), /role\/keencho-production-schedules$/)
  })
})
