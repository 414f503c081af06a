/**
 * The documents of tasks, with two indexes: the tasks of a task set, and the task behind a target. The scheduler
 * needs both at each change of each task. Without them a service of fifty tasks reads thousands of documents for
 * one event.
 */
import type { Collection } from '../../../store.ts'
import type { TaskRecord } from './model.ts'

/** `save` and `remove` are the only writers; both keep the indexes. */
export interface TaskStore {
  get(id: string): TaskRecord | undefined
  values(): TaskRecord[]
  save(task: TaskRecord): void
  remove(id: string): void
  ofTaskSet(taskSetId: string): TaskRecord[]
  atTarget(targetGroupArn: string, target: Target): TaskRecord | undefined
}

interface Target {
  readonly id: string
  readonly port: number
}

export function createTaskStore(stored: Collection<TaskRecord>): TaskStore {
  const byTaskSet = new Map<string, Set<string>>()
  const byTarget = new Map<string, string>()
  const targetKey = (targetGroupArn: string, { id, port }: Target) => `${targetGroupArn} ${id}:${port}`

  function addToIndexes(task: TaskRecord): void {
    if (task.taskSetId !== undefined) {
      const members = byTaskSet.get(task.taskSetId) ?? new Set()
      byTaskSet.set(task.taskSetId, members.add(task.id))
    }
    if (task.lastStatus === 'STOPPED') removeTarget(task)
    else if (task.target) byTarget.set(targetKey(task.target.targetGroupArn, task.target), task.id)
  }

  function removeFromIndexes(task: TaskRecord): void {
    const members = byTaskSet.get(task.taskSetId ?? '')
    members?.delete(task.id)
    if (members?.size === 0) byTaskSet.delete(task.taskSetId ?? '')
    removeTarget(task)
  }

  /** Another task may have the address by now. */
  function removeTarget(task: TaskRecord): void {
    if (!task.target) return
    const key = targetKey(task.target.targetGroupArn, task.target)
    if (byTarget.get(key) === task.id) byTarget.delete(key)
  }

  function rebuildIndexes(): void {
    byTaskSet.clear()
    byTarget.clear()
    for (const task of stored.values()) addToIndexes(task)
  }

  rebuildIndexes()
  stored.onReload(rebuildIndexes)
  return {
    get: (id) => stored.get(id),
    values: () => stored.values(),
    save(task) {
      stored.put(task.id, task)
      addToIndexes(task)
    },
    remove(id) {
      const task = stored.get(id)
      if (task) removeFromIndexes(task)
      stored.delete(id)
    },
    ofTaskSet: (taskSetId) =>
      [...(byTaskSet.get(taskSetId) ?? [])].flatMap((id) => {
        const task = stored.get(id)
        return task ? [task] : []
      }),
    atTarget: (targetGroupArn, target) => stored.get(byTarget.get(targetKey(targetGroupArn, target)) ?? ''),
  }
}
