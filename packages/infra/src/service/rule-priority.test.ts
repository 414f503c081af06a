import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rulePriority } from './rule-priority.ts'

const names = Array.from({ length: 50 }, (_, index) => `service-${index}`)

test('every service has a priority of its own, within what a listener takes', () => {
  const priorities = names.map((name) => rulePriority(name, names))
  assert.equal(new Set(priorities).size, names.length)
  assert.ok(priorities.every((priority) => priority >= 1 && priority <= 50_000))
})

test('a service keeps its priority when others come, go or move', () => {
  const [first = '', ...rest] = names
  assert.equal(rulePriority(first, [...rest].reverse().concat(first)), rulePriority(first, names))
  assert.equal(rulePriority(first, [first]), rulePriority(first, names))
})
