/**
 * The bytes of layers and configurations, as files by digest, and the uploads on their way there. An upload is a
 * file that grows; it becomes a blob by a rename once its digest is right, so that whatever is killed when, a blob
 * is complete or is not there.
 */
import { createHash, randomUUID } from 'node:crypto'
import {
  createReadStream,
  createWriteStream,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs'
import { mkdir, readdir, rename, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

export interface BlobStore {
  file(digest: string): string
  size(digest: string): number | undefined
  readText(digest: string): string
  stream(digest: string, range?: { start: number; end: number }): Readable
  remove(digest: string): void
  /** Begins an upload to a repository; returns its id. */
  begin(repository: string): Promise<string>
  /** Bytes received so far; undefined when the repository has no such upload. */
  received(repository: string, id: string): Promise<number | undefined>
  /** Appends; on a failure the upload is as it was before. Returns the bytes received so far. */
  append(repository: string, id: string, body: Readable): Promise<number>
  /** Makes a blob of the upload if its digest is right; undefined if it is not. Ends the upload either way. */
  finish(repository: string, id: string, digest: string): Promise<{ size: number } | undefined>
  cancel(repository: string, id: string): Promise<void>
  /** Removes blobs that were here when the store was opened and that no repository holds: a crash came in between. */
  sweep(isHeld: (digest: string) => boolean): void
  /** Removes uploads that were not continued. */
  removeStale(olderThanMs: number): Promise<void>
}

export function createBlobStore(folder: string): BlobStore {
  const blobs = join(folder, 'blobs', 'sha256')
  const uploads = join(folder, 'uploads')
  const found = existsSync(blobs) ? readdirSync(blobs).map((name) => `sha256:${name}`) : []
  const file = (digest: string) => join(blobs, digest.replace(/^sha256:/, ''))
  // The repository is part of the name: an upload belongs to it alone.
  const uploadFile = (repository: string, id: string) =>
    join(uploads, `${createHash('sha256').update(repository).digest('hex').slice(0, 16)}-${id}`)
  const sizeOf = (path: string) =>
    stat(path).then(
      ({ size }) => size,
      () => undefined,
    )

  return {
    file,
    size: (digest) => statSync(file(digest), { throwIfNoEntry: false })?.size,
    readText: (digest) => readFileSync(file(digest), 'utf8'),
    stream: (digest, range) => createReadStream(file(digest), range),
    remove: (digest) => rmSync(file(digest), { force: true }),
    sweep(isHeld) {
      for (const digest of found.splice(0)) if (!isHeld(digest)) rmSync(file(digest), { force: true })
    },
    async begin(repository) {
      const id = randomUUID()
      await mkdir(uploads, { recursive: true })
      await writeFile(uploadFile(repository, id), '')
      return id
    },
    received: (repository, id) => sizeOf(uploadFile(repository, id)),
    async append(repository, id, body) {
      const path = uploadFile(repository, id)
      const before = (await stat(path)).size
      try {
        await pipeline(body, createWriteStream(path, { flags: 'a' }))
      } catch (error) {
        await truncate(path, before)
        throw error
      }
      return (await stat(path)).size
    },
    async finish(repository, id, digest) {
      const path = uploadFile(repository, id)
      const hash = createHash('sha256')
      await pipeline(createReadStream(path), hash)
      if (`sha256:${hash.digest('hex')}` !== digest) {
        await rm(path, { force: true })
        return undefined
      }
      const { size } = await stat(path)
      await mkdir(blobs, { recursive: true })
      await rename(path, file(digest))
      return { size }
    },
    cancel: (repository, id) => rm(uploadFile(repository, id), { force: true }),
    async removeStale(olderThanMs) {
      for (const name of await readdir(uploads).catch(() => [])) {
        const path = join(uploads, name)
        const { mtimeMs } = await stat(path)
        if (Date.now() - mtimeMs > olderThanMs) await rm(path, { force: true })
      }
    },
  }
}
