/**
 * A layer: files as a tar, gzipped, such that the same files give the same bytes on any machine, on any day. Only then
 * does the digest show whether a release changes anything. So entries are sorted, times are zero, owner and modes
 * fixed, and the gzip header names neither time nor system. The compressor is a JavaScript one: what zlib writes
 * differs between builds of Node.js.
 */
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { type AsyncGzipOptions, gzip, gzipSync } from 'fflate'
import { pack } from 'tar-stream'
import { blobSize, digestOf, writeBlob } from './layout.ts'
import { recall, remember } from './notes.ts'
import { type Descriptor, layerAnnotation, mediaTypes } from './oci.ts'

/** Content by absolute path in the image, e.g. `/app/server.js`. */
export type LayerFiles = ReadonlyMap<string, string | Uint8Array>

export interface Layer {
  readonly descriptor: Descriptor
  /** Digest of the tar itself, as the image's configuration lists it. */
  readonly diffId: string
}

export interface LayerOptions {
  /** 0 stores: right for what is compressed already, such as jars. Default 6. */
  readonly level?: 0 | 6
}

/** Makes the layer and keeps it in the layout. */
export async function writeLayer(
  layout: string,
  files: LayerFiles,
  { level = 6 }: LayerOptions = {},
): Promise<Layer> {
  const key = keyOf(files, level)
  const known = await recall<Layer>(layout, 'layer', key)
  if (known && (await blobSize(layout, known.descriptor.digest)) === known.descriptor.size) return known
  const tar = await tarOf(files)
  const descriptor = await writeBlob(layout, await gzipOf(tar, level), mediaTypes.layer)
  const layer = {
    descriptor: { ...descriptor, annotations: { [layerAnnotation]: 'application' } },
    diffId: digestOf(tar),
  }
  await remember(layout, 'layer', key, layer)
  return layer
}

/** Raise it with every change of how a layer is written: what was made before is made again. */
const format = 1

/** To hash the files takes a tenth of the time that it takes to pack them. */
function keyOf(files: LayerFiles, level: 0 | 6): string {
  const hash = createHash('sha256').update(`${format} ${level}`)
  for (const [path, content] of files)
    hash.update(`\n${JSON.stringify(path)} ${Buffer.byteLength(content)}\n`).update(content)
  return hash.digest('hex')
}

async function tarOf(files: LayerFiles): Promise<Buffer> {
  const entries = new Map([...files].map(([path, content]) => [relativePath(path), Buffer.from(content)]))
  const folders = new Set([...entries.keys()].flatMap(parents))
  const tar = pack()
  const fixed = { uid: 0, gid: 0, uname: '', gname: '', mtime: new Date(0) }
  // A folder sorts before what it holds.
  for (const name of [...folders, ...entries.keys()].sort()) {
    const content = entries.get(name)
    if (content === undefined) tar.entry({ ...fixed, name: `${name}/`, type: 'directory', mode: 0o755 })
    else tar.entry({ ...fixed, name, type: 'file', mode: 0o644 }, content)
  }
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

/** Above this size the work goes to a thread: this process may be serving a terminal and a load meanwhile. */
const longBytes = 4 * 2 ** 20

async function gzipOf(tar: Buffer, level: 0 | 6): Promise<Uint8Array> {
  const options = { level, mtime: 0 } as const
  const zipped =
    tar.length < longBytes || level === 0
      ? gzipSync(tar, options)
      : await promisify<Uint8Array, AsyncGzipOptions, Uint8Array>(gzip)(tar, options)
  // RFC 1952: byte 9 is the operating system; 255 is "unknown".
  zipped[9] = 255
  return zipped
}

function relativePath(path: string): string {
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.length === 0 || parts.includes('..'))
    throw new Error(`"${path}" is no path of a file in an image`)
  return parts.join('/')
}

function parents(path: string): string[] {
  const parts = path.split('/')
  return parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('/'))
}
