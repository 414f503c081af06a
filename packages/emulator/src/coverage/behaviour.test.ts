import assert from 'node:assert/strict'
import { test } from 'node:test'
import { provenIn } from './behaviour.ts'

test('a behaviour is a test with its page of AWS right above; other tests and other pages are none', () => {
  const text = [
    '// https://docs.aws.amazon.com/elb/one.html',
    "test('drains', async () => {})",
    '// https://docs.aws.amazon.com/elb/two.html#part: it says so there.',
    '// And why this matters.',
    '  test("it\'s sticky", {}, () => {})',
    '// https://example.com/three.html',
    "test('is not documented', () => {})",
    "test('has no page', () => {})",
    '// https://docs.aws.amazon.com/elb/four.html',
    'const x = 1',
    "test('is too far away', () => {})",
  ].join('\n')
  assert.deepEqual(provenIn(text, 'a.test.ts'), [
    { behaviour: 'drains', page: 'https://docs.aws.amazon.com/elb/one.html', test: 'a.test.ts' },
    { behaviour: "it's sticky", page: 'https://docs.aws.amazon.com/elb/two.html#part', test: 'a.test.ts' },
  ])
})
