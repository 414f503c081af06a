/**
 * Unpacks what of an image the process runtime can run: the layers annotated `dev.baton.layer=application`,
 * once per image digest. Whiteouts are honoured and no entry may leave the directory, symbolic links included:
 * images come over the wire.
 *
 * Layer format: https://github.com/opencontainers/image-spec/blob/main/layer.md
 */
import { createReadStream, createWriteStream, readdirSync, rmSync } from 'node:fs'
import { link, lstat, mkdir, readdir, realpath, rename, rm, symlink } from 'node:fs/promises'
import { basename, dirname, join, normalize, relative, resolve, sep } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { extract } from 'tar-stream'
import type { StoredImage } from '../../services/ecr/contract.ts'

const APPLICATION_LAYER = 'dev.baton.layer'

export interface ImageLayers {
  /** The image's root directory below `imagesDir`, unpacked by one caller and awaited by the others. */
  unpack(image: StoredImage): Promise<string>
  /** Deletes the roots of all images but these. */
  removeExcept(isKept: (digest: string) => boolean): Promise<void>
}

export function createImageLayers(imagesDir: string): ImageLayers {
  const unpacking = new Map<string, Promise<string>>()
  return {
    unpack(image) {
      const known = unpacking.get(image.digest)
      if (known) return known
      const root = join(imagesDir, image.digest.replace(':', '-'))
      const attempt = unpackImage(image, root).then(() => root)
      unpacking.set(image.digest, attempt)
      attempt.catch(() => unpacking.delete(image.digest))
      return attempt
    },
    async removeExcept(isKept) {
      for (const name of await readdir(imagesDir)) {
        const digest = name.replace('-', ':')
        if (name.endsWith('.partial') || isKept(digest)) continue
        unpacking.delete(digest)
        await rm(join(imagesDir, name), { recursive: true, force: true })
      }
    },
  }
}

/** Removes what a crash left half unpacked. */
export function removePartial(imagesDir: string): void {
  for (const name of readdirSync(imagesDir))
    if (name.endsWith('.partial')) rmSync(join(imagesDir, name), { recursive: true, force: true })
}

async function unpackImage(image: StoredImage, root: string): Promise<void> {
  if (await exists(root)) return
  const layers = image.layers.filter((layer) => layer.annotations[APPLICATION_LAYER] === 'application')
  if (layers.length === 0) {
    throw new Error(
      `image ${image.digest} has no layer annotated ${APPLICATION_LAYER}=application: the process runtime runs ` +
        'only application layers. Build the image with Baton, or annotate the layers that hold the application.',
    )
  }
  const partial = `${root}.${process.pid}.partial`
  await rm(partial, { recursive: true, force: true })
  await mkdir(partial, { recursive: true })
  try {
    for (const layer of layers) await unpackLayer(layer.file, layer.mediaType, await realpath(partial))
    await rename(partial, root)
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    if (!(await exists(root))) throw error
  }
}

/** Lays one layer (a tar, gzipped or zstd-compressed as `mediaType` says) over the directory `root`. */
export async function unpackLayer(file: string, mediaType: string, root: string): Promise<void> {
  const entries = extract()
  const decompress = mediaType.endsWith('gzip')
    ? createGunzip()
    : mediaType.endsWith('zstd')
      ? createZstdDecompress()
      : undefined
  const source = createReadStream(file)
  const reading = decompress ? pipeline(source, decompress, entries) : pipeline(source, entries)
  reading.catch(() => undefined)
  for await (const entry of entries) {
    await unpackEntry(entry.header, entry as unknown as Readable, root)
    entry.resume()
  }
  await reading
}

interface Header {
  readonly name: string
  readonly type?: string | null | undefined
  readonly mode?: number | undefined
  readonly linkname?: string | null | undefined
}

async function unpackEntry(header: Header, body: Readable, root: string): Promise<void> {
  const target = within(root, header.name)
  if (target === root) return
  const name = basename(target)
  await mkdir(dirname(target), { recursive: true })
  const parent = await realpath(dirname(target))
  if (parent !== root && !parent.startsWith(root + sep)) throw escapes(header.name)
  if (name === '.wh..wh..opq') return emptyDirectory(parent)
  if (name.startsWith('.wh.'))
    return rm(join(parent, name.slice('.wh.'.length)), { recursive: true, force: true })
  const path = join(parent, name)
  switch (header.type) {
    case 'directory': {
      const existing = await lstat(path).catch(() => undefined)
      if (existing && !existing.isDirectory()) await rm(path)
      await mkdir(path, { recursive: true })
      return
    }
    case 'symlink': {
      await rm(path, { recursive: true, force: true })
      const link = header.linkname ?? ''
      // An absolute link means the container's root; a relative one may not climb out of it either.
      const to = link.startsWith('/') ? within(root, link) : resolve(parent, link)
      if (to !== root && !to.startsWith(root + sep)) throw escapes(header.name)
      return symlink(relative(parent, to) || '.', path)
    }
    case 'link': {
      const to = await realpath(within(root, header.linkname ?? ''))
      if (!to.startsWith(root + sep)) throw escapes(header.name)
      await rm(path, { recursive: true, force: true })
      return link(to, path)
    }
    case 'file':
    case 'contiguous-file': {
      await rm(path, { recursive: true, force: true })
      return pipeline(
        body,
        createWriteStream(path, { mode: ((header.mode ?? 0o644) & 0o777) | 0o600, flags: 'wx' }),
      )
    }
    default:
      // Devices and pipes have no use in a process's directory.
      return
  }
}

function within(root: string, name: string): string {
  const path = normalize(join(root, name))
  if (name.split('/').includes('..') || (path !== root && !path.startsWith(root + sep))) throw escapes(name)
  return path.endsWith(sep) ? path.slice(0, -1) : path
}

function escapes(name: string): Error {
  return new Error(`layer entry ${JSON.stringify(name)} leads out of the image's root directory`)
}

async function emptyDirectory(directory: string): Promise<void> {
  for (const name of await readdir(directory))
    await rm(join(directory, name), { recursive: true, force: true })
}

async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
