/**
 * What is wrong with a configuration, as data: the place, the problem, and how to fix it. All problems are
 * collected and reported at once.
 */

export interface Problem {
  /** Path of the option, e.g. `services.admin.cpu`; empty for the file as a whole. */
  readonly path: string
  readonly message: string
  readonly fix: string
}

/** The configuration cannot be used. `problems` holds every reason. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[], options?: { cause?: unknown }) {
    super(problems.map(describeProblem).join('\n'), options)
    this.problems = problems
  }
}

/** One line: `services.admin.cpu: … → …`. */
export const describeProblem = ({ path, message, fix }: Problem): string =>
  `${path === '' ? '' : `${path}: `}${message} → ${fix}`
