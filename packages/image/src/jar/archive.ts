/** A jar as a zip archive: its entries by name, read when they are asked for. */
import { stat } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { type Entry, openPromise, type ZipFile } from 'yauzl'
import { BuildError } from '../build-error.ts'

export interface Archive extends Disposable {
  /** Names of files in the order of the archive; folders are not among them. */
  readonly names: readonly string[]
  /** Content of a file; undefined where there is none of this name. */
  read(name: string): Promise<Buffer | undefined>
}

/** More than this unpacked is no application but an accident, or an attack. */
const maxBytes = 4 * 2 ** 30

/** Throws, with the fix, for what is not there or is no zip archive. */
export async function openArchive(path: string): Promise<Archive> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined)
    throw new BuildError(
      `There is no jar ${path}`,
      'Build it, e.g. with `mvn package` or `gradle bootJar`, or correct `jar`.',
    )
  if (!found.isFile()) throw new BuildError(`${path} is no file`, 'Name one executable jar in `jar`.')
  let zip: ZipFile
  const entries = new Map<string, Entry>()
  try {
    zip = await openPromise(path, { autoClose: false, lazyEntries: true, strictFileNames: false })
    let total = 0
    for await (const entry of zip.eachEntry()) {
      total += entry.uncompressedSize
      if (total > maxBytes) throw new Error('it unpacks to more than 4 GiB')
      if (!entry.fileName.endsWith('/')) entries.set(entry.fileName, entry)
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new BuildError(`${path} is no jar: it cannot be read (${reason})`, 'Build it again.', error)
  }
  return {
    names: [...entries.keys()],
    async read(name) {
      const entry = entries.get(name)
      return entry && buffer(await zip.openReadStreamPromise(entry))
    },
    [Symbol.dispose]: () => zip.close(),
  }
}
