import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parsePlan, TerraformError, type UiEvent } from '@baton/terraform'
import { Interrupted } from '../../interrupt.ts'
import { UsageError } from '../../usage-error.ts'
import { memoryTerminal } from '../test-kit/terraform.test-kit.ts'
import { describeChanges, progressReporter } from './progress-reporter.ts'
import { toUserError, withUserErrors } from './user-errors.ts'

const named = (name: string, more: object = {}) => Object.assign(new Error('because'), { name }, more)

describe('a failure of Terraform or AWS, as users read it', () => {
  const cases: [name: string, error: Error, message: RegExp, fix: RegExp][] = [
    ['Terraform’s', new TerraformError('plan-failed', 'plan failed', 'fix it'), /^plan failed$/, /^fix it$/],
    [
      'no credentials',
      named('CredentialsProviderError'),
      /no valid AWS credentials: because/,
      /aws sso login/,
    ],
    [
      'a refusal',
      named('AccessDeniedException', { $fault: 'client' }),
      /AccessDeniedException: because/,
      /permissions/,
    ],
  ]
  for (const [name, error, message, fix] of cases) {
    test(name, async () => {
      await assert.rejects(
        withUserErrors(() => Promise.reject(error)),
        (thrown: Error) => {
          assert.ok(thrown instanceof UsageError)
          assert.match(thrown.message, message)
          assert.match(thrown.fix, fix)
          assert.equal(thrown.cause, error)
          return true
        },
      )
    })
  }

  test('an error of ours, or one that users can read already, stays what it is', () => {
    for (const error of [new Error('invariant'), new Interrupted(), 'text'])
      assert.equal(toUserError(error), error)
  })
})

describe('what Terraform does, reported', () => {
  test('ends, failures and full minutes are lines; reads, starts and chatter are none', () => {
    const terminal = memoryTerminal()
    const report = progressReporter(terminal, 'platform')
    const resource = { address: 'aws_lb.main', action: 'create' }
    const events: UiEvent[] = [
      { type: 'message', text: 'Initializing the backend...' },
      { type: 'planned', ...resource },
      { type: 'started', ...resource },
      { type: 'progress', ...resource, elapsedSeconds: 50 },
      { type: 'progress', ...resource, elapsedSeconds: 60 },
      { type: 'finished', ...resource, elapsedSeconds: 72 },
      { type: 'finished', address: 'data.aws_route53_zone.main', action: 'read' },
      { type: 'finished', address: 'aws_vpc.main', action: 'delete', elapsedSeconds: 1 },
      { type: 'failed', address: 'aws_eip.nat_a', action: 'create' },
      { type: 'diagnostic', diagnostic: { severity: 'warning', summary: 'Old', detail: 'use new' } },
      { type: 'message', text: 'Interrupt received.\nPlease wait…' },
    ]
    for (const event of events) report(event)
    assert.deepEqual(terminal.lines, [
      'platform: aws_lb.main creating noted (1 min so far)',
      'platform: aws_lb.main created finished (72 s)',
      'platform: aws_vpc.main deleted finished',
      'platform: aws_eip.nat_a not created failed',
      '· platform: warning: Old: use new',
      '· platform: interrupted; Terraform finishes what it has begun and saves its state',
    ])
  })

  test('a plan lists what changes, counts what is new by type, and shows drift', () => {
    const change = (address: string, actions: string[], more: object = {}) => {
      const [type] = address.split('.')
      return { address, mode: 'managed', type, change: { actions, before: null, after: null, ...more } }
    }
    const plan = parsePlan(
      JSON.stringify({
        format_version: '1.2',
        resource_changes: [
          ...Array.from({ length: 13 }, (_, index) => change(`aws_subnet.s${index}`, ['create'])),
          change('aws_efs_file_system.logs', ['delete', 'create'], { replace_paths: [['encrypted']] }),
          change('aws_s3_bucket.state', ['update'], { importing: { id: 'x' } }),
        ],
        resource_drift: [change('aws_eip.nat_a', ['delete'])],
      }),
    )
    assert.deepEqual(describeChanges('platform', plan), [
      'platform: 13 to create, 1 to change, 1 to replace, 1 to adopt',
      '  + 13 aws_subnet',
      '  ± aws_efs_file_system.logs (forced by encrypted)',
      '  ~ aws_s3_bucket.state (exists; Terraform imports it)',
      '  ! aws_eip.nat_a was deleted outside of Terraform',
    ])
  })
})
