/**
 * Which tests a command runs. `npm test` is what a contributor runs: all unit tests, the rehearsal of the sample and a
 * sample of the known mistakes. `npm run test:all` adds what is long: journeys, browsers, engines. `npm run test:full`
 * also leaves nothing out of the long matrices. `test:rest` is what `test:all` adds to `npm test`: CI runs the one
 * after the other, and no test twice.
 */

export const tiers = ['core', 'rest', 'all', 'full'] as const
export type Tier = (typeof tiers)[number]

/** The tier of this run, for tests that take samples: the runner says it to them in the environment. */
function currentTier(): Tier {
  const tier = process.env.BATON_TEST_TIER ?? 'full'
  const known = tiers.find((name) => name === tier)
  if (known === undefined) throw new Error(`BATON_TEST_TIER is "${tier}". It can be ${tiers.join(', ')}`)
  return known
}

/** Test files that `npm test` leaves to `test:all`: they are slow, or need a program that a contributor may not have. */
const isLong = (file: string) => /\.long\.test\.tsx?$|(^|\/)test\/(journeys|conformance)\//.test(file)

/** Long ones of which `npm test` runs a part, or all. */
const inCore = ['test/journeys/rehearse.test.ts', 'test/journeys/mistakes.test.ts']

/** Of those, the ones that have nothing left for `test:rest`. */
const wholeInCore = ['test/journeys/rehearse.test.ts']

const among = (file: string, paths: readonly string[]) => paths.some((path) => file.endsWith(path))

/** Whether a tier runs a file, by its path. */
export function runs(tier: Tier, file: string): boolean {
  if (tier === 'all' || tier === 'full') return true
  if (tier === 'core') return !isLong(file) || among(file, inCore)
  return isLong(file) && !among(file, wholeInCore)
}

/**
 * The cases of a matrix that a tier runs. The same seed gives the same sample, and each smaller sample is part of the
 * larger: what `npm test` ran, `test:rest` leaves out.
 */
export function sample<T>(
  cases: readonly T[],
  sizes: { readonly core: number; readonly all?: number; readonly seed: number },
  tier: Tier = currentTier(),
): T[] {
  if (tier === 'full') return [...cases]
  const order = shuffle(cases, sizes.seed)
  const core = order.slice(0, sizes.core)
  if (tier === 'core') return core
  const all = order.slice(0, Math.max(sizes.core, sizes.all ?? cases.length))
  return tier === 'all' ? all : all.slice(core.length)
}

/** Fisher-Yates with the generator of Park and Miller. */
function shuffle<T>(cases: readonly T[], seed: number): T[] {
  const order = [...cases]
  let state = (seed % 2_147_483_646) + 1
  for (let last = order.length - 1; last > 0; last--) {
    state = (state * 48_271) % 2_147_483_647
    const other = state % (last + 1)
    const moved = order[last] as T
    order[last] = order[other] as T
    order[other] = moved
  }
  return order
}
