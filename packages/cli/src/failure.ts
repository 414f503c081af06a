/** How the command fails: what, where and how to fix it, and never a stack trace for a user's mistake. */
import { ConfigurationError } from '@baton/config'
import type { RegionDiagnostic, RegionError } from '@baton/region/client'
import type { ReleaseError } from '@baton/release'
import { describeUnfinished } from './region-changes.ts'

/** A mistake in how the command was called. */
export class UsageError extends Error {
  readonly fix: string
  constructor(message: string, fix: string) {
    super(message)
    this.name = 'UsageError'
    this.fix = fix
  }
}

export interface FailureView {
  readonly message: string
  readonly fix?: string
  readonly problems?: readonly { readonly path: string; readonly message: string; readonly fix?: string }[]
  /** Of an apply on the region that had begun: what it did, and what it had not begun. */
  readonly unfinished?: RegionError['unfinished']
}

/** What to tell of an error; undefined for one that is ours, whose stack belongs in a bug report. */
export function describeFailure(error: unknown): FailureView | undefined {
  if (error instanceof ConfigurationError) return { message: error.message, problems: error.problems }
  if (isNamed<RegionError>(error, 'RegionError')) {
    return {
      message: error.message,
      fix: error.fix,
      problems: error.diagnostics.map((diagnostic) => ({
        path: placeOf(diagnostic),
        message: [diagnostic.summary, diagnostic.detail].filter(Boolean).join(': '),
        ...(diagnostic.fix ? { fix: diagnostic.fix } : {}),
      })),
      ...(error.unfinished ? { unfinished: error.unfinished } : {}),
    }
  }
  if (isNamed<ReleaseError>(error, 'ReleaseError') || error instanceof UsageError) {
    return { message: error.message, fix: error.fix }
  }
  if (error instanceof Error && 'code' in error && refusals.has(String(error.code))) {
    return {
      message: `The file system refused: ${error.message}.`,
      fix: 'Mend what is there, or keep the state elsewhere: --state-dir FOLDER.',
    }
  }
  return undefined
}

/** `platform: aws_lb.main.idle_timeout` */
function placeOf({ stack, address, attribute }: RegionDiagnostic): string {
  const inside = [address, attribute].filter(Boolean).join('.')
  return [stack, inside].filter(Boolean).join(': ')
}

/** What the file system says of a place that cannot be written: nothing that this program could mend. */
const refusals = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EISDIR'])

/** By name: their packages are not worth loading for a command that never meets them. */
function isNamed<T extends Error>(error: unknown, name: string): error is T {
  return error instanceof Error && error.name === name
}

export function renderFailure(failure: FailureView): string {
  return [
    failure.message,
    ...(failure.problems ?? []).flatMap(({ path, message, fix }) => [
      `  ${path ? `${path}: ` : ''}${message}`,
      ...(fix ? [`    Fix: ${fix}`] : []),
    ]),
    ...(failure.unfinished ? describeUnfinished(failure.unfinished) : []),
    ...(failure.fix ? [`Fix: ${failure.fix}`] : []),
  ].join('\n')
}
