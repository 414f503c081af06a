import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { parseDiagnostic } from './diagnostic.ts'
import { lineSplitter } from './lines.ts'
import { parseUiLine } from './ui.ts'

/** Lines as Terraform 1.11.4 and OpenTofu print them. */
const resource =
  '"resource":{"addr":"terraform_data.b","module":"","resource":"terraform_data.b","implied_provider":"terraform","resource_type":"terraform_data","resource_name":"b","resource_key":null}'
const line = (type: string, rest: string) =>
  `{"@level":"info","@message":"said","@module":"terraform.ui","@timestamp":"2026-11-22T13:50:42.924657Z",${rest},"type":"${type}"}`

const cases: [name: string, line: string, expected: unknown][] = [
  ['a version', line('version', '"terraform":"1.11.4","ui":"1.2"'), undefined],
  ['OpenTofu’s version', line('version', '"tofu":"1.11.0","ui":"1.2"'), undefined],
  [
    'a planned replacement',
    line('planned_change', `"change":{${resource},"action":"replace","reason":"cannot_update"}`),
    { type: 'planned', address: 'terraform_data.b', action: 'replace', reason: 'cannot_update' },
  ],
  [
    'a start',
    line('apply_start', `"hook":{${resource},"action":"delete","id_key":"id","id_value":"e4efb46e"}`),
    { type: 'started', address: 'terraform_data.b', action: 'delete' },
  ],
  [
    'progress',
    line('apply_progress', `"hook":{${resource},"action":"create","elapsed_seconds":10}`),
    { type: 'progress', address: 'terraform_data.b', action: 'create', elapsedSeconds: 10 },
  ],
  [
    'an end',
    line(
      'apply_complete',
      `"hook":{${resource},"action":"create","id_key":"id","id_value":"x","elapsed_seconds":3}`,
    ),
    { type: 'finished', address: 'terraform_data.b', action: 'create', elapsedSeconds: 3 },
  ],
  [
    'a failure',
    line('apply_errored', `"hook":{${resource},"action":"create","elapsed_seconds":2}`),
    { type: 'failed', address: 'terraform_data.b', action: 'create', elapsedSeconds: 2 },
  ],
  [
    'a refresh',
    line('refresh_complete', `"hook":{${resource},"id_key":"id","id_value":"x"}`),
    { type: 'refreshed', address: 'terraform_data.b' },
  ],
  [
    'a summary',
    line('change_summary', '"changes":{"add":1,"change":2,"import":4,"remove":3,"operation":"plan"}'),
    { type: 'summary', operation: 'plan', counts: { add: 1, change: 2, remove: 3, import: 4 } },
  ],
  ['a log line', line('log', '"x":1'), { type: 'message', text: 'said' }],
  ['a type from the future', line('prophecy', '"x":1'), { type: 'message', text: 'said' }],
  ['a hook without a resource', line('apply_start', '"hook":{}'), undefined],
  ['no JSON', 'Upgrading…', { type: 'message', text: 'Upgrading…' }],
  ['broken JSON', '{"type":', { type: 'message', text: '{"type":' }],
  ['JSON that is no object', '[1]', { type: 'message', text: '[1]' }],
  ['an empty line', '', undefined],
]

describe('a line of the machine-readable UI', () => {
  for (const [name, text, expected] of cases) {
    test(name, () => assert.deepEqual(parseUiLine(text), expected))
  }
})

test('a diagnostic keeps its address, names its place, and how to fix what is known', () => {
  assert.deepEqual(
    parseDiagnostic({
      severity: 'error',
      summary: 'creating ELBv2 Load Balancer',
      detail: 'operation error: api error AccessDenied: x is not authorized to perform: y',
      address: 'aws_lb.main',
      range: { filename: 'cdk.tf.json', start: { line: 7, column: 1, byte: 3 } },
    }),
    {
      severity: 'error',
      summary: 'creating ELBv2 Load Balancer',
      detail: 'operation error: api error AccessDenied: x is not authorized to perform: y',
      address: 'aws_lb.main',
      place: 'cdk.tf.json:7',
      fix: 'The identity that applies lacks this permission: grant it, or apply as another one.',
    },
  )
  assert.equal(
    parseDiagnostic({ summary: 'x', snippet: { context: 'data.aws_route53_zone.main' } })?.address,
    'data.aws_route53_zone.main',
  )
  assert.equal(parseDiagnostic({ summary: 'x', snippet: { context: 'terraform' } })?.address, undefined)
  assert.equal(parseDiagnostic('x'), undefined)
})

test('lines are put together from pieces, and one that never ends is not kept', () => {
  const lines: string[] = []
  const lost: number[] = []
  const splitter = lineSplitter({
    maximumLength: 8,
    onLine: (text) => lines.push(text),
    onLost: (length) => lost.push(length),
  })
  for (const chunk of ['on', 'e\r\ntwo\n\n', 'a much too ', 'long line\nthree', '']) splitter.push(chunk)
  splitter.end()
  assert.deepEqual(lines, ['one', 'two', 'three'])
  assert.deepEqual(lost, ['a much too long line'.length])
})
