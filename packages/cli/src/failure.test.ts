import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ConfigurationError } from '@baton/config'
import { describeFailure, renderFailure, unforeseen } from './failure.ts'
import { UsageError } from './usage-error.ts'

const coded = (code: string, message: string, cause?: unknown) =>
  Object.assign(new Error(message, { cause }), { code })

test('each package’s own error for users is reported with its fix', () => {
  const error = new UsageError('No emulator runs.', 'Start one.')
  assert.equal(
    renderFailure(describeFailure(error) ?? unforeseen(error)),
    'No emulator runs.\nFix: Start one.',
  )
})

test('every problem of a configuration is reported once, with place and fix', () => {
  const problems = ['a', 'b'].map((path) => ({ path, message: `${path} is wrong`, fix: `correct ${path}` }))
  const failure = describeFailure(new ConfigurationError(problems))
  assert.ok(failure)
  assert.deepEqual(renderFailure(failure).split('\n'), [
    'The configuration cannot be used, for 2 reasons.',
    '  a: a is wrong',
    '    Fix: correct a',
    '  b: b is wrong',
    '    Fix: correct b',
  ])
})

test('what the file system refuses is no mistake of ours', () => {
  for (const code of ['EACCES', 'EEXIST', 'ENOSPC'])
    assert.match(describeFailure(coded(code, `${code}: mkdir '/x'`))?.message ?? '', /refused: .*'\/x'/)
})

test('a connection that is lost is reported, however deep its error is wrapped', () => {
  const refused = coded('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:7070')
  for (const error of [refused, new TypeError('fetch failed', { cause: refused })]) {
    const failure = describeFailure(error)
    assert.match(failure?.message ?? '', /127\.0\.0\.1:7070/)
    assert.match(failure?.fix ?? '', /baton status/)
  }
})

test('a mistake of ours is described for programs too', () => {
  const error = new TypeError('x is undefined')
  assert.equal(describeFailure(error), undefined)
  assert.match(unforeseen(error).message, /x is undefined/)
})
