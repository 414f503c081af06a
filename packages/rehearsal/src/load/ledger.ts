/** Remembers every write that was acknowledged: what the database has to hold when the load is over. */
import type { LedgerEntry } from './record.ts'

export class Ledger {
  readonly #entries = new Map<string, LedgerEntry>()
  /** Ids that may still be deleted, in the order of their acknowledgement. */
  readonly #deletable: string[] = []

  acknowledge(site: string, id: string, now: number): void {
    this.#entries.set(id, { site, id, acknowledgedAt: now, state: 'present' })
    this.#deletable.push(id)
  }

  /** The oldest entry that still stands, and no longer may be taken; undefined while fewer than `reserve` stand. */
  takeForDelete(reserve: number): LedgerEntry | undefined {
    if (this.#deletable.length <= reserve) return undefined
    const id = this.#deletable.shift()
    const entry = id === undefined ? undefined : this.#entries.get(id)
    if (entry) this.#entries.set(entry.id, { ...entry, state: 'unknown' })
    return entry
  }

  deleted(id: string): void {
    const entry = this.#entries.get(id)
    if (entry) this.#entries.set(id, { ...entry, state: 'deleted' })
  }

  entries(): LedgerEntry[] {
    return [...this.#entries.values()]
  }
}
