import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore } from '../../../store.ts'
import type { TaskRecord } from './model.ts'
import { indexTasks } from './task-index.ts'

test('tasks are found by their set and their target as the store has them after an undone transaction', () => {
  const store = openStore(':memory:')
  const { tasks, ofTaskSet, atTarget } = indexTasks(store.collection<TaskRecord>('ecs.tasks'))
  const task = (id: string, port: number) =>
    ({
      id,
      taskSetId: 'set',
      lastStatus: 'RUNNING',
      target: { targetGroupArn: 'group', id: '127.0.0.1', port },
    }) as TaskRecord
  const at = (port: number) => atTarget('group', { id: '127.0.0.1', port })?.id
  tasks.put('a', task('a', 1))
  assert.throws(() =>
    store.transaction(() => {
      tasks.delete('a')
      tasks.put('b', task('b', 2))
      throw new Error('in its middle')
    }),
  )
  assert.deepEqual(
    ofTaskSet('set').map(({ id }) => id),
    ['a'],
  )
  assert.deepEqual([at(1), at(2)], ['a', undefined])
  store.close()
})
