import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import * as ecs from '@aws-sdk/client-ecs'
import * as sdk from '@aws-sdk/client-scheduler'
import { AwsError } from '../../aws-error.ts'
import { serveForTest, type TestWire } from '../../protocol/test-kit/protocol.test-kit.ts'
import { until } from '../../test-kit/until.test-kit.ts'
import type { Datum } from '../cloudwatch/contract.ts'
import { script } from '../ecs/test-kit/images.test-kit.ts'
import { NETWORK, register, type TestEmulator, testEmulator } from '../ecs/test-kit/service.test-kit.ts'
import { createEventBridgeScheduler } from './index.ts'

const ROLE = 'arn:aws:iam::000000000000:role/scheduler'
const CLUSTER = 'arn:aws:ecs:ap-northeast-2:000000000000:cluster/main'
const TOPIC = 'arn:aws:sns:ap-northeast-2:000000000000:topic'
const FUNCTION = 'arn:aws:lambda:ap-northeast-2:000000000000:function:job'
const OFF = { Mode: 'OFF' } as const
const MINUTE = 60_000

/** `yyyy-mm-ddThh:mm:ss` in UTC. */
const inMinutes = (minutes: number) => new Date(Date.now() + minutes * MINUTE).toISOString().slice(0, 19)

describe('EventBridge Scheduler', () => {
  let here: TestEmulator
  let wire: TestWire
  let client: sdk.SchedulerClient
  let stop: () => Promise<void> | undefined
  const published: string[] = []
  const invoked: { readonly function: string; readonly payload: string }[] = []
  const metrics: Datum[] = []
  let failures: Error[] = []

  before(async () => {
    here = await testEmulator()
    const scheduler = createEventBridgeScheduler(
      here.context,
      {
        runTask: here.ecs.runTask,
        publish(topic, _subject, message) {
          const failure = failures.shift()
          if (failure) throw failure
          published.push(message)
          return topic === TOPIC
        },
        invoke: (name, payload) => invoked.push({ function: name, payload }) > 0,
        cloudWatch: { record: (datum) => void metrics.push(datum) },
      },
      (role) =>
        role === ROLE
          ? JSON.stringify({ Statement: [{ Principal: { Service: 'scheduler.amazonaws.com' } }] })
          : role.endsWith('role/other')
            ? '{"Statement":[]}'
            : undefined,
    )
    await scheduler.start?.()
    stop = () => scheduler.stop?.()
    assert.ok(scheduler.api)
    wire = await serveForTest([scheduler.api])
    client = new sdk.SchedulerClient(wire.client)
  })
  after(async () => {
    await stop()
    await wire[Symbol.asyncDispose]()
    await here[Symbol.asyncDispose]()
  })

  const create = (Name: string, more: Partial<sdk.CreateScheduleCommandInput> = {}) =>
    client.send(
      new sdk.CreateScheduleCommand({
        Name,
        ScheduleExpression: `at(${inMinutes(1)})`,
        FlexibleTimeWindow: OFF,
        Target: { Arn: TOPIC, RoleArn: ROLE, Input: Name },
        ...more,
      }),
    )
  const get = (Name: string) => client.send(new sdk.GetScheduleCommand({ Name }))
  const remove = (Name: string) => client.send(new sdk.DeleteScheduleCommand({ Name }))
  const timesOf = (message: string) => published.filter((each) => each === message).length

  async function tasksOf(startedBy: string): Promise<ecs.Task[]> {
    const { taskArns = [] } = await here.client.send(
      new ecs.ListTasksCommand({ cluster: 'main', startedBy, desiredStatus: 'STOPPED' }),
    )
    if (taskArns.length === 0) return []
    const { tasks = [] } = await here.client.send(
      new ecs.DescribeTasksCommand({ cluster: 'main', tasks: taskArns, include: ['TAGS'] }),
    )
    return tasks.filter(({ lastStatus }) => lastStatus === 'STOPPED')
  }

  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-templated.html
  test('runs an ECS task when it is due, with the overrides of its input', async () => {
    const code = 'console.log(`job ${process.env.WHEN} ${process.argv[2]}`); process.exit(7)'
    const taskDefinition = await register(here.client, await script(here, 'job:scheduled', code))
    await create('nightly-report-of-the-accounts', {
      Target: {
        Arn: CLUSTER,
        RoleArn: ROLE,
        Input: JSON.stringify({
          containerOverrides: [
            {
              name: 'app',
              command: ['server.mjs', 'now'],
              environment: [{ name: 'WHEN', value: '<aws.scheduler.scheduled-time>' }],
            },
          ],
        }),
        EcsParameters: {
          TaskDefinitionArn: taskDefinition,
          LaunchType: 'FARGATE',
          NetworkConfiguration: {
            awsvpcConfiguration: { Subnets: NETWORK.awsvpcConfiguration.subnets, AssignPublicIp: 'ENABLED' },
          },
          Tags: [{ Key: 'job', Value: 'nightly' }],
        },
      },
    })
    const [task] = await until('the task ran', async () => {
      const found = await tasksOf('chronos-schedule/nightly-report-of-t')
      return found.length > 0 && found
    })
    assert.equal(task?.containers?.[0]?.exitCode, 7)
    assert.deepEqual(task?.tags, [{ key: 'job', value: 'nightly' }])
    assert.equal(task?.group, 'family:app')
    assert.ok(here.logs.some((line) => /job \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ now$/.test(line)))
    await remove('nightly-report-of-the-accounts')
  })

  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-targets-universal.html
  test('runs a task as the universal target of RunTask', async () => {
    const taskDefinition = await register(here.client, 'job:ok')
    await create('universal', {
      Target: {
        Arn: 'arn:aws:scheduler:::aws-sdk:ecs:runTask',
        RoleArn: ROLE,
        Input: JSON.stringify({
          Cluster: 'main',
          TaskDefinition: taskDefinition,
          NetworkConfiguration: { AwsvpcConfiguration: { Subnets: ['subnet-1'] } },
        }),
      },
    })
    const [task] = await until('the task ran', async () => {
      const found = await tasksOf('chronos-schedule/universal')
      return found.length > 0 && found
    })
    assert.equal(task?.containers?.[0]?.exitCode, 0)
  })

  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#rate-based
  test('a rate repeats until the schedule is disabled, and goes on when it is enabled again', async () => {
    await create('often', { ScheduleExpression: 'rate(1 minute)' })
    await until('it was due three times', () => timesOf('often') >= 3)
    const update = (State: sdk.ScheduleState) =>
      client.send(
        new sdk.UpdateScheduleCommand({
          Name: 'often',
          ScheduleExpression: 'rate(1 minute)',
          FlexibleTimeWindow: OFF,
          Target: { Arn: TOPIC, RoleArn: ROLE, Input: 'often' },
          State,
        }),
      )
    await update('DISABLED')
    const before = timesOf('often')
    // At this speed, a minute is 120 ms.
    await new Promise((resolve) => setTimeout(resolve, 400))
    assert.equal(timesOf('often'), before)
    assert.equal((await get('often')).State, 'DISABLED')
    await update('ENABLED')
    await until('it is due again', () => timesOf('often') > before)
    await remove('often')
  })

  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-delete.html#automatic-deletion
  test('a schedule is deleted after its last invocation where it says so', async () => {
    await create('once', { ActionAfterCompletion: 'DELETE' })
    await create('twice', {
      ScheduleExpression: 'rate(1 minute)',
      ActionAfterCompletion: 'DELETE',
      EndDate: new Date(Date.now() + 1.5 * MINUTE),
    })
    await create('stays')
    await until('they are invoked', () => timesOf('once') + timesOf('twice') + timesOf('stays') === 4)
    for (const gone of ['once', 'twice']) {
      await until(`${gone} is gone`, () =>
        get(gone).then(
          () => false,
          (error: Error) => error.name === 'ResourceNotFoundException',
        ),
      )
    }
    assert.equal((await get('stays')).ActionAfterCompletion, 'NONE')
    await remove('stays')
  })

  // https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-flexible-time-windows.html
  test('a flexible window delays an invocation by at most its length', async () => {
    const from = Date.now()
    await create('flexible', {
      ScheduleExpression: `at(${inMinutes(1)})`,
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 2 },
    })
    await until('it is invoked', () => timesOf('flexible') === 1)
    assert.ok(Date.now() - from < 5_000)
    await remove('flexible')
  })

  // https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html
  test('a failure that may pass is tried again, and one of the caller is dropped', async () => {
    const busy = new AwsError('InternalFailure', 'busy', 500)
    failures = [busy, busy]
    await create('retried')
    await until('the third attempt succeeds', () => timesOf('retried') === 1)
    const counted = (name: string) => metrics.filter(({ metric }) => metric === name).length
    assert.equal(counted('TargetErrorCount'), 2)

    failures = [new AwsError('InvalidParameterException', 'wrong', 400)]
    const queue = 'arn:aws:sqs:ap-northeast-2:000000000000:dead'
    await create('dropped', {
      Target: { Arn: TOPIC, RoleArn: ROLE, Input: 'dropped', DeadLetterConfig: { Arn: queue } },
    })
    await until('it is dropped', () => counted('InvocationDroppedCount') === 1)
    const [event] = here.context.events.since(0).filter(({ detailType }) => detailType.endsWith('Dropped'))
    assert.equal(event?.detail.reason, 'InvalidParameterException: wrong')
    assert.match(String(event?.detail.notSentTo), /^arn:aws:sqs:.*no SQS/)
    assert.equal(timesOf('dropped'), 0)

    failures = [busy, busy]
    await create('given-up', {
      Target: { Arn: TOPIC, RoleArn: ROLE, Input: 'given-up', RetryPolicy: { MaximumRetryAttempts: 1 } },
    })
    await until('its attempts are used up', () => counted('InvocationDroppedCount') === 2)
  })

  test('invokes a function with the event of a schedule', async () => {
    await create('function', { Target: { Arn: FUNCTION, RoleArn: ROLE } })
    const [call] = await until('it is invoked', () => invoked.length > 0 && invoked)
    assert.equal(call?.function, FUNCTION)
    const event = JSON.parse(call?.payload ?? '{}')
    assert.equal(event['detail-type'], 'Scheduled Event')
    assert.match(event.resources[0], /:schedule\/default\/function$/)
  })

  test('a schedule is described as it was created, and found by prefix, state and group', async () => {
    await client.send(new sdk.CreateScheduleGroupCommand({ Name: 'jobs', Tags: [{ Key: 'a', Value: '1' }] }))
    const { ScheduleArn } = await create('kept', {
      GroupName: 'jobs',
      ScheduleExpression: 'cron(0 2 ? * MON-FRI *)',
      ScheduleExpressionTimezone: 'Asia/Seoul',
      StartDate: new Date('2030-01-01T00:00:00Z'),
      Description: 'a description',
      State: 'DISABLED',
    })
    assert.equal(ScheduleArn, 'arn:aws:scheduler:ap-northeast-2:000000000000:schedule/jobs/kept')
    const {
      $metadata: _metadata,
      CreationDate,
      LastModificationDate,
      ...found
    } = await client.send(new sdk.GetScheduleCommand({ Name: 'kept', GroupName: 'jobs' }))
    assert.ok(CreationDate && LastModificationDate)
    assert.deepEqual(found, {
      Arn: ScheduleArn,
      Name: 'kept',
      GroupName: 'jobs',
      ScheduleExpression: 'cron(0 2 ? * MON-FRI *)',
      ScheduleExpressionTimezone: 'Asia/Seoul',
      StartDate: new Date('2030-01-01T00:00:00Z'),
      Description: 'a description',
      State: 'DISABLED',
      ActionAfterCompletion: 'NONE',
      FlexibleTimeWindow: OFF,
      Target: { Arn: TOPIC, RoleArn: ROLE, Input: 'kept' },
    })
    const list = async (filter: sdk.ListSchedulesCommandInput) => {
      const { Schedules = [] } = await client.send(new sdk.ListSchedulesCommand(filter))
      return Schedules.map(({ Name }) => Name)
    }
    assert.deepEqual(await list({ GroupName: 'jobs' }), ['kept'])
    assert.deepEqual(await list({ NamePrefix: 'kep', State: 'DISABLED' }), ['kept'])
    assert.deepEqual(await list({ NamePrefix: 'kep', State: 'ENABLED' }), [])

    const ResourceArn = 'arn:aws:scheduler:ap-northeast-2:000000000000:schedule-group/jobs'
    await client.send(new sdk.TagResourceCommand({ ResourceArn, Tags: [{ Key: 'b', Value: '2' }] }))
    await client.send(new sdk.UntagResourceCommand({ ResourceArn, TagKeys: ['a'] }))
    const { Tags } = await client.send(new sdk.ListTagsForResourceCommand({ ResourceArn }))
    assert.deepEqual(Tags, [{ Key: 'b', Value: '2' }])
    const { ScheduleGroups = [] } = await client.send(new sdk.ListScheduleGroupsCommand({}))
    assert.deepEqual(ScheduleGroups.map(({ Name }) => Name).sort(), ['default', 'jobs'])

    await client.send(new sdk.DeleteScheduleGroupCommand({ Name: 'jobs' }))
    await assert.rejects(list({ GroupName: 'jobs' }), { name: 'ResourceNotFoundException' })
    await assert.rejects(client.send(new sdk.DeleteScheduleGroupCommand({ Name: 'default' })), {
      name: 'ValidationException',
    })
  })

  test('the same client token creates a schedule once, and another one finds the name taken', async () => {
    const twice = { ClientToken: 'token', State: 'DISABLED' } as const
    const { ScheduleArn } = await create('idempotent', twice)
    assert.equal((await create('idempotent', twice)).ScheduleArn, ScheduleArn)
    await assert.rejects(create('idempotent'), { name: 'ConflictException' })
  })

  const target = (more: Partial<sdk.Target>) => ({
    Target: { Arn: TOPIC, RoleArn: ROLE, Input: 'x', ...more },
  })
  const refused: readonly (readonly [
    what: string,
    more: Partial<sdk.CreateScheduleCommandInput>,
    error: RegExp,
  ])[] = [
    [
      'a wrong expression',
      { ScheduleExpression: 'cron(0 2 * * *)' },
      /^ValidationException: Invalid Schedule Expression cron\(0 2 \* \* \*\)\./,
    ],
    [
      'an unknown time zone',
      { ScheduleExpressionTimezone: 'Mars/Olympus' },
      /^ValidationException: .*Mars\/Olympus/,
    ],
    ['a name with a space', { Name: 'two words' }, /^ValidationException: .*two words/],
    ['a group that does not exist', { GroupName: 'none' }, /^ResourceNotFoundException: .*none/],
    [
      'a role that does not exist',
      target({ RoleArn: 'arn:aws:iam::000000000000:role/none' }),
      /^ValidationException: .*assume/,
    ],
    [
      'a role that trusts another',
      target({ RoleArn: 'arn:aws:iam::000000000000:role/other' }),
      /^ValidationException: .*assume/,
    ],
    [
      'a cluster without a task definition',
      target({ Arn: CLUSTER, Input: '{}' }),
      /^ValidationException: EcsParameters/,
    ],
    [
      'overrides that are not JSON',
      target({ Arn: CLUSTER, Input: 'now', EcsParameters: { TaskDefinitionArn: 'app:1' } }),
      /^ValidationException: .*JSON/,
    ],
    [
      'a window without its length',
      { FlexibleTimeWindow: { Mode: 'FLEXIBLE' } },
      /^ValidationException: MaximumWindow/,
    ],
    [
      'too many retries',
      target({ RetryPolicy: { MaximumRetryAttempts: 186 } }),
      /^ValidationException: .*185/,
    ],
    [
      'a queue',
      target({ Arn: 'arn:aws:sqs:ap-northeast-2:000000000000:jobs' }),
      /^NotImplemented: .*Amazon SQS/,
    ],
    [
      'CodeBuild',
      target({ Arn: 'arn:aws:codebuild:ap-northeast-2:000000000000:project/x' }),
      /^NotImplemented: .*CodeBuild/,
    ],
    [
      'another universal target',
      target({ Arn: 'arn:aws:scheduler:::aws-sdk:rds:stopDBInstance' }),
      /^NotImplemented: .*aws-sdk:rds:stopDBInstance/,
    ],
  ]
  for (const [what, more, error] of refused) {
    test(`refuses ${what}`, async () => {
      await assert.rejects(create('refused', more), (thrown: Error) => {
        assert.match(`${thrown.name}: ${thrown.message}`, error)
        return true
      })
    })
  }
})
