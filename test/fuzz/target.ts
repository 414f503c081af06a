/** What is fuzzed: a part of the emulator with inputs that no one has thought of. */
import type { GeneratorValue } from 'fast-check'

export interface Target {
  readonly name: string
  /** How long one case may take, in milliseconds. */
  readonly deadlineMs: number
  /** Cases that a round tries. */
  readonly casesPerRound: number
  /** A fresh one for each round, so that a round can be repeated by its seed. */
  open(): Promise<OpenTarget>
}

export interface OpenTarget extends AsyncDisposable {
  /** Generates one case and tries it. Throws a `Finding` for what must not be. */
  attempt(generate: GeneratorValue, watch: Watch): Promise<void>
}

/** What a case reports of itself. */
export interface Watch {
  /** The case, for people who read the finding. */
  trying(input: unknown): void
  /**
   * Runs what the emulator does for the case, and fails when it keeps the processor for longer than another client may wait.
   * Repeated before it counts: compiling and collecting garbage take time once.
   */
  underOthers<T>(work: () => Promise<T>): Promise<T>
}

export class Finding extends Error {}

/** Fails for what an answer must never have in it, whatever was asked. */
export function assertNothingLeaks(answer: string, secrets: readonly string[] = []): void {
  const found =
    /\n\s+at .+:\d+:\d+|node:internal|node_modules[/\\]|\.[cm]?[jt]s:\d+/.exec(answer)?.[0] ??
    secrets.find((secret) => answer.includes(secret))
  if (found !== undefined)
    throw new Finding(`the answer shows ${JSON.stringify(found)}: ${answer.slice(0, 500)}`)
}
