/** The nesting of JSON texts, before they are parsed. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isTooDeep } from './json-depth.ts'

const deep = (text: string) => isTooDeep(Buffer.from(text))

test('refuses what is nested more deeply than 512 levels', () => {
  assert.ok(!deep('['.repeat(512) + ']'.repeat(512)))
  assert.ok(deep('['.repeat(513) + ']'.repeat(513)))
  assert.ok(deep('{"a":['.repeat(300)))
})

test('does not count brackets in strings, or what is side by side', () => {
  assert.ok(!deep(JSON.stringify({ a: '['.repeat(1_000) })))
  assert.ok(!deep(JSON.stringify({ a: `"\\"${'{'.repeat(1_000)}\\` })))
  assert.ok(!deep(JSON.stringify(Array.from({ length: 1_000 }, () => [{}]))))
  assert.ok(deep(`"a\\\\"${'['.repeat(513)}`))
})

test('three million brackets are refused at once', () => {
  const brackets = Buffer.alloc(3_000_000, '[')
  const { user } = process.cpuUsage()
  assert.ok(isTooDeep(brackets))
  assert.ok(process.cpuUsage().user - user < 50_000)
})
