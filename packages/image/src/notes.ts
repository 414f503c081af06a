/**
 * What was made before, kept beside the blobs of a layout: a layer by what went into it, an image by the id that an
 * engine gave it. Keys are digests, so what a note says never changes; one that is lost is made again.
 */
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export type NoteKind = 'layer' | 'tar' | 'engine-image'

/** Undefined where nothing was noted. */
export async function recall<T>(layout: string, kind: NoteKind, key: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(fileOf(layout, kind, key), 'utf8'))
  } catch {
    // Not there, or cut off by a full disk.
    return undefined
  }
}

export async function remember(layout: string, kind: NoteKind, key: string, value: unknown): Promise<void> {
  const file = fileOf(layout, kind, key)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, JSON.stringify(value))
}

/** Tools that read layouts pass over folders that they do not know. */
const fileOf = (layout: string, kind: NoteKind, key: string) =>
  join(layout, 'notes', kind, `${key.replaceAll(/[^0-9a-z]/g, '-')}.json`)
