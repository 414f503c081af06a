/**
 * The edge's cache: answers in memory, the least recently used leave when the bound is reached. It is not kept
 * over a restart, as no edge promises that.
 */
import { LRUCache } from 'lru-cache'
import { compileWildcard } from '../../../../matching/wildcard.ts'
import type { Headers } from '../message/messages.ts'

export interface Entry {
  readonly distributionId: string
  /** For invalidations: path and query string. */
  readonly path: string
  readonly query: string
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
  /** Wall-clock milliseconds. */
  storedAt: number
  freshUntil: number
}

export interface Cache {
  get(key: string): Entry | undefined
  /** Keeps an entry, unless its distribution was invalidated since `generation`. */
  put(key: string, entry: Entry, generation: number): void
  /** Rises with every invalidation of the distribution: note it before the origin is asked. */
  generation(distributionId: string): number
  /** Drops what the paths match (`*` at the end of a path matches the rest), query strings included. */
  invalidate(distributionId: string, paths: readonly string[]): void
  /** Drops all of a distribution's. */
  clear(distributionId: string): void
}

const entryOverheadBytes = 512

export function createCache(maxBytes = 128 * 1024 * 1024): Cache {
  const entries = new LRUCache<string, Entry>({
    maxSize: maxBytes,
    sizeCalculation: (entry, key) => key.length + entry.body.length + entryOverheadBytes,
  })
  const generations = new Map<string, number>()
  const bump = (id: string) => generations.set(id, (generations.get(id) ?? 0) + 1)
  const dropWhere = (test: (entry: Entry) => boolean) => {
    for (const [key, entry] of [...entries.entries()]) if (test(entry)) entries.delete(key)
  }

  return {
    get: (key) => entries.get(key),
    put(key, entry, generation) {
      if ((generations.get(entry.distributionId) ?? 0) === generation) entries.set(key, entry)
    },
    generation: (id) => generations.get(id) ?? 0,
    invalidate(distributionId, paths) {
      bump(distributionId)
      const tests = paths.map(invalidationTest)
      dropWhere(
        (entry) =>
          entry.distributionId === distributionId && tests.some((test) => test(entry.path, entry.query)),
      )
    },
    clear(distributionId) {
      bump(distributionId)
      dropWhere((entry) => entry.distributionId === distributionId)
    },
  }
}

/** "/images/*" drops all below; without a wildcard a path means itself, with its query string if one is given. */
function invalidationTest(path: string): (path: string, query: string) => boolean {
  const pattern = /^[/*]/.test(path) ? path : `/${path}`
  if (pattern.endsWith('*')) {
    // Only the last one is a wildcard.
    const matches = compileWildcard(`${pattern.slice(0, -1).replaceAll('*', '\\*')}*`, { escapable: '*' })
    return (path, query) => matches(query === '' ? path : `${path}?${query}`)
  }
  return (path, query) => pattern === (query === '' ? path : `${path}?${query}`)
}
