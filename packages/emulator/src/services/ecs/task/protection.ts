/**
 * Scale-in protection: until it ends, a service does not stop the task when it scales in or deploys. StopTask and the
 * exit of the task itself are not affected.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
 */
import type { EmulatorContext } from '../../../service.ts'
import type { TaskRecord } from '../model/model.ts'

/** The end of each task's protection, in wall-clock milliseconds; absent for a task without protection. */
export const protectionEnds = (context: EmulatorContext) =>
  context.store.collection<number>('ecs.task-protection')

/** Wall-clock milliseconds; undefined for a task that is not protected now. */
export function protectedUntil(context: EmulatorContext, task: Pick<TaskRecord, 'id'>): number | undefined {
  const end = protectionEnds(context).get(task.id)
  return end !== undefined && end > context.clock.now() ? end : undefined
}
