/** Layers of images for tests: tar files with entries of any kind, such as no honest builder writes. */
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Header, pack } from 'tar-stream'

export type LayerEntry = Pick<Header, 'name'> & Partial<Header> & { content?: string }

export const tarMediaType = 'application/vnd.oci.image.layer.v1.tar'

/** Writes a layer with these entries into the directory; returns its file. */
export async function layerFile(directory: string, entries: readonly LayerEntry[]): Promise<string> {
  const file = join(directory, `${randomUUID()}.tar`)
  const tar = pack()
  for (const { content, ...header } of entries) tar.entry(header, content ?? '')
  tar.finalize()
  await pipeline(tar, createWriteStream(file))
  return file
}
