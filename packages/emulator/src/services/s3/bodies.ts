/**
 * Bodies of objects: files that are written once under a name of their own and never changed. An object's
 * document names its file, so a body becomes visible, whole, at the moment when the document is put; a crash
 * before that leaves a file that no object refers to, which the next start removes.
 */
import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync } from 'node:fs'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Readable } from 'node:stream'

export interface Body {
  /** Name within the store of bodies. */
  readonly file: string
  readonly size: number
  /** Hexadecimal. */
  readonly md5: string
}

export interface Bodies {
  /** Writes what the stream brings; on an error nothing stays behind. */
  write(source: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>): Promise<Body>
  /** The bodies one after the other, as one. */
  concatenate(files: readonly string[]): Promise<Body>
  read(file: string): Promise<Buffer>
  stream(file: string, range?: { start: number; end: number }): Promise<Readable>
  remove(files: readonly string[]): Promise<void>
  /** Removes what lay here when the store was opened and is not in use: uploads of now have no document yet either. */
  sweep(inUse: ReadonlySet<string>): Promise<void>
}

export function createBodies(directory: string, newName: () => string): Bodies {
  mkdirSync(directory, { recursive: true })
  const found = readdirSync(directory)
  const path = (file: string) => join(directory, file)

  async function write(
    source: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  ): Promise<Body> {
    const file = newName()
    const handle = await open(path(file), 'wx')
    try {
      const body = await writeAll(handle, source)
      await handle.sync()
      return { file, ...body }
    } catch (error) {
      await rm(path(file), { force: true })
      throw error
    } finally {
      await handle.close()
    }
  }

  async function remove(files: readonly string[]): Promise<void> {
    for (const file of files) await rm(path(file), { force: true })
  }

  async function* chain(files: readonly string[]): AsyncGenerator<Uint8Array> {
    for (const file of files) {
      const handle = await open(path(file))
      yield* handle.createReadStream() as AsyncIterable<Buffer>
    }
  }

  return {
    write,
    concatenate: (files) => write(chain(files)),
    async read(file) {
      const handle = await open(path(file))
      try {
        return await handle.readFile()
      } finally {
        await handle.close()
      }
    },
    // The file is opened before the answer begins, so that a deletion cannot break it off.
    stream: async (file, range) => (await open(path(file))).createReadStream(range ?? {}),
    remove,
    async sweep(inUse) {
      await remove(found.splice(0).filter((file) => !inUse.has(file)))
    },
  }
}

async function writeAll(
  handle: FileHandle,
  source: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
) {
  const hash = createHash('md5')
  let size = 0
  for await (const chunk of source) {
    const bytes = typeof chunk === 'string' ? Buffer.from(chunk) : chunk
    hash.update(bytes)
    size += bytes.length
    await handle.write(bytes)
  }
  return { size, md5: hash.digest('hex') }
}
