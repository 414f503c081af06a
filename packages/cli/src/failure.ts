/** How the command reports a failure: what, where and how to fix it; no stack trace for a user's mistake. */
import { ConfigurationError } from '@baton/config'
import type { EmulatorDiagnostic, EmulatorError } from '@baton/emulator/client'
import { describeUnfinished } from './emulator/changes.ts'

export interface FailureView {
  readonly message: string
  readonly fix?: string
  readonly problems?: readonly { readonly path: string; readonly message: string; readonly fix?: string }[]
  /** Of an apply on the emulator that had begun: what it did, and what it had not begun. */
  readonly unfinished?: EmulatorError['unfinished']
}

/** How an error is reported; undefined for an error of ours, whose stack belongs in a bug report. */
export function describeFailure(error: unknown): FailureView | undefined {
  if (error instanceof ConfigurationError) {
    const count = error.problems.length
    return {
      message: `The configuration cannot be used${count > 1 ? `, for ${count} reasons` : ''}.`,
      problems: error.problems,
    }
  }
  if (isNamed<EmulatorError>(error, 'EmulatorError')) {
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
  // Each package's own error for users has one: `UsageError`, `ReleaseError`, `TrafficError`, `StackFileError`.
  if (error instanceof Error && 'fix' in error && typeof error.fix === 'string') {
    return { message: error.message, fix: error.fix }
  }
  if (error instanceof Error && 'code' in error && refusals.has(String(error.code))) {
    return {
      message: `The file system refused: ${error.message}.`,
      fix: 'Fix what is there, or keep the state elsewhere: --state-dir FOLDER.',
    }
  }
  if (error instanceof Error && /^Cannot find native binding/.test(error.message)) {
    return {
      message:
        'The native part of a dependency is not installed for this machine (rolldown, which bundles code).',
      fix: 'Run npm ci without --omit=optional.',
    }
  }
  const lost = connectionError(error)
  if (lost) {
    return {
      message: `The connection was lost: ${lost.message}.`,
      fix: 'See whether the emulator runs: baton status. For AWS check the network; then run the command again.',
    }
  }
  return undefined
}

/** The network's error, however often it was wrapped since. */
function connectionError(error: unknown): Error | undefined {
  if (!(error instanceof Error)) return undefined
  const isOne = 'code' in error && lostConnections.has(String(error.code))
  return isOne ? error : connectionError(error.cause)
}

const lostConnections = new Set([
  ...['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
  ...['ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_SOCKET', 'UND_ERR_CONNECT_TIMEOUT'],
])

/** `platform: aws_lb.main.idle_timeout` */
function placeOf({ stack, address, attribute }: EmulatorDiagnostic): string {
  const inside = [address, attribute].filter(Boolean).join('.')
  return [stack, inside].filter(Boolean).join(': ')
}

/** What the file system answers for a place that cannot be written: nothing that this program can fix. */
const refusals = new Set([
  ...['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'ENOTDIR', 'EISDIR'],
  ...['EEXIST', 'ELOOP', 'ENAMETOOLONG', 'EMFILE'],
])

/** By name, so that a command does not load a package only for its error class. */
function isNamed<T extends Error>(error: unknown, name: string): error is T {
  return error instanceof Error && error.name === name
}

/** An error of ours: what a bug report needs. */
export const unforeseen = (error: unknown): FailureView => ({
  message: `Baton failed unexpectedly: ${error instanceof Error ? error.message : error}`,
  fix: 'Report it, with what the command has written to standard error. Processes that it started end with it.',
})

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
