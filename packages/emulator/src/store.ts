/**
 * Durable state: every service keeps what it must not forget in collections of JSON documents, written through
 * to SQLite (WAL) before the call returns. `kill -9` at any moment loses nothing that was acknowledged: what a
 * process has written is the system's to keep. The disk is not waited for, because that would stop all traffic for
 * as long as it takes; a power failure may lose the last moments, and then a rehearsal is started again.
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
   * the documents, an index or what runs by them, must be computed again. It must not throw.
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
  notifyListeners(): void
}

/** A process that was killed a moment ago may still be ending. */
const lockTimeoutMs = 1_000

/**
 * The number of the file's format. Raise it when the version before could not read what this one writes: that version
 * then refuses the file and leaves it as it is.
 */
const format = 1

/** A file that this version cannot use and must not change: damaged, not a store, or written by a newer Baton. */
export class StoreError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StoreError'
  }
}

/**
 * Opens the store in a file, or in memory for `:memory:`. Throws `StoreError` for a file that this version cannot use,
 * then or when a damaged part of it is read, and an error for `isLocked` where another process has it open.
 */
export function openStore(file: string): Store {
  const database = new DatabaseSync(file, { timeout: lockTimeoutMs })
  try {
    prepareFile(database, file)
  } catch (error) {
    database.close()
    throw asStoreError(file, error)
  }
  const select = database.prepare('SELECT key, body FROM document WHERE collection = ? ORDER BY rowid')
  const upsert = database.prepare(
    'INSERT INTO document VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
  )
  const remove = database.prepare('DELETE FROM document WHERE collection = ? AND key = ?')
  const collections = new Map<string, Reloadable<unknown>>()

  function rowsOf(name: string): [key: string, body: string][] {
    try {
      return select.all(name).map((row) => [String(row.key), String(row.body)])
    } catch (error) {
      throw asStoreError(file, error)
    }
  }

  function open<T>(name: string): Reloadable<T> {
    const documents = new Map<string, T>()
    const listeners: (() => void)[] = []
    const load = () => {
      documents.clear()
      for (const [key, body] of rowsOf(name)) documents.set(key, parseDocument(file, name, key, body) as T)
    }
    load()
    return {
      get: (key) => documents.get(key),
      has: (key) => documents.has(key),
      put(key, document) {
        attempt(file, () => upsert.run(name, key, JSON.stringify(document)))
        documents.set(key, document)
      },
      delete(key) {
        attempt(file, () => remove.run(name, key))
        return documents.delete(key)
      },
      values: () => [...documents.values()],
      entries: () => [...documents.entries()],
      onReload: (listener) => void listeners.push(listener),
      reload: load,
      notifyListeners() {
        for (const listener of listeners) listener()
      },
    }
  }

  let depth = 0
  return {
    collection<T>(name: string) {
      const collection = collections.get(name) ?? open<unknown>(name)
      collections.set(name, collection)
      return collection as Collection<T>
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
        for (const collection of collections.values()) collection.notifyListeners()
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

function parseDocument(file: string, collection: string, key: string, body: string): unknown {
  try {
    return JSON.parse(body)
  } catch (cause) {
    throw new StoreError(`${file} is damaged: its document "${key}" of ${collection} is not JSON`, { cause })
  }
}

function attempt(file: string, work: () => unknown): void {
  try {
    work()
  } catch (error) {
    throw asStoreError(file, error)
  }
}

/** SQLITE_CORRUPT and SQLITE_NOTADB, the low byte of an extended code: https://www.sqlite.org/rescode.html */
const unreadableCodes: readonly number[] = [11, 26]

/** The error as a `StoreError` where SQLite found the file damaged, or not a database; otherwise as it is. */
export function asStoreError(file: string, error: unknown): unknown {
  const isDamage =
    error instanceof Error && 'errcode' in error && unreadableCodes.includes(Number(error.errcode) & 0xff)
  return isDamage ? new StoreError(`${file} is damaged or not a database`, { cause: error }) : error
}

/** Whether opening a store failed because another process has it open: one emulator per directory. */
export const isLocked = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === 5 && error.message.includes('locked')
