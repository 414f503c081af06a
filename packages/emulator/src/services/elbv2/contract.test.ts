/**
 * What other services may rely on in the load balancer, asked of the real one and of the two that tests put in its
 * place: of ECS's, which has targets and no traffic, and of CodeDeploy's, which has rules and no targets.
 */
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { until } from '../../test-kit/until.test-kit.ts'
import { inMemoryLoadBalancing } from '../codedeploy/test-kit/services.test-kit.ts'
import { testLoadBalancing } from '../ecs/test-kit/ecs.test-kit.ts'
import type { Elbv2, Target } from './contract.ts'
import { forward, startTestBalancer } from './test-kit/elbv2.test-kit.ts'

interface Targets extends AsyncDisposable {
  readonly elbv2: Elbv2
  readonly group: string
  /** A target that passes its health checks once it is registered. */
  target(): Promise<Target>
}

interface Rules extends AsyncDisposable {
  readonly elbv2: Elbv2
  readonly listener: string
  /** The names of two target groups; the listener forwards all to the first. */
  readonly names: readonly [string, string]
}

async function realTargets(): Promise<Targets> {
  const balancer = await startTestBalancer()
  const group = await balancer.group('one', { 'deregistration_delay.timeout_seconds': '1' })
  await balancer.listener([forward(group)])
  return {
    elbv2: balancer.elb,
    group,
    async target() {
      const { target } = await balancer.target(group, (_, response) => response.end())
      await balancer.elb.deregisterTarget(group, target)
      return target
    },
    [Symbol.asyncDispose]: () => balancer[Symbol.asyncDispose](),
  }
}

async function targetsOfEcs(): Promise<Targets> {
  return {
    elbv2: testLoadBalancing(),
    group: 'one',
    target: async () => ({ id: '127.0.0.1', port: 8080 }),
    [Symbol.asyncDispose]: async () => {},
  }
}

for (const [name, open] of Object.entries({
  'the load balancer': realTargets,
  'the targets that tests of ECS use': targetsOfEcs,
})) {
  describe(name, () => {
    test('knows no health of a target that is not registered', async () => {
      await using here = await open()
      assert.equal(here.elbv2.targetHealth(here.group, await here.target()), undefined)
    })

    test('reports each change of a target until it is unused, and none to a listener that has ended', async () => {
      await using here = await open()
      const target = await here.target()
      const seen: string[] = []
      const late: string[] = []
      const end = here.elbv2.onTargetHealth((group, of, { state }) => {
        assert.deepEqual([group, of], [here.group, target])
        seen.push(state)
      })
      here.elbv2.onTargetHealth((_group, _target, { state }) => void late.push(state))()
      here.elbv2.registerTarget(here.group, target)
      await here.elbv2.targetHealthy(here.group, target, AbortSignal.timeout(30_000))
      await until(() => here.elbv2.targetHealth(here.group, target)?.state === 'healthy')
      assert.equal(seen.at(-1), 'healthy')
      const drained = here.elbv2.deregisterTarget(here.group, target)
      assert.equal(here.elbv2.targetHealth(here.group, target)?.state, 'draining')
      assert.equal(seen.at(-1), 'draining')
      await drained
      const { state = 'unused' } = here.elbv2.targetHealth(here.group, target) ?? {}
      assert.equal(state, 'unused')
      end()
      const count = seen.length
      here.elbv2.registerTarget(here.group, target)
      await here.elbv2.targetHealthy(here.group, target, AbortSignal.timeout(30_000))
      assert.deepEqual([seen.length, late], [count, []])
    })
  })
}

async function realRules(): Promise<Rules> {
  const balancer = await startTestBalancer()
  const blue = await balancer.group('blue')
  const green = await balancer.group('green')
  const listener = await balancer.listener([forward([blue, 100], [green, 0])])
  return {
    elbv2: balancer.elb,
    listener,
    names: ['blue', 'green'],
    [Symbol.asyncDispose]: () => balancer[Symbol.asyncDispose](),
  }
}

async function rulesOfCodeDeploy(): Promise<Rules> {
  return {
    elbv2: inMemoryLoadBalancing().elbv2,
    listener: 'production',
    names: ['blue', 'green'],
    [Symbol.asyncDispose]: async () => {},
  }
}

for (const [name, open] of Object.entries({
  'the load balancer': realRules,
  'the rules that tests of CodeDeploy use': rulesOfCodeDeploy,
})) {
  describe(name, () => {
    test('finds target groups by name, and listeners', async () => {
      await using here = await open()
      for (const groupName of here.names)
        assert.equal(here.elbv2.targetGroupByName(groupName)?.name, groupName)
      assert.equal(here.elbv2.targetGroupByName('nowhere'), undefined)
      assert.equal(here.elbv2.listenerExists(here.listener), true)
      assert.equal(here.elbv2.listenerExists('nowhere'), false)
      assert.deepEqual(here.elbv2.forwardingRules('nowhere'), [])
    })

    test('replaces the target groups of one rule, and of no other', async () => {
      await using here = await open()
      const [blue, green] = here.names.map((groupName) => here.elbv2.targetGroupByName(groupName)?.arn ?? '')
      assert.ok(blue && green)
      const before = here.elbv2.forwardingRules(here.listener)
      const rule = before.find(({ targetGroups }) =>
        targetGroups.some(({ targetGroupArn }) => targetGroupArn === blue),
      )
      assert.ok(rule)
      assert.equal(rule.listenerArn, here.listener)
      const weights = [
        { targetGroupArn: blue, weight: 90 },
        { targetGroupArn: green, weight: 10 },
      ]
      here.elbv2.setForward(rule.ruleArn, weights)
      assert.deepEqual(
        here.elbv2.forwardingRules(here.listener),
        before.map((each) => (each.ruleArn === rule.ruleArn ? { ...each, targetGroups: weights } : each)),
      )
    })

    test('refuses to change a rule that it does not have', async () => {
      await using here = await open()
      assert.throws(() => here.elbv2.setForward('nowhere', []))
    })
  })
}
