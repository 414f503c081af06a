/** An error that stops a task before it runs. Its message is the task's `stoppedReason`. */
export class TaskStartError extends Error {
  override readonly name = 'TaskStartError'
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html */
export function resourceInitialization(message: string): TaskStartError {
  return new TaskStartError(`ResourceInitializationError: ${message}`)
}
