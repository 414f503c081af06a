/**
 * The edge's own copy of a key value store. The store changes at once; the edges learn of it seconds later
 * ("updates … are eventually consistent"), so that for a moment both values are in use. Three seconds stand for
 * that here, at the emulator's speed.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/kvs-with-functions-kvp.html
 *
 * Gap: there is one edge; AWS's learn at different moments.
 */
import type { Clock } from '../../../../clock.ts'
import type { KeyValueStore, KeyValueStores } from '../../key-value/key-value-stores.ts'

const propagationMs = 3000

export interface KeyValueCopies {
  /** What the edge knows of a store; undefined when there is none. */
  get(arn: string): KeyValueStore | undefined
  close(): void
}

export function createKeyValueCopies(stores: KeyValueStores, clock: Clock): KeyValueCopies {
  const copies = new Map<string, KeyValueStore>()
  const closing = new AbortController()
  for (const store of stores.all.values()) copies.set(store.arn, store)

  stores.onUpdate(async (store) => {
    // A store that no edge knows yet is new: there is nothing that it could serve instead.
    if (!copies.has(store.arn)) return void copies.set(store.arn, store)
    try {
      await clock.sleepAws(propagationMs, closing.signal)
      copies.set(store.arn, store)
    } catch (error) {
      if (!closing.signal.aborted) throw error
    }
  })
  return { get: (arn) => copies.get(arn), close: () => closing.abort(new Error('the edge was closed')) }
}
