/** Ctrl-C in the middle of work: the work is told, cleans up, and the command ends with 130 as shells expect. */
import { UsageError } from './failure.ts'

/** Runs `work` with a signal that SIGINT and SIGTERM set off. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const interrupt = () => controller.abort(new Interrupted())
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  try {
    return await work(controller.signal)
  } catch (error) {
    throw controller.signal.aborted ? new Interrupted() : error
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}

export class Interrupted extends UsageError {
  constructor() {
    super('Interrupted; everything that was started has been stopped.', 'Run the command again.')
    this.name = 'Interrupted'
  }
}
