/**
 * Ways to find tasks without looking at every one: the tasks of a task set, and the task behind a target. The
 * scheduler asks both at each change of each task, so that a service of fifty tasks would else look at thousands
 * of documents for one event.
 */
import type { Collection } from '../../../store.ts'
import type { TaskRecord } from './model.ts'

export interface IndexedTasks {
  readonly tasks: Collection<TaskRecord>
  ofTaskSet(taskSetId: string): TaskRecord[]
  atTarget(
    targetGroupArn: string,
    target: { readonly id: string; readonly port: number },
  ): TaskRecord | undefined
}

/** Keeps the indexes while documents are put and deleted through the collection that it returns. */
export function indexTasks(stored: Collection<TaskRecord>): IndexedTasks {
  const bySet = new Map<string, Set<string>>()
  const byTarget = new Map<string, string>()
  const targetKey = (targetGroupArn: string, { id, port }: { id: string; port: number }) =>
    `${targetGroupArn} ${id}:${port}`

  function add(id: string, task: TaskRecord): void {
    if (task.taskSetId !== undefined) {
      const members = bySet.get(task.taskSetId) ?? new Set()
      bySet.set(task.taskSetId, members.add(id))
    }
    if (task.target && task.lastStatus !== 'STOPPED')
      byTarget.set(targetKey(task.target.targetGroupArn, task.target), id)
  }

  function remove(id: string, task: TaskRecord): void {
    const members = bySet.get(task.taskSetId ?? '')
    members?.delete(id)
    if (members?.size === 0) bySet.delete(task.taskSetId ?? '')
    forgetTarget(id, task)
  }

  /** An address is given to another task once this one is gone. */
  function forgetTarget(id: string, task: TaskRecord): void {
    if (!task.target) return
    const key = targetKey(task.target.targetGroupArn, task.target)
    if (byTarget.get(key) === id) byTarget.delete(key)
  }

  function build(): void {
    bySet.clear()
    byTarget.clear()
    for (const [id, task] of stored.entries()) add(id, task)
  }

  build()
  stored.onReload(build)
  return {
    tasks: {
      ...stored,
      put(id, task) {
        stored.put(id, task)
        add(id, task)
        if (task.lastStatus === 'STOPPED') forgetTarget(id, task)
      },
      delete(id) {
        const task = stored.get(id)
        if (task) remove(id, task)
        return stored.delete(id)
      },
    },
    ofTaskSet: (taskSetId) =>
      [...(bySet.get(taskSetId) ?? [])].flatMap((id) => {
        const task = stored.get(id)
        return task ? [task] : []
      }),
    atTarget: (targetGroupArn, target) => stored.get(byTarget.get(targetKey(targetGroupArn, target)) ?? ''),
  }
}
