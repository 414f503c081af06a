/** For tests: a file tree of this machine as a layer, with its modes and links. It may be large, and is streamed. */
import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { lstat, mkdir, readdir, readlink, realpath, rename } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type Pack, pack } from 'tar-stream'
import { blobSize } from '../layout.ts'
import { type Descriptor, mediaTypes } from '../oci.ts'

export type TreeEntry =
  | { readonly content: string; readonly mode?: number; readonly uid?: number }
  /** A file of this machine. */
  | { readonly file: string; readonly mode: number; readonly size: number }
  | { readonly link: string }
  | { readonly folder: number; readonly uid?: number }

/** Entries by absolute path in the image. */
export type Tree = Map<string, TreeEntry>

/** Adds a file, or a folder with all in it, at its own path or at `to`; links to elsewhere become what they name. */
export async function addTree(tree: Tree, path: string, to = path): Promise<void> {
  const found = await lstat(path)
  if (found.isDirectory())
    for (const name of await readdir(path)) await addTree(tree, join(path, name), join(to, name))
  else if (found.isSymbolicLink() && !(await readlink(path)).includes('/'))
    tree.set(to, { link: await readlink(path) })
  else if (found.isSymbolicLink()) await addLinked(tree, path, to)
  else tree.set(to, { file: path, mode: found.mode & 0o777, size: found.size })
}

async function addLinked(tree: Tree, path: string, to: string): Promise<void> {
  const target = await realpath(path).catch(() => undefined)
  // A link that leads nowhere on this machine, such as to a manual, is left out.
  if (target !== undefined) await addTree(tree, target, to)
}

/** Writes the layer into the layout; the fastest compression, since it is read once. */
export async function writeTree(
  layout: string,
  tree: Tree,
): Promise<{ descriptor: Descriptor; diffId: string }> {
  const blobs = join(layout, 'blobs', 'sha256')
  await mkdir(blobs, { recursive: true })
  const partial = join(blobs, `${randomUUID()}.partial`)
  const [diff, whole] = [createHash('sha256'), createHash('sha256')]
  const tar = pack()
  const filling = fill(tar, tree)
  await pipeline(
    Readable.from(tar),
    hashing(diff.update.bind(diff)),
    createGzip({ level: 1 }),
    hashing(whole.update.bind(whole)),
    createWriteStream(partial),
  )
  await filling
  const hex = whole.digest('hex')
  await rename(partial, join(blobs, hex))
  const digest = `sha256:${hex}`
  const size = (await blobSize(layout, digest)) ?? 0
  return {
    descriptor: { mediaType: mediaTypes.layer, digest, size },
    diffId: `sha256:${diff.digest('hex')}`,
  }
}

const hashing = (update: (chunk: Uint8Array) => void) =>
  async function* (chunks: AsyncIterable<Uint8Array>) {
    for await (const chunk of chunks) {
      update(chunk)
      yield chunk
    }
  }

async function fill(tar: Pack, tree: Tree): Promise<void> {
  const folders = new Set([...tree.keys()].flatMap(parents))
  for (const path of [...new Set([...folders, ...tree.keys()])].sort())
    await add(tar, path.slice(1), tree.get(path) ?? { folder: 0o755 })
  tar.finalize()
}

async function add(tar: Pack, name: string, entry: TreeEntry): Promise<void> {
  const fixed = { name, uid: 0, gid: 0, mtime: new Date(0) }
  if ('link' in entry) tar.entry({ ...fixed, type: 'symlink', linkname: entry.link })
  else if ('folder' in entry) {
    const { folder, uid = 0 } = entry
    tar.entry({ ...fixed, uid, gid: uid, name: `${name}/`, type: 'directory', mode: folder })
  } else if ('content' in entry) {
    const { content, mode = 0o644, uid = 0 } = entry
    tar.entry({ ...fixed, uid, gid: uid, mode }, content)
  } else {
    const { file, mode, size } = entry
    await pipeline(createReadStream(file), tar.entry({ ...fixed, mode, size }))
  }
}

function parents(path: string): string[] {
  const above = dirname(path)
  return above === '/' ? [] : [...parents(above), above]
}
