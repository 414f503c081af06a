/**
 * What a run of the suite says at its end: the slowest files, what was not run and why, the failures, and one line
 * that people and CI read.
 */
import { relative } from 'node:path'
import type { Failure, FileResult } from './run-file.ts'

export interface Summary {
  readonly text: string
  readonly failed: number
}

export interface SummaryOptions {
  readonly root: string
  /** A skipped test is a failure: in CI everything that tests need is there. */
  readonly skipsFail: boolean
  /** Programs that this machine cannot have: tests that need them may be skipped even then. */
  readonly without?: readonly string[]
  readonly durationMs: number
}

/** What a skip may be about in any case: a program cannot be installed to help it. */
const ofTheSystem = /^only |^there is no \/proc/

export function summarize(results: readonly FileResult[], options: SummaryOptions): Summary {
  const { root, skipsFail, without = [], durationMs } = options
  const shown = (file: string) => relative(root, file)
  const skips = results.flatMap((result) => result.skips)
  const excused = ({ reason }: { reason: string }) =>
    ofTheSystem.test(reason) ||
    without.some((program) => reason.toLowerCase().includes(program.toLowerCase()))
  const failures: Failure[] = results.flatMap((result) => result.failures)
  if (skipsFail) {
    for (const skip of skips.filter((each) => !excused(each))) {
      failures.push({
        ...skip,
        error: `skipped, though CI has to run it: ${skip.reason || 'no reason given'}`,
      })
    }
  }
  const passed = results.reduce((sum, result) => sum + result.passed, 0)
  const slowest = [...results].sort((a, b) => b.durationMs - a.durationMs).slice(0, 10)
  const lines = [
    '',
    'slowest files:',
    ...slowest.map(
      ({ file, durationMs }) => `  ${(durationMs / 1000).toFixed(1).padStart(6)} s  ${shown(file)}`,
    ),
    `${results.length} files in ${(durationMs / 1000).toFixed(0)} s`,
    ...(skips.length > 0 ? ['', 'not run:', ...byReason(skips, shown)] : []),
    ...(failures.length > 0
      ? ['', '✖ failing tests:', ...failures.flatMap((each) => asLines(each, shown))]
      : []),
    '',
    `${passed} passed, ${failures.length} failed${skips.length > 0 ? `, ${skips.length} skipped` : ''}`,
  ]
  return { text: lines.join('\n'), failed: failures.length }
}

function byReason(skips: FileResult['skips'], shown: (file: string) => string): string[] {
  const groups = Map.groupBy(skips, ({ reason }) => reason || 'no reason given')
  return [...groups].flatMap(([reason, group]) => [
    `  ${reason}:`,
    ...group.map(({ file, test }) => `    ${shown(file)}: ${test}`),
  ])
}

function asLines({ file, test, error }: Failure, shown: (file: string) => string): string[] {
  return ['', `${shown(file)}: ${test}`, ...error.split('\n').map((line) => `  ${line}`)]
}
