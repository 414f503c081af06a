/**
 * Ctrl-C in the middle of work: the work's signal is aborted, the work cleans up, and the command ends with 130 as
 * shells expect. It says what was under way and what is left of it. A second Ctrl-C ends the command immediately.
 */
import { endChildren } from './children.ts'
import { describeFailure } from './failure.ts'
import { UsageError } from './usage-error.ts'

/** What is reported of work that is interrupted. */
export interface Interruption {
  /** Completes the sentence `Interrupted while …`: `the platform was applied to AWS`. */
  readonly during: string
  /** What is true once the work has stopped in good order: what is left, and what continues without this command. */
  readonly left: string
  /** Default: `Run the command again.` */
  readonly fix?: string
}

/** A signal so soon after the first is the same one: a terminal sends it, and npm passes it on. */
const sameSignalMs = 1_000

/**
 * Runs `work` with a signal that SIGINT and SIGTERM abort. Throws `Interrupted` then. Where the work ended with another
 * error than the signal's reason, the message includes that error, and it is the cause.
 */
export async function interruptible<T>(
  interruption: Interruption,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController()
  let first: number | undefined
  const interrupt = () => {
    first ??= Date.now()
    if (!controller.signal.aborted) controller.abort(new Interrupted(interruption))
    else if (Date.now() - first >= sameSignalMs) endImmediately(interruption)
  }
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt)
  try {
    return await work(controller.signal)
  } catch (error) {
    const { aborted, reason } = controller.signal
    if (!aborted) throw error
    throw isReason(error, reason) ? reason : new Interrupted(interruption, error)
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt)
  }
}

export class Interrupted extends UsageError {
  /** Without an interruption where a question was interrupted. */
  constructor(interruption?: Interruption, cause?: unknown) {
    const failure = cause === undefined ? undefined : describeFailure(cause)
    super(sentence(interruption, cause), failure?.fix ?? interruption?.fix ?? 'Run the command again.')
    this.name = 'Interrupted'
    if (cause !== undefined) this.cause = cause
  }
}

function sentence(interruption: Interruption | undefined, cause: unknown): string {
  if (!interruption) return 'Interrupted before there was an answer; nothing more was changed.'
  const during = `Interrupted while ${interruption.during}.`
  // `left` is only true after an end in good order.
  return cause === undefined
    ? `${during} ${interruption.left}`
    : `${during} It ended with: ${messageOf(cause)}`
}

function messageOf(error: unknown): string {
  const known = describeFailure(error)
  if (known) return [known.message, ...(known.problems ?? []).map(({ message }) => message)].join(' ')
  return error instanceof Error ? error.message : String(error)
}

/** Timers and builtin promises wrap the reason into an `AbortError`. */
const isReason = (error: unknown, reason: unknown) =>
  error === reason || (error instanceof Error && (error.name === 'AbortError' || error.cause === reason))

function endImmediately({ during }: Interruption): void {
  process.stderr.write(
    `Interrupted again while ${during}: ended immediately. What this command had started was sent SIGTERM, and the command has not waited for its end.\n`,
  )
  endChildren()
  process.exit(130)
}
