import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { UsageError } from '../usage-error.ts'
import type { TearDownSteps } from './step/tear-down-steps.ts'
import { tearDown } from './tear-down.ts'
import { memoryTerminal, memoryTerraform } from './test-kit/terraform.test-kit.ts'

const platformResources = [
  'aws_vpc.main',
  'aws_lb.main',
  'aws_s3_bucket.sites',
  'aws_db_instance.main',
  'data.aws_route53_zone.main',
]
const bootstrapResources = [
  'aws_s3_bucket.state',
  'aws_s3_bucket_policy.state',
  'aws_route53_zone.main',
  'aws_ecr_repository.admin',
]

function account(options: { failAt?: string; running?: string[]; empty?: boolean; gone?: string[] } = {}) {
  const log: string[] = []
  const failAt = { address: options.failAt }
  const stacks = {
    platform: new Set(options.empty ? [] : platformResources),
    bootstrap: new Set(options.empty ? [] : bootstrapResources),
  }
  let bucket = !options.empty
  const steps: TearDownSteps = {
    identify: async () => ({ id: '123456789012', arn: 'arn:aws:iam::123456789012:user/me' }),
    stateBucket: ({ id }) => ({
      newName: `state-${id}`,
      find: async () => (bucket ? `state-${id}` : undefined),
      async remove(name) {
        assert.equal(name, 'state-123456789012')
        log.push('remove the bucket')
        bucket = false
      },
    }),
    deploymentsUnderWay: async () => options.running ?? [],
    open: async (name) =>
      memoryTerraform({
        state: stacks[name],
        log,
        wanted: [],
        failAt,
        actions: (address) => (options.gone?.includes(address) ? 'create' : undefined),
      }),
    async removeRevisions() {
      log.push('remove revisions')
      return 3
    },
  }
  return { steps, log, stacks }
}

const run = (
  steps: TearDownSteps,
  all = false,
  confirm: (question: string) => Promise<void> = async () => {},
) =>
  tearDown(steps, {
    platform: { name: 'keencho-production', region: 'ap-northeast-2' },
    finalSnapshot: 'keencho-production-final-1',
    all,
    confirm,
    terminal: memoryTerminal(),
  })

describe('baton destroy', () => {
  test('lowers the protections first, destroys the platform, and keeps the bootstrap stack', async () => {
    const { steps, log, stacks } = account()
    const done = await run(steps)
    assert.deepEqual(log.slice(0, 3), [
      'update aws_lb.main',
      'update aws_s3_bucket.sites',
      'update aws_db_instance.main',
    ])
    assert.deepEqual(log.slice(3), [
      'delete aws_vpc.main',
      'delete aws_lb.main',
      'delete aws_s3_bucket.sites',
      'delete aws_db_instance.main',
      'remove revisions',
    ])
    assert.equal(done.finalSnapshot, 'keencho-production-final-1')
    assert.equal(stacks.bootstrap.size, bootstrapResources.length)
  })

  test('with --all the bucket with the state goes last, and not by the state that it holds', async () => {
    const { steps, log } = account()
    await run(steps, true)
    assert.deepEqual(log.slice(log.indexOf('remove revisions') + 1), [
      'update aws_ecr_repository.admin',
      'forget aws_s3_bucket.state',
      'forget aws_s3_bucket_policy.state',
      'delete aws_route53_zone.main',
      'delete aws_ecr_repository.admin',
      'remove the bucket',
    ])
  })

  test('stopped anywhere, a second run goes on and builds nothing again', async () => {
    for (const address of [...platformResources, ...bootstrapResources].filter(
      (address) => !address.startsWith('data.'),
    )) {
      const { steps, log, stacks } = account({ failAt: address })
      await run(steps, true).catch((error: Error) => assert.match(error.message, /failed/))
      await run(steps, true)
      assert.deepEqual(
        [...stacks.platform, ...stacks.bootstrap].filter((left) => !left.startsWith('data.')),
        [],
        address,
      )
      assert.deepEqual(
        log.filter((entry) => entry.startsWith('create')),
        [],
        address,
      )
      assert.equal(log.at(-1), 'remove the bucket', address)
    }
  })

  test('what was deleted from the account already is not created again to lower its protection', async () => {
    const { steps, log } = account({ gone: ['aws_db_instance.main'] })
    await run(steps)
    assert.ok(!log.includes('create aws_db_instance.main'))
    assert.ok(log.includes('update aws_lb.main'))
  })

  test('asks with account and platform, and changes nothing at another name', async () => {
    const { steps, log } = account()
    const no = async (question: string) => {
      assert.match(question, /destroys keencho-production in account 123456789012, ap-northeast-2/)
      throw new UsageError('The platform is called keencho-production.', 'Name it exactly.')
    }
    await assert.rejects(run(steps, false, no), /is called/)
    assert.deepEqual(log, [])
  })

  test('does not wait: it refuses while a deployment is under way, and names it', async () => {
    const { steps, log } = account({ running: ['admin d-ABCDEF123'] })
    await assert.rejects(run(steps), /admin d-ABCDEF123/)
    assert.deepEqual(log, [])
  })

  test('an account without the platform has nothing to destroy, and is asked nothing', async () => {
    const { steps } = account({ empty: true })
    assert.deepEqual(await run(steps, true, async (question) => assert.fail(question)), { destroyed: [] })
  })
})
