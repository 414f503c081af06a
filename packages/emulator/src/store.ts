/**
 * Durable state: every service keeps what it must not forget in collections of JSON documents, written through
 * to SQLite (WAL) before the call returns. `kill -9` at any moment loses nothing that was acknowledged: what a
 * process has written is the system's to keep. The disk is not waited for, because that would stop all traffic for
 * as long as it takes; a power failure may cost the last moments, and then a rehearsal is simply begun again.
 *
 * Reads come from memory: a document is parsed once, and what `get` returns is the stored object itself, so
 * treat it as read-only and `put` a changed copy.
 */
import { DatabaseSync } from 'node:sqlite'

/** Documents of one kind, by key, in the order in which their keys were first put. */
export interface Collection<T> {
  get(key: string): T | undefined
  has(key: string): boolean
  put(key: string, document: T): void
  delete(key: string): boolean
  values(): T[]
  entries(): [key: string, document: T][]
  /**
   * Called when all collections have been read again because a transaction was undone: what was worked out from
   * the documents, an index or what runs by them, has to be worked out anew. It must not throw.
   */
  onReload(listener: () => void): void
}

export interface Store {
  /** The collection of that name; the same object at every call. Name it `service.noun`, e.g. `ecs.task-sets`. */
  collection<T>(name: string): Collection<T>
  /**
   * Runs `work` in one transaction: all of its writes are kept, or, if it throws, none. Synchronous only. One within
   * another is undone alone when it throws, and kept with the outer one.
   */
  transaction<T>(work: () => T): T
  close(): void
}

interface Reloadable<T> extends Collection<T> {
  reload(): void
  tell(): void
}

/** A process that was killed a moment ago may still be ending. */
const lockTimeoutMs = 1_000

/**
 * Of what is in the file. Raise it when an emulator of before could not read what one of now has written: it refuses the
 * file then, and leaves it as it is.
 */
const format = 1

/** A file that this version cannot use, and must not touch: damaged, no store at all, or written by a newer Baton. */
export class StoreError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
  }
}

/**
 * Opens the store in a file, or in memory for `:memory:`. Throws `StoreError` for a file that is none of this version,
 * and what `isLocked` knows where another process has it open.
 */
export function openStore(file: string): Store {
  const database = new DatabaseSync(file, { timeout: lockTimeoutMs })
  try {
    prepareFile(database, file)
  } catch (error) {
    database.close()
    throw isUnreadable(error) ? new StoreError(`${file} is damaged or no store`, { cause: error }) : error
  }
  const select = database.prepare('SELECT key, body FROM document WHERE collection = ? ORDER BY rowid')
  const upsert = database.prepare(
    'INSERT INTO document VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
  )
  const remove = database.prepare('DELETE FROM document WHERE collection = ? AND key = ?')
  const collections = new Map<string, Reloadable<unknown>>()

  function open<T>(name: string): Reloadable<T> {
    const documents = new Map<string, T>()
    const listeners: (() => void)[] = []
    const load = () => {
      documents.clear()
      for (const row of select.all(name)) documents.set(String(row.key), JSON.parse(String(row.body)))
    }
    load()
    return {
      get: (key) => documents.get(key),
      has: (key) => documents.has(key),
      put(key, document) {
        upsert.run(name, key, JSON.stringify(document))
        documents.set(key, document)
      },
      delete(key) {
        remove.run(name, key)
        return documents.delete(key)
      },
      values: () => [...documents.values()],
      entries: () => [...documents.entries()],
      onReload: (listener) => void listeners.push(listener),
      reload: load,
      tell() {
        for (const listener of listeners) listener()
      },
    }
  }

  let depth = 0
  return {
    collection<T>(name: string) {
      const known = collections.get(name) ?? open<unknown>(name)
      collections.set(name, known)
      return known as Collection<T>
    },
    transaction(work) {
      const [begin, keep, undo] =
        depth === 0
          ? ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK']
          : [
              `SAVEPOINT inner_${depth}`,
              `RELEASE inner_${depth}`,
              `ROLLBACK TO inner_${depth}; RELEASE inner_${depth}`,
            ]
      database.exec(begin)
      depth++
      try {
        const result = work()
        database.exec(keep)
        return result
      } catch (error) {
        database.exec(undo)
        for (const collection of collections.values()) collection.reload()
        for (const collection of collections.values()) collection.tell()
        throw error
      } finally {
        depth--
      }
    },
    close: () => database.close(),
  }
}

function prepareFile(database: DatabaseSync, file: string): void {
  // One emulator per directory: the system gives the lock back when the process ends, however it ends.
  database.exec('PRAGMA locking_mode = EXCLUSIVE')
  const found = Number(database.prepare('PRAGMA user_version').get()?.user_version)
  if (found > format) {
    throw new StoreError(`${file} has format ${found}; this version of Baton knows up to ${format}`)
  }
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF')
  database.exec(`
    CREATE TABLE IF NOT EXISTS document (
      collection TEXT NOT NULL, key TEXT NOT NULL, body TEXT NOT NULL,
      PRIMARY KEY (collection, key)
    );
    PRAGMA user_version = ${format};
  `)
}

/** SQLITE_CORRUPT and SQLITE_NOTADB: https://www.sqlite.org/rescode.html */
const isUnreadable = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && (error.errcode === 11 || error.errcode === 26)

/** Whether opening a store failed because another process has it open: one emulator per directory. */
export const isLocked = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === 5 && error.message.includes('locked')
