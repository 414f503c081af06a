/** An error that stops a task before it runs. Its message is the task's `stoppedReason`. */
export class TaskStartError extends Error {
  override readonly name = 'TaskStartError'
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html */
export function resourceInitialization(message: string): TaskStartError {
  return new TaskStartError(`ResourceInitializationError: ${message}`)
}

/** A failure of the runtime. One that has ECS's own name for it keeps that. */
export function cannotStart(cause: unknown): TaskStartError {
  const message = cause instanceof Error ? cause.message : String(cause)
  const named = /^\w+Error: /.test(message) ? message : `CannotStartContainerError: ${message}`
  return new TaskStartError(named, { cause })
}
