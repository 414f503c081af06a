import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { TaskRecord } from '../model/model.ts'
import { selectTasksToStop } from './task-selection.ts'

/** A task by its name, its zone, its creation time and its status. */
const task = (
  id: string,
  zone: string,
  createdAt: number,
  lastStatus: TaskRecord['lastStatus'] = 'RUNNING',
) =>
  ({
    id,
    arn: id,
    clusterName: 'main',
    taskDefinitionArn: 'app:1',
    group: 'service:app',
    launchType: 'FARGATE',
    lastStatus,
    desiredStatus: 'RUNNING',
    containers: [],
    overrides: {},
    network: undefined,
    availabilityZone: zone,
    tags: [],
    createdAt,
  }) satisfies TaskRecord

describe('the tasks that a service stops when it has too many', () => {
  for (const { name, live, count, stopped } of [
    {
      name: 'one that does not run yet, although it is older',
      live: [task('starting', 'a', 1, 'PENDING'), task('runs', 'a', 2), task('other', 'b', 3)],
      count: 1,
      stopped: ['starting'],
    },
    {
      name: 'the newest of the fuller zone',
      live: [task('first', 'a', 1), task('second', 'a', 2), task('newest', 'b', 3)],
      count: 1,
      stopped: ['second'],
    },
    {
      name: 'zones in turn',
      live: [task('a1', 'a', 1), task('a2', 'a', 2), task('b3', 'b', 3), task('b4', 'b', 4)],
      count: 2,
      stopped: ['b4', 'a2'],
    },
    { name: 'no more than exist', live: [task('only', 'a', 1)], count: 3, stopped: ['only'] },
  ]) {
    test(name, () => {
      assert.deepEqual(
        selectTasksToStop(
          live.map((task) => ({ task })),
          count,
        ).map(({ task: { id } }) => id),
        stopped,
      )
    })
  }
})
