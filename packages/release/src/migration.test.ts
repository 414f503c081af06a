import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { migrate } from './migration.ts'
import { ReleaseError } from './release-error.ts'
import { type EmptyAccount, openEmptyAccount } from './test-kit/empty-account.test-kit.ts'
import { refuses, waitingClock } from './test-kit/service-release.test-kit.ts'
import { Fault, type StubAws } from './test-kit/stub-aws.test-kit.ts'

let account: EmptyAccount
let aws: StubAws
beforeEach(async () => {
  account = await openEmptyAccount()
  account.apply('platform')
  aws = account.aws
})
afterEach(() => account[Symbol.asyncDispose]())

describe('the migration', () => {
  const migration = (limits: { signal?: AbortSignal; giveUpAfterMs?: number } = {}) => {
    const request = {
      platform: account.platform.name,
      image: 'registry/migrations@sha256:abc',
      version: 'v1',
      ...limits,
    }
    return migrate(aws.clients, request, waitingClock())
  }
  const hanging = { tasks: [{ lastStatus: 'RUNNING', containers: [{ name: 'migrate' }] }] }
  const reasons = () => aws.inputsOf('StopTask').map(({ task, reason }) => [task, reason])

  test('is a task in the private subnets, waited for to its end', async () => {
    const looks = ['PROVISIONING', 'RUNNING', 'STOPPED']
    aws.on({
      DescribeTasks: () => ({
        tasks: [{ lastStatus: looks.shift(), containers: [{ name: 'migrate', exitCode: 0 }] }],
      }),
    })
    await migration()
    assert.equal(aws.inputsOf('DescribeTasks').length, 3)
    assert.deepEqual(aws.inputsOf('RunTask')[0]?.networkConfiguration, {
      awsvpcConfiguration: {
        subnets: ['subnet-1', 'subnet-2'],
        securityGroups: ['sg-1'],
        assignPublicIp: 'DISABLED',
      },
    })
  })

  test('is looked for again where ECS does not know its task yet, and given up where it never does', async () => {
    const stopped = { lastStatus: 'STOPPED', containers: [{ name: 'migrate', exitCode: 0 }] }
    let looks = 0
    const missing = { tasks: [], failures: [{ reason: 'MISSING' }] }
    aws.on({ DescribeTasks: () => (++looks < 3 ? missing : { tasks: [stopped] }) })
    await migration()
    assert.equal(looks, 3)
    aws.on({ DescribeTasks: () => missing })
    await assert.rejects(migration(), refuses('migration-failed', /ECS does not know its task/))
  })

  test('that cannot be watched any more is not called released', async () => {
    aws.on({
      DescribeTasks: () => {
        throw new Fault('ExpiredTokenException', 'the token has expired')
      },
    })
    await assert.rejects(migration(), refuses('migration-failed', /can no longer be watched \(ExpiredToken/))
  })

  test('is stopped when its caller is interrupted', async () => {
    const controller = new AbortController()
    const reason = new Error('interrupted')
    aws.on({
      DescribeTasks: () => {
        controller.abort(reason)
        return hanging
      },
      StopTask: () => ({}),
    })
    await assert.rejects(migration({ signal: controller.signal }), reason)
    assert.deepEqual(reasons(), [['arn:aws:ecs:::task/cluster/1234', 'baton: interrupted']])
    await assert.rejects(migration({ signal: controller.signal }), reason)
    assert.equal(aws.inputsOf('RunTask').length, 1, 'none is started once the signal is aborted')
  })

  test('that hangs is stopped after its time, and the error says where to look', async () => {
    aws.on({ DescribeTasks: () => hanging, StopTask: () => ({}) })
    await assert.rejects(
      migration({ giveUpAfterMs: 0 }),
      refuses('migration-failed', /is being stopped/, /1234.*lock/),
    )
    assert.deepEqual(reasons(), [['arn:aws:ecs:::task/cluster/1234', 'baton: the migration took too long']])
  })

  test('says why ECS did not start it', async () => {
    aws.on({ RunTask: () => ({ tasks: [], failures: [{ reason: 'RESOURCE:MEMORY' }] }) })
    await assert.rejects(migration(), refuses('task-not-started', /RESOURCE:MEMORY/))
  })

  test('says that its container never ran, and why', async () => {
    aws.on({
      DescribeTasks: () => ({
        tasks: [
          {
            taskArn: 'arn:aws:ecs:::task/cluster/1234',
            lastStatus: 'STOPPED',
            stoppedReason: 'CannotPullContainerError',
            containers: [{ name: 'migrate', reason: 'CannotPullContainerError' }],
          },
        ],
      }),
    })
    await assert.rejects(migration(), (error) => {
      assert.ok(error instanceof ReleaseError)
      assert.match(error.message, /before it ran: CannotPullContainerError\.$/)
      assert.match(error.fix, /1234/, 'the fix names the log')
      return true
    })
  })
})
