/** Remembers every write of one audience that was acknowledged: what the database must hold after the load. */
import type { LedgerEntry } from './record.ts'

export class Ledger {
  readonly #site: string
  readonly #entries = new Map<string, LedgerEntry>()
  /** Ids that may still be deleted, in the order of their acknowledgement. */
  readonly #deletable: string[] = []

  constructor(site: string) {
    this.#site = site
  }

  acknowledge(id: string, now: number): void {
    this.#entries.set(id, { site: this.#site, id, acknowledgedAt: now, state: 'present' })
    this.#deletable.push(id)
  }

  /** The oldest entry that was not deleted yet, removed from what may be deleted; undefined while there are `reserve` or fewer. */
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

  /** Acknowledged writes that are not among the listed ids, and acknowledged deletes that are. */
  lost(listed: ReadonlySet<string>): LedgerEntry[] {
    return [...this.#entries.values()].filter(({ id, state }) =>
      listed.has(id) ? state === 'deleted' : state === 'present',
    )
  }
}
