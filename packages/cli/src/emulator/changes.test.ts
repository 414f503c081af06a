import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeFailure, renderFailure } from '../failure.ts'
import { describeEmulatorChanges } from './changes.ts'

const created = (count: number) =>
  Array.from({ length: count }, (_, index) => ({
    address: `aws_subnet.s[${index}]`,
    action: 'create' as const,
  }))

test('a re-apply shows what was changed in place, what was replaced, and what forced that', () => {
  const lines = describeEmulatorChanges([
    ...created(1),
    { address: 'data.aws_caller_identity.current', action: 'read' },
    {
      address: 'aws_ecs_service.admin',
      action: 'update',
      changed: ['desired_count', 'load_balancer[0].container_port'],
    },
    {
      address: 'aws_lb_target_group.blue',
      action: 'replace',
      changed: ['port', 'slow_start'],
      forcedBy: ['port'],
      reason: 'port forces replacement',
      createBeforeDestroy: true,
    },
    { address: 'aws_ecr_repository.old', action: 'delete', reason: 'it is no longer in the configuration' },
  ])
  assert.deepEqual(lines, [
    '  + created aws_subnet.s[0]',
    '  ~ changed in place aws_ecs_service.admin (desired_count, load_balancer[0].container_port)',
    '  ± replaced aws_lb_target_group.blue (port forces replacement; the new one was created first)',
    '  - deleted aws_ecr_repository.old (it is no longer in the configuration)',
  ])
})

test('a first apply lists nothing: all of it is new', () => {
  assert.deepEqual(describeEmulatorChanges(created(150)), [])
})

test('a refusal names the stack, the resource and the attribute', () => {
  const error = Object.assign(new Error('The Terraform cannot be applied: 1 problem.'), {
    name: 'EmulatorError',
    fix: 'Correct it.',
    diagnostics: [
      {
        severity: 'error',
        stack: 'platform',
        address: 'aws_lb.main',
        attribute: 'colour',
        summary: 'Unknown attribute',
        detail: 'It knows: name.',
      },
    ],
  })
  const failure = describeFailure(error)
  assert.ok(failure)
  assert.match(
    renderFailure(failure),
    /^ {2}platform: aws_lb\.main\.colour: Unknown attribute: It knows: name\.$/m,
  )
})

test('an apply that was cut off shows what it did and what it had not begun', () => {
  const error = Object.assign(new Error('The apply ended early: 1 problem.'), {
    name: 'EmulatorError',
    fix: 'Apply again.',
    diagnostics: [
      { severity: 'error', address: 'aws_lb.main', summary: 'It could not be applied', detail: 'Why.' },
    ],
    unfinished: {
      changes: created(14),
      pending: [{ address: 'aws_lb_listener.http', action: 'create' }],
    },
  })
  const failure = describeFailure(error)
  assert.ok(failure)
  const text = renderFailure(failure)
  assert.match(text, /^Done, and kept:\n {2}\+ created aws_subnet\.s\[0\]\n/m)
  assert.match(text, /^ {2}and 2 more\nNot begun:\n {2}create aws_lb_listener\.http\nFix: Apply again\.$/m)
})
