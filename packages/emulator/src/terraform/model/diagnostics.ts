/**
 * Diagnostics are values: a plan collects everything that is wrong and reports it together, each with the address, what
 * is wrong, why, and how to fix it. Only at the edge of the engine do they become one thrown `TerraformError`.
 */
import type { Unfinished } from './results.ts'

export interface Diagnostic {
  readonly severity: 'error' | 'warning'
  /** Name of the stack, where several are checked together. */
  readonly stack?: string
  /** Address of the block, e.g. `aws_lb.main`; absent where the folder as a whole is meant. */
  readonly address?: string
  /** Attribute inside the block, e.g. `default_action[0].target_group_arn`. */
  readonly attribute?: string
  /** What is wrong, in one short sentence. */
  readonly summary: string
  /** Why, and how to fix it. */
  readonly detail: string
  /** The expression as it is written in the folder. */
  readonly expression?: string
}

/** Stops a plan or an apply; carries everything that is wrong. */
export class TerraformError extends Error {
  readonly diagnostics: readonly Diagnostic[]
  /** Of an apply that had begun. */
  readonly unfinished: Unfinished | undefined
  constructor(
    diagnostics: readonly Diagnostic[],
    { unfinished, ...options }: ErrorOptions & { readonly unfinished?: Unfinished } = {},
  ) {
    super(diagnostics.map(formatDiagnostic).join('\n'), options)
    this.name = 'TerraformError'
    this.diagnostics = diagnostics
    this.unfinished = unfinished
  }
}

/** One diagnostic as text: place, summary, reason, and the expression that it is about. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const { stack, address, attribute } = diagnostic
  const inside = [address, attribute].filter((part) => part !== undefined).join('.')
  const place = [stack, inside].filter((part) => part !== undefined && part !== '').join(': ')
  const quoted = diagnostic.expression === undefined ? '' : ` In: ${diagnostic.expression}`
  return `${place === '' ? '' : `${place}: `}${diagnostic.summary}. ${diagnostic.detail}${quoted}`
}

/** An expression that cannot be evaluated; its caller knows the place and makes a diagnostic of it. */
export class ExpressionError extends Error {
  readonly summary: string
  /** The expression as it is written in the folder, once known. */
  readonly expression: string | undefined
  constructor(summary: string, detail: string, expression?: string) {
    super(detail)
    this.name = 'ExpressionError'
    this.summary = summary
    this.expression = expression
  }
}

/** Collects diagnostics; `attempt` turns an `ExpressionError` into one and continues. */
export interface Diagnostics {
  readonly all: Diagnostic[]
  error(place: { address?: string; attribute?: string }, summary: string, detail: string): void
  warn(place: { address?: string; attribute?: string }, summary: string, detail: string): void
  attempt<T>(place: { address?: string; attribute?: string }, work: () => T): T | undefined
  hasErrors(): boolean
}

/** What the engine of JavaScript refuses: too many calls in each other, too long a text. */
const tooDeep = ({ message }: RangeError) =>
  new ExpressionError(
    'Too large or too deeply nested',
    `It cannot be evaluated here (${message}). Make it simpler.`,
  )

export function collectDiagnostics(): Diagnostics {
  const all: Diagnostic[] = []
  return {
    all,
    error: (place, summary, detail) => void all.push({ severity: 'error', ...place, summary, detail }),
    warn: (place, summary, detail) => void all.push({ severity: 'warning', ...place, summary, detail }),
    attempt(place, work) {
      try {
        return work()
      } catch (thrown) {
        const error = thrown instanceof RangeError ? tooDeep(thrown) : thrown
        if (!(error instanceof ExpressionError)) throw error
        const expression = error.expression === undefined ? {} : { expression: error.expression }
        all.push({
          severity: 'error',
          ...place,
          summary: error.summary,
          detail: error.message,
          ...expression,
        })
        return undefined
      }
    },
    hasErrors: () => all.some((diagnostic) => diagnostic.severity === 'error'),
  }
}
