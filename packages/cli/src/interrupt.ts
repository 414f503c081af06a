/**
 * Ctrl-C in the middle of work: the work is told, cleans up, and the command ends with 130 as shells expect, saying what
 * was under way and what has become of it. A second Ctrl-C waits for nothing any more.
 */
import { endChildren } from './children.ts'
import { describeFailure, UsageError } from './failure.ts'

/** What to say of work that is interrupted. */
export interface Interruption {
  /** Ends the sentence that begins with Interrupted while: `the platform was applied to AWS`. */
  readonly during: string
  /** What holds once the work has stopped in good order: what is left, and what goes on without this command. */
  readonly left: string
  /** `Run the command again.` where nothing else is said. */
  readonly fix?: string
}

/** A signal so soon after the first is the same one: a terminal sends it, and npm passes it on. */
const sameSignalMs = 1_000

/**
 * Runs `work` with a signal that SIGINT and SIGTERM set off. Throws `Interrupted` then; where the work ended otherwise than
 * by the signal's reason, with what it ended with in its words and as its cause.
 */
export async function interruptible<T>(
  told: Interruption,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  let first: number | undefined
  const interrupt = () => {
    first ??= Date.now()
    if (!controller.signal.aborted) controller.abort(new Interrupted(told))
    else if (Date.now() - first >= sameSignalMs) endAtOnce(told)
  }
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  try {
    return await work(controller.signal)
  } catch (error) {
    const { aborted, reason } = controller.signal
    if (!aborted) throw error
    throw isReason(error, reason) ? reason : new Interrupted(told, error)
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}

export class Interrupted extends UsageError {
  /** Without `told`, where a question was interrupted. */
  constructor(told?: Interruption, cause?: unknown) {
    const failure = cause === undefined ? undefined : describeFailure(cause)
    super(sentence(told, cause), failure?.fix ?? told?.fix ?? 'Run the command again.')
    this.name = 'Interrupted'
    if (cause !== undefined) this.cause = cause
  }
}

function sentence(told: Interruption | undefined, cause: unknown): string {
  if (!told) return 'Interrupted before there was an answer; nothing more was changed.'
  const during = `Interrupted while ${told.during}.`
  // What holds after an end in good order need not hold after this one.
  return cause === undefined ? `${during} ${told.left}` : `${during} It ended so: ${messageOf(cause)}`
}

function messageOf(error: unknown): string {
  const known = describeFailure(error)
  if (known) return [known.message, ...(known.problems ?? []).map(({ message }) => message)].join(' ')
  return error instanceof Error ? error.message : String(error)
}

/** Timers and builtin promises wrap the reason into an `AbortError`. */
const isReason = (error: unknown, reason: unknown) =>
  error === reason || (error instanceof Error && (error.name === 'AbortError' || error.cause === reason))

function endAtOnce({ during }: Interruption): void {
  process.stderr.write(
    `Interrupted again while ${during}: ended at once. What this command had started has been told to end, and nobody has waited for it.\n`,
  )
  endChildren()
  process.exit(130)
}
