/**
 * Rounds of cases over the targets until the time is over or something is found. Every round has a seed of its own, the
 * first seed plus the round's number, and fresh targets: `--seed S --target T --rounds 1` repeats it.
 */
import fc from 'fast-check'
import { openGuard } from './guard.ts'
import type { OpenTarget, Target } from './target.ts'
import { startWatchdog, type Watchdog } from './watchdog.ts'

export interface FuzzOptions {
  readonly targets: readonly Target[]
  readonly seed: number
  /** Ends the run after this time, at the end of a round. */
  readonly durationMs: number
  readonly rounds?: number
  readonly casesPerRound?: number
  readonly log: (line: string) => void
}

export interface Found {
  readonly target: string
  readonly seed: number
  /** What must not be, with the smallest case that was found. */
  readonly what: string
  readonly reproduce: string
}

export interface FuzzResult {
  readonly cases: number
  readonly findings: readonly Found[]
  readonly seed: number
  readonly targets: Readonly<Record<string, { cases: number; findings: number }>>
}

export async function fuzz(options: FuzzOptions): Promise<FuzzResult> {
  const counts = Object.fromEntries(options.targets.map(({ name }) => [name, { cases: 0, findings: 0 }]))
  const findings: Found[] = []
  const end = performance.now() + options.durationMs
  await using watchdog = startWatchdog()
  for (
    let round = 0;
    round < (options.rounds ?? Infinity) && (round === 0 || performance.now() < end);
    round++
  ) {
    for (const target of options.targets) {
      const count = counts[target.name] ?? { cases: 0, findings: 0 }
      // One finding of a target is enough: the rounds after it would report it again.
      if (count.findings > 0) continue
      const seed = options.seed + round
      const found = await runRound(target, { ...options, seed, watchdog, onCase: () => count.cases++ })
      if (found === undefined) continue
      count.findings++
      findings.push(found)
      options.log(`FOUND by ${found.target}: ${found.what}\n  ${found.reproduce}`)
    }
  }
  const cases = Object.values(counts).reduce((sum, each) => sum + each.cases, 0)
  return { cases, findings, seed: options.seed, targets: counts }
}

interface Round {
  readonly seed: number
  readonly casesPerRound?: number
  readonly watchdog: Watchdog
  readonly onCase: () => void
}

async function runRound(
  target: Target,
  { seed, casesPerRound, watchdog, onCase }: Round,
): Promise<Found | undefined> {
  const reproduce = `npm run fuzz -- --target ${target.name} --seed ${seed} --rounds 1`
  using guard = openGuard()
  let open: OpenTarget | undefined
  try {
    open = await target.open()
    const opened = open
    const property = fc.asyncProperty(fc.gen(), async (generate) => {
      onCase()
      const what = 'the event loop did not run any more'
      const last = { findings: [{ target: target.name, seed, what, reproduce }], seed }
      const stuck = `STUCK in ${target.name}: ${what}\n  ${reproduce}\n${JSON.stringify(last)}`
      watchdog.begin(stuck, 3 * target.deadlineMs)
      try {
        await guard.within(target.deadlineMs, () => opened.attempt(generate, guard))
      } finally {
        watchdog.end()
      }
    })
    const numRuns = casesPerRound ?? target.casesPerRound
    // Making the example smaller ends here, too.
    const details = await fc.check(property, { seed, numRuns, interruptAfterTimeLimit: 60_000 })
    if (!details.failed || details.counterexample === null) return undefined
    return {
      target: target.name,
      seed,
      what:
        details.errorInstance instanceof Error
          ? details.errorInstance.message
          : String(details.errorInstance),
      reproduce,
    }
  } finally {
    await open?.[Symbol.asyncDispose]()
  }
}
