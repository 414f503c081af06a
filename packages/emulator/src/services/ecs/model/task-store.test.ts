import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openStore } from '../../../store.ts'
import type { TaskRecord } from './model.ts'
import { createTaskStore } from './task-store.ts'

test('after a transaction is undone, tasks are found by the task set and the target that the store has', () => {
  const store = openStore(':memory:')
  const tasks = createTaskStore(store.collection<TaskRecord>('ecs.tasks'))
  const task = (id: string, port: number) =>
    ({
      id,
      taskSetId: 'set',
      lastStatus: 'RUNNING',
      target: { targetGroupArn: 'group', id: '127.0.0.1', port },
    }) as TaskRecord
  const at = (port: number) => tasks.atTarget('group', { id: '127.0.0.1', port })?.id
  tasks.save(task('a', 1))
  assert.throws(() =>
    store.transaction(() => {
      tasks.remove('a')
      tasks.save(task('b', 2))
      throw new Error('in its middle')
    }),
  )
  assert.deepEqual(
    tasks.ofTaskSet('set').map(({ id }) => id),
    ['a'],
  )
  assert.deepEqual([at(1), at(2)], ['a', undefined])
  store.close()
})
