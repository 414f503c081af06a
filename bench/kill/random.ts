/** Random choices that a seed repeats. */

export interface Random {
  /** From 0 to below 1. */
  next(): number
  pick<T>(from: readonly [T, ...(readonly T[])]): T
}

/** Mulberry32, by Tommy Ettinger: small, and even enough to choose moments. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return { next, pick: (from) => from[Math.floor(next() * from.length)] ?? from[0] }
}
