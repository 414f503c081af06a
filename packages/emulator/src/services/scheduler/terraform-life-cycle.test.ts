import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as sdk from '@aws-sdk/client-scheduler'
import { type Resources, startLifeCycle } from '../../test-kit/terraform-life-cycle.test-kit.ts'

const resources = (): Resources => ({
  aws_iam_role: {
    scheduler: {
      name: 'scheduler',
      assume_role_policy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          { Effect: 'Allow', Principal: { Service: 'scheduler.amazonaws.com' }, Action: 'sts:AssumeRole' },
        ],
      }),
    },
  },
  aws_ecs_cluster: { main: { name: 'main' } },
  aws_scheduler_schedule_group: { jobs: { name: 'jobs', tags: { team: 'accounts' } } },
  aws_scheduler_schedule: {
    nightly: {
      name: 'nightly',
      group_name: '${aws_scheduler_schedule_group.jobs.name}',
      schedule_expression: 'cron(0 2 * * ? *)',
      schedule_expression_timezone: 'Asia/Seoul',
      flexible_time_window: { mode: 'OFF' },
      target: {
        arn: '${aws_ecs_cluster.main.arn}',
        role_arn: '${aws_iam_role.scheduler.arn}',
        input: '{}',
        ecs_parameters: {
          task_definition_arn: 'arn:aws:ecs:ap-northeast-2:000000000000:task-definition/nightly:1',
          launch_type: 'FARGATE',
          tags: { job: 'nightly' },
          network_configuration: { subnets: ['subnet-1'], assign_public_ip: true },
        },
        retry_policy: { maximum_retry_attempts: 3 },
      },
      lifecycle: { ignore_changes: ['state'] },
    },
  },
})

test('Terraform creates, changes, replaces and deletes schedules and their group', async () => {
  await using here = await startLifeCycle(resources())
  await here.apply()
  const client = new sdk.SchedulerClient(here.settings)
  const get = (Name = 'nightly') => client.send(new sdk.GetScheduleCommand({ Name, GroupName: 'jobs' }))
  const created = await get()
  assert.equal(
    created.Target?.EcsParameters?.NetworkConfiguration?.awsvpcConfiguration?.AssignPublicIp,
    'ENABLED',
  )
  assert.deepEqual(created.Target?.EcsParameters?.Tags, [{ Key: 'job', Value: 'nightly' }])
  assert.deepEqual(created.Target?.RetryPolicy, {
    MaximumRetryAttempts: 3,
    MaximumEventAgeInSeconds: 86_400,
  })
  assert.deepEqual(await here.plan(), [])

  // Paused from outside: the configuration ignores the state, and nothing else differs.
  const {
    Arn: _arn,
    CreationDate: _created,
    LastModificationDate: _modified,
    $metadata: _,
    ...same
  } = created
  await client.send(
    new sdk.UpdateScheduleCommand({
      Name: 'nightly',
      GroupName: 'jobs',
      ScheduleExpression: same.ScheduleExpression,
      ScheduleExpressionTimezone: same.ScheduleExpressionTimezone,
      FlexibleTimeWindow: same.FlexibleTimeWindow,
      Target: same.Target,
      State: 'DISABLED',
    }),
  )
  assert.deepEqual(await here.plan(), [])

  const schedule = here.of('aws_scheduler_schedule.nightly')
  schedule.schedule_expression = 'rate(1 day)'
  assert.deepEqual(await here.apply(), ['update aws_scheduler_schedule.nightly'])
  const changed = await get()
  assert.equal(changed.ScheduleExpression, 'rate(1 day)')
  assert.equal(changed.State, 'DISABLED')

  schedule.name = 'daily'
  assert.deepEqual(await here.apply(), ['replace aws_scheduler_schedule.nightly (name)'])
  await assert.rejects(get(), { name: 'ResourceNotFoundException' })
  assert.equal((await get('daily')).Name, 'daily')

  await client.send(new sdk.DeleteScheduleCommand({ Name: 'daily', GroupName: 'jobs' }))
  assert.deepEqual(await here.apply(), ['create aws_scheduler_schedule.nightly'])
  await here.destroy()
  const { Schedules } = await client.send(new sdk.ListSchedulesCommand({}))
  assert.deepEqual(Schedules, [])
})

test('a schedule with a wrong expression or target stops the apply with its address', async () => {
  const wrong = resources()
  await using here = await startLifeCycle(wrong)
  const schedule = here.of('aws_scheduler_schedule.nightly')
  schedule.schedule_expression = 'cron(0 2 * * *)'
  await assert.rejects(here.apply(), stoppedBy(/Invalid Schedule Expression/))
  schedule.schedule_expression = 'rate(1 hour)'
  schedule.target = {
    arn: 'arn:aws:sqs:ap-northeast-2:000000000000:jobs',
    role_arn: '${aws_iam_role.scheduler.arn}',
  }
  await assert.rejects(here.apply(), stoppedBy(/Amazon SQS/))
})

const stoppedBy = (reason: RegExp) => (error: Error) => {
  const said = JSON.stringify(error)
  assert.match(said, /aws_scheduler_schedule\.nightly/)
  assert.match(said, reason)
  return true
}
