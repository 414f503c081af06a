/** Weights of a pair of target groups behind listeners, over a table of rules. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { AwsError } from '../../aws-error.ts'
import type { ForwardingRule, WeightedTargetGroup } from '../elbv2/contract.ts'
import { checkListeners, ListenerError, setWeights } from './listener-weights.ts'

const group = (targetGroupArn: string, weight = 0): WeightedTargetGroup => ({ targetGroupArn, weight })

function listenerRules(table: Record<string, readonly WeightedTargetGroup[][]>) {
  const rules: ForwardingRule[] = Object.entries(table).flatMap(([listenerArn, forwards]) =>
    forwards.map((targetGroups, index) => ({
      ruleArn: `${listenerArn}/${index}`,
      listenerArn,
      isDefault: index === 0,
      targetGroups,
    })),
  )
  const set = new Map<string, readonly WeightedTargetGroup[]>()
  return {
    set,
    forwardingRules: (listener: string) => rules.filter((rule) => rule.listenerArn === listener),
    listenerExists: (listener: string) => listener in table,
    setForward: (rule: string, groups: readonly WeightedTargetGroup[]) => void set.set(rule, groups),
  }
}

const kind = (expected: ListenerError['kind']) => (error: unknown) =>
  error instanceof ListenerError && error.kind === expected

test('rewrites each rule that forwards to the pair, and no other', () => {
  const rules = listenerRules({
    https: [[group('other', 1)], [group('blue', 100)], [group('green', 0), group('blue', 100)]],
  })
  setWeights(rules, ['https'], { from: 'blue', to: 'green', percent: 10 })
  assert.deepEqual(Object.fromEntries(rules.set), {
    'https/1': [group('blue', 90), group('green', 10)],
    'https/2': [group('green', 10), group('blue', 90)],
  })
})

test('refuses a listener that does not exist or does not forward to the pair', () => {
  const rules = listenerRules({ https: [[group('other', 1)]] })
  const shares = { from: 'blue', to: 'green', percent: 10 }
  assert.throws(() => setWeights(rules, ['http'], shares), kind('no-listener'))
  assert.throws(() => setWeights(rules, ['https'], shares), kind('no-rule'))
})

test('reports what the load balancer refuses, and passes on what is no refusal', () => {
  const rules = listenerRules({ https: [[group('blue', 1)]] })
  const failing = (error: Error) => () =>
    setWeights(
      {
        ...rules,
        setForward() {
          throw error
        },
      },
      ['https'],
      { from: 'blue', to: 'green', percent: 10 },
    )
  assert.throws(failing(new AwsError('RuleNotFound', 'no such rule')), kind('refused'))
  assert.throws(failing(new Error('invariant')), /invariant/)
})

test('the live target group must be behind each rule of the pair', () => {
  const rules = listenerRules({
    https: [[group('blue', 1)]],
    test: [[group('blue', 1)], [group('green', 1)]],
  })
  checkListeners(rules, ['https'], ['blue', 'green'], 'blue')
  assert.throws(() => checkListeners(rules, ['https', 'test'], ['blue', 'green'], 'blue'), kind('not-live'))
  assert.throws(() => checkListeners(rules, ['http'], ['blue', 'green'], 'blue'), kind('no-listener'))
})
