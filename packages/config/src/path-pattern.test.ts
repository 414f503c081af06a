import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { matches, overlap } from './path-pattern.ts'

describe('path patterns', () => {
  test('match with wildcards, and the whole path', () => {
    for (const [pattern, path, expected] of [
      ['/api/*', '/api/health', true],
      ['/api/*', '/api/', true],
      ['/api/*', '/api', false],
      ['/v?/*', '/v2/x', true],
      ['/v?/*', '/v22/x', false],
      ['*.jpg', '/a/b.jpg', true],
      ['/a', '/ab', false],
    ] as const)
      assert.equal(matches(pattern, path), expected, `${pattern} ${path}`)
  })

  test('overlap where one path could match both', () => {
    for (const [a, b, expected] of [
      ['/api/*', '/api/reports/*', true],
      ['/api/accounts/*', '/api/reports/*', false],
      ['/*/x', '/api/*', true],
      ['/a?c', '/ab?', true],
      ['/a?c', '/a?d', false],
      ['*a', '*b', false],
      ['/api/*', '/assets/*', false],
      ['/*', '/assets/*', true],
    ] as const) {
      assert.equal(overlap(a, b), expected, `${a} ${b}`)
      assert.equal(overlap(b, a), expected, `${b} ${a}`)
    }
  })
})
