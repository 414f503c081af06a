/**
 * What the command prints: progress on standard error, the result on standard output. With `--json` the result is one
 * JSON document and there is no progress. Colours only on a terminal.
 */
import type { ApplyEvent } from '@baton/emulator/client'
import type { Paint } from '@baton/rehearsal'
import type { Progress } from '@baton/release'
import { createColors } from 'picocolors'

export interface Terminal {
  readonly json: boolean
  readonly paint: Paint
  /** A line about the progress. */
  note(text: string): void
  progress(progress: Progress): void
  apply(stack: string, event: ApplyEvent): void
  /** The result: data for `--json`, text otherwise. */
  result(data: unknown, text: string): void
}

export function openTerminal(options: { readonly json: boolean }): Terminal {
  const colors = createColors(process.stderr.isTTY === true && !options.json && !process.env.NO_COLOR)
  const paint = { good: colors.green, bad: colors.red, dim: colors.dim, strong: colors.bold }
  const startedAt = Date.now()
  const clock = () => colors.dim(`${((Date.now() - startedAt) / 1000).toFixed(1).padStart(6)} s`)
  const line = (text: string) => {
    if (!options.json) process.stderr.write(`${clock()}  ${text}\n`)
  }
  const marks = {
    started: colors.dim('…'),
    finished: colors.green('✓'),
    failed: colors.red('✗'),
    noted: colors.dim('·'),
  }
  return {
    json: options.json,
    paint,
    note: line,
    progress({ target, step, state, detail }) {
      line(`${marks[state]} ${target}: ${step}${detail ? colors.dim(` (${detail})`) : ''}`)
    },
    apply(stack, event) {
      const text = describeApply(event)
      if (text) line(`${marks.noted} ${stack}: ${text}`)
    },
    result(data, text) {
      process.stdout.write(options.json ? `${JSON.stringify(data, null, 2)}\n` : `${text}\n`)
    },
  }
}

/** The same until the signal is aborted: no one waits for what is reported after that. */
export function quietAfter(terminal: Terminal, signal: AbortSignal): Terminal {
  return {
    ...terminal,
    note(text) {
      if (!signal.aborted) terminal.note(text)
    },
    progress(progress) {
      if (!signal.aborted) terminal.progress(progress)
    },
    apply(stack, event) {
      if (!signal.aborted) terminal.apply(stack, event)
    },
  }
}

/** Undefined for what is not worth a line. */
function describeApply(event: ApplyEvent): string | undefined {
  if (event.type !== 'summary') return undefined
  return event.text
}
