import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileWildcard } from './wildcard.ts'

test('matches the whole text, * any characters or none, ? exactly one where the service has it', () => {
  const cases: [pattern: string, text: string, expected: boolean, options?: { single?: boolean }][] = [
    ['', '', true],
    ['', 'a', false],
    ['abc', 'abc', true],
    ['abc', 'abcd', false],
    ['*', '', true],
    ['**', 'anything', true],
    ['a*', 'a', true],
    ['a*', 'ba', false],
    ['*a', 'aaa', true],
    ['*.js', '/x/y.js', true],
    ['*.js', '/x/y.jsx', false],
    ['a*b*c', 'aXbYbZc', true],
    ['a*b*c', 'aXbYbZ', false],
    ['*a*b', 'ab ab', true],
    ['a?c', 'a?c', true],
    ['a?c', 'abc', false],
    ['a?c', 'abc', true, { single: true }],
    ['a?c', 'ac', false, { single: true }],
    ['?*', '', false, { single: true }],
    ['?*?', 'ab', true, { single: true }],
    ['[a-z]+(x)', '[a-z]+(x)', true],
    ['a*', 'a\nb', true],
  ]
  for (const [pattern, text, expected, options] of cases) {
    assert.equal(compileWildcard(pattern, options)(text), expected, `${pattern} ${text}`)
  }
})

test('compares without case where it is asked to', () => {
  assert.equal(compileWildcard('*.Example.com', { ignoreCase: true })('APP.example.COM'), true)
  assert.equal(compileWildcard('*.Example.com')('app.example.com'), false)
})

test('takes a wildcard for itself after a backslash where the service says so', () => {
  const escaped = compileWildcard('a\\*\\?\\x*', { single: true, escapable: '*?' })
  assert.equal(escaped('a*?\\xyz'), true)
  assert.equal(escaped('ab?\\xyz'), false)
  assert.equal(compileWildcard('a\\*')('a\\b'), true)
})

test('agrees with a regular expression on random patterns and texts', () => {
  let seed = 7
  const random = (below: number) => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31
    return seed % below
  }
  const word = (letters: string, length: number) =>
    Array.from({ length: random(length) }, () => letters.charAt(random(letters.length))).join('')
  for (let round = 0; round < 5_000; round++) {
    const pattern = word('ab*?', 8)
    const text = word('ab', 10)
    const expression = new RegExp(`^${pattern.replaceAll('*', '.*').replaceAll('?', '.')}$`)
    assert.equal(
      compileWildcard(pattern, { single: true })(text),
      expression.test(text),
      `${pattern} ${text}`,
    )
  }
})

test('takes no time to speak of for patterns that explode in a regular expression', () => {
  const matches = compileWildcard('/*a*a*a*a*a*a*a*a*b')
  const started = performance.now()
  assert.equal(matches(`/${'a'.repeat(8_000)}`), false)
  assert.ok(performance.now() - started < 1_000)
})
