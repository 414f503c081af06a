/**
 * Lays one layer of an image over a directory. Images come over the wire: no entry may leave the directory, whatever it is
 * called and wherever links lead, and what an image may unpack is bounded by what its entries declare;
 * tar-stream takes no more of an entry than that, and bounds the headers.
 *
 * Layer format, with whiteouts: https://github.com/opencontainers/image-spec/blob/main/layer.md
 */
import { createReadStream, createWriteStream } from 'node:fs'
import { link, lstat, mkdir, readdir, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { basename, dirname, join, relative, resolve, sep } from 'node:path'
import type { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import { extract } from 'tar-stream'

export interface UnpackLimits {
  /** Bytes of all files of an image together. */
  readonly bytes: number
  /** Entries of an image. */
  readonly entries: number
}

const unpackLimits: UnpackLimits = {
  bytes: 8 * 1024 ** 3,
  entries: 500_000,
}

/** What is being unpacked: the layers of one image go through one of these, in their order. */
export interface Unpacking {
  /** The directory's real path. */
  readonly root: string
  readonly limits: UnpackLimits
  /** Whether the file system takes names that differ only in case or in Unicode's normal form for one. */
  readonly foldsNames: boolean
  /** By the folded path: how it was spelled. */
  readonly spellings: Map<string, string>
  bytes: number
  entries: number
}

export async function startUnpacking(directory: string, limits = unpackLimits): Promise<Unpacking> {
  const root = await realpath(directory)
  return { root, limits, foldsNames: await foldsNames(root), spellings: new Map(), bytes: 0, entries: 0 }
}

/** The layer is a tar, gzipped or zstd-compressed as `mediaType` says. */
export async function unpackLayer(unpacking: Unpacking, file: string, mediaType: string): Promise<void> {
  const entries = extract()
  const whole = pipeline([createReadStream(file), ...decompression(mediaType), entries])
  whole.catch(() => undefined)
  /** What refused an entry; else the layer cannot be read, and the pipeline has the reason. */
  let refusal: unknown
  try {
    for await (const entry of entries) {
      try {
        account(unpacking, entry.header.size ?? 0)
        await unpackEntry(unpacking, entry.header, entry as unknown as Readable)
      } catch (error) {
        refusal = error
        throw error
      }
      entry.resume()
    }
    await whole
  } catch (error) {
    const cause = await whole.then(
      () => error,
      (reason: unknown) => reason,
    )
    throw refusal ?? cause
  }
}

function decompression(mediaType: string): Transform[] {
  if (mediaType.endsWith('gzip')) return [createGunzip()]
  return mediaType.endsWith('zstd') ? [createZstdDecompress()] : []
}

function account(unpacking: Unpacking, size: number): void {
  unpacking.bytes += size
  unpacking.entries += 1
  if (unpacking.bytes > unpacking.limits.bytes) throw tooMuch(`${unpacking.limits.bytes} bytes`)
  if (unpacking.entries > unpacking.limits.entries) throw tooMuch(`${unpacking.limits.entries} entries`)
}

const tooMuch = (what: string) =>
  new Error(`the image's application layers hold more than ${what}: the emulator does not unpack them`)

interface Header {
  readonly name: string
  readonly type?: string | null | undefined
  readonly mode?: number | undefined
  readonly linkname?: string | null | undefined
}

const whiteout = '.wh.'

async function unpackEntry(unpacking: Unpacking, header: Header, body: Readable): Promise<void> {
  const { root } = unpacking
  const target = within(root, header.name)
  if (target === root) return
  const parent = await makeDirectory(root, dirname(target), header.name)
  const name = basename(target)
  if (name === '.wh..wh..opq') return emptyDirectory(parent)
  if (name.startsWith(whiteout)) return removeEntry(parent, name.slice(whiteout.length), header.name)
  const path = join(parent, name)
  refuseSameSpelling(unpacking, path)
  switch (header.type) {
    case 'directory': {
      const existing = await lstat(path).catch(() => undefined)
      if (existing && !existing.isDirectory()) await rm(path)
      await mkdir(path, { recursive: true })
      return
    }
    case 'symlink': {
      await rm(path, { recursive: true, force: true })
      const to = header.linkname ?? ''
      // An absolute link means the container's root; a relative one may not climb out of it either.
      const resolved = to.startsWith('/') ? within(root, to) : resolve(parent, to)
      if (!isWithin(root, resolved)) throw escapes(header.name)
      return symlink(relative(parent, resolved) || '.', path)
    }
    case 'link': {
      const to = await realpath(within(root, header.linkname ?? ''))
      if (to === root || !isWithin(root, to)) throw escapes(header.name)
      await rm(path, { recursive: true, force: true })
      return link(to, path)
    }
    case 'file':
    case 'contiguous-file': {
      await rm(path, { recursive: true, force: true })
      const mode = ((header.mode ?? 0o644) & 0o777) | 0o600
      // The archive may end while the file's folder is made: a pipeline from what has ended by then does not end.
      if (body.destroyed) throw new Error(`the layer ends within its entry ${JSON.stringify(header.name)}`)
      return pipeline(body, createWriteStream(path, { mode, flags: 'wx' }))
    }
    default:
      // Devices and pipes have no use in a process's directory.
      return
  }
}

/**
 * Makes a directory below the root step by step and returns its real path: a link on the way may lead elsewhere within the
 * root, and nothing is made outside of it.
 */
async function makeDirectory(root: string, directory: string, entry: string): Promise<string> {
  let path = root
  for (const name of relative(root, directory).split(sep)) {
    if (name === '') continue
    const next = join(path, name)
    const existing = await lstat(next).catch(() => undefined)
    if (existing === undefined) await mkdir(next)
    else if (existing.isSymbolicLink() && !isWithin(root, await realpath(next))) throw escapes(entry)
    else if (!existing.isDirectory() && !existing.isSymbolicLink())
      throw new Error(`layer entry ${JSON.stringify(entry)} is below a file`)
    path = existing?.isSymbolicLink() ? await realpath(next) : next
  }
  return path
}

async function removeEntry(parent: string, name: string, entry: string): Promise<void> {
  if (name === '' || name === '.' || name === '..')
    throw new Error(`layer entry ${JSON.stringify(entry)} is a whiteout of no name`)
  await rm(join(parent, name), { recursive: true, force: true })
}

/** Where the file system folds names, the second of two would silently replace the first. */
function refuseSameSpelling({ foldsNames, spellings, root }: Unpacking, path: string): void {
  if (!foldsNames) return
  const name = relative(root, path)
  const folded = name.normalize('NFC').toLowerCase()
  const known = spellings.get(folded) ?? name
  if (known !== name) {
    throw new Error(
      `layer entries ${JSON.stringify(known)} and ${JSON.stringify(name)} are one name to this machine's file system`,
    )
  }
  spellings.set(folded, name)
}

async function foldsNames(directory: string): Promise<boolean> {
  const file = join(directory, '.baton-CASE')
  await writeFile(file, '')
  try {
    return await exists(join(directory, '.baton-case'))
  } finally {
    await rm(file)
  }
}

function within(root: string, name: string): string {
  const path = resolve(root, `.${sep}${name}`)
  if (name.split('/').includes('..') || name.includes('\0') || !isWithin(root, path)) throw escapes(name)
  return path
}

const isWithin = (root: string, path: string) => path === root || path.startsWith(root + sep)

function escapes(name: string): Error {
  return new Error(`layer entry ${JSON.stringify(name)} leads out of the image's root directory`)
}

async function emptyDirectory(directory: string): Promise<void> {
  for (const name of await readdir(directory))
    await rm(join(directory, name), { recursive: true, force: true })
}

export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  )
}
