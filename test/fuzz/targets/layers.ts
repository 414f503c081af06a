/** Layers of images: entries with hostile names and links over two layers, and archives that are damaged. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gzipSync } from 'node:zlib'
import type { GeneratorValue } from 'fast-check'
import { type Header, pack } from 'tar-stream'
import { createImageLayers } from '../../../packages/emulator/src/runtime/process/image-layers.ts'
import { damaged, hostileText, oneOf, rarely } from '../hostile.ts'
import type { Target } from '../target.ts'
import { openBox } from './outside.ts'

const plain = ['a', 'b', 'c', 'a/b']
/** Most of these end the case with a refusal. */
const strange = ['..', '.', '', '/', '.wh.a', '.wh..wh..opq', '.wh.', '.wh..', '.wh...', 'A', '../../canary']

const pathOf = (g: GeneratorValue): string =>
  rarely(g, 12)
    ? hostileText(g).slice(0, 300)
    : Array.from({ length: oneOf(g, [1, 2, 3]) }, () => oneOf(g, rarely(g, 6) ? strange : plain)).join('/')

const kinds = ['file', 'file', 'directory', 'symlink', 'link', 'fifo', 'character-device'] as const

type Entry = Pick<Header, 'name'> & Partial<Header>

async function layerOf(g: GeneratorValue): Promise<{ entries: Entry[]; tar: Buffer }> {
  const entries: Entry[] = []
  const tar = pack()
  for (let count = oneOf(g, [1, 2, 4, 8]); count > 0; count--) {
    const type = oneOf(g, kinds)
    const header: Entry = {
      name: pathOf(g),
      type,
      mode: oneOf(g, [0o644, 0o4777, 0]),
      // The same bytes for the same seed.
      mtime: new Date(0),
    }
    if (type === 'symlink' || type === 'link') header.linkname = pathOf(g)
    entries.push(header)
    tar.entry(header, type === 'file' ? 'text' : '')
  }
  tar.finalize()
  return { entries, tar: await buffer(tar) }
}

export const layersTarget: Target = {
  name: 'layers',
  deadlineMs: 10_000,
  casesPerRound: 150,
  async open() {
    const box = await openBox()
    let count = 0
    return {
      async attempt(g, watch) {
        const layers = []
        const tried: unknown[] = []
        for (let index = oneOf(g, [1, 2, 3]); index > 0; index--) {
          const { entries, tar } = await layerOf(g)
          tried.push(entries)
          const zipped = rarely(g, 3)
          const bytes = zipped ? gzipSync(tar) : tar
          const file = join(box.input, `layer-${index}`)
          const written = rarely(g, 5) ? damaged(g, bytes) : bytes
          if (written !== bytes) tried.push({ zipped, damaged: written.toString('base64') })
          await writeFile(file, written)
          const mediaType = `application/vnd.oci.image.layer.v1.tar${zipped ? '+gzip' : ''}`
          layers.push({
            digest: `sha256:${index}`,
            file,
            mediaType,
            annotations: { 'dev.baton.layer': 'application' },
          })
        }
        const image = { digest: `sha256:${count++}`, config: { architecture: 'arm64', os: 'linux' }, layers }
        watch.trying(tried)
        try {
          await createImageLayers(box.inside).unpack(image)
        } catch (error) {
          if (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError)
            throw error
        } finally {
          await box.check()
        }
      },
      [Symbol.asyncDispose]: () => box[Symbol.asyncDispose](),
    }
  },
}
