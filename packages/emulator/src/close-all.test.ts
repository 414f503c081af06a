import assert from 'node:assert/strict'
import { test } from 'node:test'
import { closeAll } from './close-all.ts'

test('what fails to end keeps nothing else from ending, and is told', async () => {
  const ended: string[] = []
  const closed = closeAll([
    () => ended.push('first'),
    async () => {
      throw new Error('second')
    },
    () => ended.push('third'),
  ])
  await assert.rejects(closed, (error: AggregateError) => {
    assert.deepEqual(
      error.errors.map(({ message }) => message),
      ['second'],
    )
    return true
  })
  assert.deepEqual(ended, ['third', 'first'])
})
