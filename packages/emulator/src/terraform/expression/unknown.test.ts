/** What is known only after the apply stays unknown in expressions, and no more than that. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Placeholder, type Term, UNKNOWN } from '../value/term.ts'
import { evaluateString } from './evaluate.ts'

const scope = {
  resolve: (address: string): Term =>
    address === 'aws_x.placeholder' ? new Placeholder(address, { name: 'n' }) : { late: UNKNOWN, here: 'h' },
  functions: { folder: '/', planning: true, now: Date.now, uuid: () => '' },
}

const table: readonly (readonly [expression: string, expected: Term])[] = [
  ['aws_x.y.late', UNKNOWN],
  ['"a-${aws_x.y.late}"', UNKNOWN],
  ['aws_x.y.late.deep[0]', UNKNOWN],
  ['[aws_x.y.late, 1][1]', 1],
  ['length([aws_x.y.late, 1])', 2],
  ['concat([aws_x.y.late], ["b"])[1]', 'b'],
  ['merge({ a = aws_x.y.late }, { b = 1 }).b', 1],
  ['jsonencode([aws_x.y.late])', UNKNOWN],
  ['aws_x.y.late == "a"', UNKNOWN],
  ['aws_x.y.late ? 1 : 2', UNKNOWN],
  ['false && aws_x.y.late', false],
  ['[for x in [aws_x.y.late] : "b"]', ['b']],
  ['[for x in aws_x.y.late : x]', UNKNOWN],
  // Whether it succeeds shows only when it is known.
  ['can(regex("a", aws_x.y.late))', UNKNOWN],
  ['try(aws_x.y.late.part, "x")', UNKNOWN],
  ['try({}.a, "x")', 'x'],
  ['coalesce("a", aws_x.y.late)', 'a'],
  ['coalesce(aws_x.y.late, "a")', UNKNOWN],
  ['coalescelist(["a"], aws_x.y.late)', ['a']],
  ['length(toset([aws_x.y.late]))', 1],
  ['length(toset([aws_x.y.late, "b"]))', UNKNOWN],
  ['timestamp()', UNKNOWN],
  ['uuid()', UNKNOWN],
  ['aws_x.y.here', 'h'],
  ['"${aws_x.placeholder.arn}"', 'aws_x.placeholder.arn'],
  ['aws_x.placeholder.name', 'n'],
  ['"${aws_x.placeholder.list[0].x}"', 'aws_x.placeholder.list[0].x'],
]

test('unknown values travel through expressions, placeholders answer with their address', () => {
  for (const [expression, expected] of table) {
    const actual = evaluateString(`\${${expression}}`, scope)
    assert.deepEqual(actual instanceof Placeholder ? actual.toTerm() : actual, expected, expression)
  }
})
