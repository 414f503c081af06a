import assert from 'node:assert/strict'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { until } from '../../../../test-kit/until.test-kit.ts'
import { forward, get, startTestBalancer } from '../../test-kit/elbv2.test-kit.ts'

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#modify-routing-algorithm
test('round robin gives every target its turn', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one')
  await balancer.listener([forward(group)])
  for (const name of ['a', 'b', 'c']) await balancer.target(group, (_, response) => response.end(name))
  const bodies = []
  for (let sent = 0; sent < 9; sent++) bodies.push((await get(balancer.portOf(80))).body)
  assert.deepEqual(bodies.slice(0, 3).sort(), ['a', 'b', 'c'])
  assert.deepEqual(bodies.slice(3, 6), bodies.slice(0, 3))
  assert.deepEqual(bodies.slice(6, 9), bodies.slice(0, 3))
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#modify-routing-algorithm
test('least outstanding requests avoids the target that is slow', async () => {
  await using balancer = await startTestBalancer()
  const group = await balancer.group('one', { 'load_balancing.algorithm.type': 'least_outstanding_requests' })
  await balancer.listener([forward(group)])
  const held: (() => void)[] = []
  await balancer.target(group, (_, response) => void held.push(() => response.end('slow')))
  await balancer.target(group, (_, response) => response.end('fast'))
  const port = balancer.portOf(80)
  const asked = []
  // Until one of them hangs; from then on the other has fewer.
  for (let sent = 0; held.length === 0; sent++) {
    assert.ok(sent < 50, 'no request reached the slow target')
    const answer = get(port)
    asked.push(answer)
    await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 100))])
  }
  for (let sent = 0; sent < 5; sent++) assert.equal((await get(port)).body, 'fast')
  for (const release of held) release()
  await Promise.all(asked)
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#modify-routing-algorithm
test('weighted random draws one of the targets for each request', async () => {
  const draws = [0.1, 0.2, 0.9, 0.3, 0.6, 0.7, 0.8, 0.4]
  let turn = 0
  await using balancer = await startTestBalancer({ random: () => draws[turn++ % draws.length] ?? 0 })
  const group = await balancer.group('one', { 'load_balancing.algorithm.type': 'weighted_random' })
  await balancer.listener([forward(group)])
  await balancer.target(group, (_, response) => response.end('a'))
  await balancer.target(group, (_, response) => response.end('b'))
  const bodies = []
  for (let sent = 0; sent < 8; sent++) bodies.push((await get(balancer.portOf(80))).body)
  // As the draws say, the same one several times in a row: in turn they would alternate.
  assert.deepEqual(bodies, ['a', 'a', 'b', 'a', 'b', 'b', 'b', 'a'])
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#slow-start-mode
test('in slow start a target gets its share by and by, and only beside one that is out of it', async () => {
  // 300 s of AWS's time are 3 s here. A draw of a half lets the target take its turn from half of the time on.
  await using balancer = await startTestBalancer({ speed: 100, random: () => 0.5 })
  const group = await balancer.group('one', { 'slow_start.duration_seconds': '300' })
  await balancer.listener([forward(group)])
  await balancer.target(group, (_, response) => response.end('old'))
  const ask = async () => (await get(balancer.portOf(80))).body
  // Alone, it has everything from the start.
  assert.equal(await ask(), 'old')
  let healthy = 0
  const stop = balancer.elb.onTargetHealth((_group, _target, { state }) => {
    if (state === 'healthy') healthy = performance.now()
  })
  await balancer.target(group, (_, response) => response.end('new'))
  stop()
  await until('the new target answers', async () => (await ask()) !== 'old')
  assert.ok(performance.now() - healthy >= 1490)
  const next = [await ask(), await ask()]
  assert.deepEqual(next.sort(), ['new', 'old'])
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#slow-start-mode
test('beside targets that are all in slow start themselves, a new one does not enter it', async () => {
  // A draw of a half lets a target in slow start take its turn after 9 s, the lowest one at once.
  let draw = 0.5
  await using balancer = await startTestBalancer({ speed: 50, random: () => draw })
  const group = await balancer.group('one', { 'slow_start.duration_seconds': '900' })
  await balancer.listener([forward(group)])
  const { target } = await balancer.target(group, (_, response) => response.end('old'))
  await balancer.target(group, (_, response) => response.end('slow'))
  void balancer.elb.deregisterTarget(group, target)
  await balancer.target(group, (_, response) => response.end('new'))
  for (let sent = 0; sent < 4; sent++) assert.equal((await get(balancer.portOf(80))).body, 'new')
  draw = 0
  const both = [(await get(balancer.portOf(80))).body, (await get(balancer.portOf(80))).body]
  assert.deepEqual(both.sort(), ['new', 'slow'])
})

// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#slow-start-mode
test('slow start is over after its duration, requests or not: the next target has it beside that one', async () => {
  // 30 s of AWS's time are half a second here.
  await using balancer = await startTestBalancer({ speed: 60, random: () => 0.5 })
  const group = await balancer.group('one', { 'slow_start.duration_seconds': '30' })
  await balancer.listener([forward(group)])
  const { target } = await balancer.target(group, (_, response) => response.end('old'))
  await balancer.target(group, (_, response) => response.end('second'))
  await sleep(550)
  void balancer.elb.deregisterTarget(group, target)
  let healthy = 0
  balancer.elb.onTargetHealth((_group, _target, { state }) => {
    if (state === 'healthy') healthy = performance.now()
  })
  await balancer.target(group, (_, response) => response.end('third'))
  await until('the third target answers', async () => (await get(balancer.portOf(80))).body === 'third')
  assert.ok(performance.now() - healthy >= 240)
})
