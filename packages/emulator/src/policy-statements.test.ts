/** What a policy document holds. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readPolicy } from './policy-statements.ts'

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
test('one statement may stand without a list', () => {
  const statement = { Effect: 'Allow' }
  for (const Statement of [statement, [statement]]) {
    const read = readPolicy(JSON.stringify({ Statement }))
    assert.ok(typeof read === 'object')
    assert.deepEqual(read.statements, [statement])
  }
})

test('a text that is no policy document is named', () => {
  assert.equal(readPolicy('{'), 'not-json')
  for (const text of ['[]', 'null', '{}', '{"Statement":"Allow"}', '{"Statement":[1]}']) {
    assert.equal(readPolicy(text), 'no-statement', text)
  }
})
