/** The events of a server that does not start. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { startFailure } from './start-failure.ts'

test('a full disk is named with its fix, whether Node or PostgreSQL met it', () => {
  const fromNode = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
  const fromServer = new Error(
    'PostgreSQL did not start: FATAL: could not write lock file "postmaster.pid": No space left on device',
  )
  for (const error of [fromNode, fromServer]) {
    assert.match(startFailure(error, '/data/db'), /disk of \/data\/db \(ENOSPC\)\. Fix: free space there/)
  }
})

test('any other failure keeps its message', () => {
  assert.equal(
    startFailure(new Error('port taken'), '/data'),
    'The PostgreSQL server does not start: port taken',
  )
  assert.equal(startFailure('odd', '/data'), 'The PostgreSQL server does not start: odd')
})
