/**
 * For tests: waits for what is on its way, rather than for as long as that should take. The limit is generous: it is
 * only there to fail a test in which the condition never comes true.
 */

type Look<T> = () => T | undefined | false | null | Promise<T | undefined | false | null>

/** Resolves with the first value of `look` that is neither `undefined`, `null` nor `false`. */
export async function until<T>(what: string, look: Look<T>, limitMs?: number): Promise<T>
export async function until<T>(look: Look<T>, limitMs?: number): Promise<T>
export async function until<T>(
  first: string | Look<T>,
  second?: Look<T> | number,
  third?: number,
): Promise<T> {
  const look = typeof first === 'string' ? (second as Look<T>) : first
  const limitMs = (typeof first === 'string' ? third : (second as number | undefined)) ?? 20_000
  const deadline = performance.now() + limitMs
  for (let looks = 0; ; looks++) {
    const found = await look()
    if (found !== undefined && found !== null && found !== false) return found
    if (performance.now() > deadline) {
      throw new Error(`did not come true within ${limitMs} ms: ${typeof first === 'string' ? first : look}`)
    }
    await new Promise((resolve) => setTimeout(resolve, looks < 20 ? 5 : 20))
  }
}
