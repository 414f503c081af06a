/**
 * Selects the tasks that a service stops when it has too many: first those that do not run yet, then the newest of
 * the Availability Zone that has the most.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-service-parameters.html
 */
import { isRunning, type TaskRecord } from '../model/model.ts'

export function selectTasksToStop<T extends { readonly task: TaskRecord }>(
  candidates: readonly T[],
  count: number,
): T[] {
  const left = new Set(candidates)
  const inZone = ({ task: { availabilityZone } }: T) =>
    [...left].filter(({ task }) => task.availabilityZone === availabilityZone).length
  const selected: T[] = []
  while (selected.length < count && left.size > 0) {
    const [next] = [...left].sort(
      (a, b) =>
        Number(isRunning(a.task)) - Number(isRunning(b.task)) ||
        inZone(b) - inZone(a) ||
        b.task.createdAt - a.task.createdAt,
    )
    if (!next) break
    left.delete(next)
    selected.push(next)
  }
  return selected
}
