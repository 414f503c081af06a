import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { stoppedChanges } from './guard.ts'
import { describePlan, parsePlan, summarize } from './plan.ts'

type Actions = readonly string[]

const change = (address: string, actions: Actions, more: object = {}, inside: object = {}) => {
  const [type = '', name = ''] = address.split('.')
  return {
    address,
    mode: 'managed',
    type,
    name,
    change: { actions, before: null, after: null, ...inside },
    ...more,
  }
}
const document = (changes: readonly object[], more: object = {}) =>
  JSON.stringify({ format_version: '1.2', resource_changes: changes, ...more })

describe('a plan', () => {
  test('counts what would happen, and knows both orders of a replacement', () => {
    const plan = parsePlan(
      document([
        change('aws_vpc.main', ['create']),
        change('aws_lb.main', ['update']),
        change('aws_db_parameter_group.main', ['create', 'delete']),
        change(
          'aws_efs_file_system.logs',
          ['delete', 'create'],
          { action_reason: 'replace_because_cannot_update' },
          { replace_paths: [['encrypted']] },
        ),
        change('aws_eip.nat_a', ['delete']),
        change('aws_subnet.a', ['no-op']),
        { ...change('aws_route53_zone.main', ['read']), mode: 'data' },
        change('aws_s3_bucket.state', ['update'], {}, { importing: { id: 'x' } }),
      ]),
    )
    assert.deepEqual(summarize(plan), { create: 1, update: 2, replace: 2, delete: 1, import: 1 })
    assert.equal(describePlan(plan), '1 to create, 2 to change, 2 to replace, 1 to delete, 1 to adopt')
    assert.deepEqual(plan.changes.find(({ address }) => address === 'aws_efs_file_system.logs')?.forcedBy, [
      'encrypted',
    ])
  })

  test('says when there is nothing to do, whatever stays as it is', () => {
    const plan = parsePlan(document([change('aws_vpc.main', ['no-op'])], { applyable: false }))
    assert.equal(plan.applicable, false)
    assert.equal(describePlan(plan), 'nothing to do')
  })

  test('a renamed resource and a changed output are worth an apply', () => {
    const moved = parsePlan(
      document([change('aws_lb.main', ['no-op'], { previous_address: 'aws_lb.old' })], { applyable: true }),
    )
    assert.equal(describePlan(moved), '1 renamed')
    const output = parsePlan(
      document([], {
        output_changes: { a: { actions: ['update'] }, b: { actions: ['no-op'] } },
        applyable: true,
      }),
    )
    assert.equal(describePlan(output), 'outputs change: a')
  })

  test('what a deployment owns is no drift; everything else is', () => {
    const drift = [
      change(
        'aws_lb_listener_rule.admin',
        ['update'],
        {},
        { before: { action: [{ weight: 100 }] }, after: { action: [{ weight: 0 }] } },
      ),
      change(
        'aws_ecs_service.admin',
        ['update'],
        {},
        {
          before: { desired_count: 0, task_definition: 'a:1' },
          after: { desired_count: 2, task_definition: 'a:7' },
        },
      ),
      change(
        'aws_cloudfrontkeyvaluestore_key.admin',
        ['update'],
        {},
        { before: { value: 'none' }, after: { value: 'v7' } },
      ),
      change(
        'aws_lb_listener_rule.user',
        ['update'],
        {},
        { before: { priority: 1, action: 1 }, after: { priority: 2, action: 2 } },
      ),
      change('aws_eip.nat_a', ['delete'], {}, { before: { id: 'x' }, after: null }),
    ]
    assert.deepEqual(parsePlan(document([], { resource_drift: drift, applyable: false })).drift, [
      { address: 'aws_lb_listener_rule.user', action: 'update', attributes: ['priority'] },
      { address: 'aws_eip.nat_a', action: 'delete', attributes: ['id'] },
    ])
  })

  test('what is no plan, or one from the future, is refused by name', () => {
    for (const text of ['', '{}', 'null', JSON.stringify({ format_version: '2.0' })]) {
      assert.throws(() => parsePlan(text), { code: 'plan-unreadable' }, text)
    }
  })
})

describe('the plan guard', () => {
  const guarded = [
    'aws_db_instance.main',
    'aws_efs_file_system.logs',
    'aws_s3_bucket.sites',
    'aws_route53_zone.main',
    'aws_cloudfront_key_value_store.sites',
    'aws_lb_target_group.admin_blue',
    'aws_lb_listener_rule.admin',
    'aws_ecs_service.admin',
  ]
  for (const address of guarded) {
    for (const actions of [['delete'], ['delete', 'create'], ['create', 'delete']]) {
      test(`stops ${actions.join(' and ')} of ${address}, until it is named`, () => {
        const plan = parsePlan(document([change(address, actions)]))
        assert.deepEqual(
          stoppedChanges(plan).map((stopped) => stopped.address),
          [address],
        )
        assert.deepEqual(stoppedChanges(plan, ['aws_vpc.main']).length, 1)
        assert.deepEqual(stoppedChanges(plan, [address]), [])
      })
    }
  }

  test('allows what creates, changes in place, or replaces what holds nothing', () => {
    const harmless = [
      change('aws_db_instance.main', ['update']),
      change('aws_s3_bucket.sites', ['create']),
      change('aws_ecs_task_definition.admin', ['create', 'delete']),
      change('aws_cloudwatch_metric_alarm.admin_errors', ['delete']),
      change('aws_lb_target_group.admin_blue', ['delete'], { deposed: 'a1b2c3d4' }),
    ]
    assert.deepEqual(stoppedChanges(parsePlan(document(harmless))), [])
  })
})
