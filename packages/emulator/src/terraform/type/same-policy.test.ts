import assert from 'node:assert/strict'
import { test } from 'node:test'
import { samePolicy } from './same-policy.ts'

const statement = { Effect: 'Allow', Action: ['s3:GetObject', 's3:PutObject'], Resource: '*' }
const policy = { Version: '2012-10-17', Statement: [statement] }
const text = JSON.stringify(policy)

for (const [what, other, same] of [
  ['spaces', JSON.stringify(policy, null, 2), true],
  ['the order of keys', JSON.stringify({ Statement: [statement], Version: '2012-10-17' }), true],
  [
    'the order of a list',
    JSON.stringify({ ...policy, Statement: [{ ...statement, Action: statement.Action.toReversed() }] }),
    true,
  ],
  ['a list of one', JSON.stringify({ ...policy, Statement: { ...statement, Resource: ['*'] } }), true],
  [
    'another action',
    JSON.stringify({ ...policy, Statement: [{ ...statement, Action: ['s3:GetObject'] }] }),
    false,
  ],
  ['another effect', JSON.stringify({ ...policy, Statement: [{ ...statement, Effect: 'Deny' }] }), false],
  ['no JSON', 'not a policy', false],
] as const) {
  test(`${what} ${same ? 'is no change' : 'is a change'} of a policy`, () => {
    assert.equal(samePolicy(text, other), same)
  })
}
