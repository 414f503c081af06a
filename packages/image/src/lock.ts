/**
 * The lock file of base images: which digest a reference stood for when it was looked up, for each platform. A tag such
 * as `24-slim` moves; with the file, every machine builds on the same base until someone asks for a newer one. It belongs
 * into the repository.
 *
 *     { "lockfileVersion": 1, "images": { "node:24-slim": { "linux/amd64": "sha256:…", "linux/arm64": "sha256:…" } } }
 */
import { randomUUID } from 'node:crypto'
import { readFile, rename, writeFile } from 'node:fs/promises'
import { BuildError } from './build-error.ts'
import type { Architecture } from './oci.ts'
import { findPlatforms, type RemoteImage } from './registry/pull.ts'
import { parseReference } from './registry/reference.ts'
import { RegistryError } from './registry/registry.ts'

type Digests = Readonly<Record<string, string>>
type Images = Readonly<Record<string, Digests>>

export interface LockedImage {
  readonly reference: string
  /** Digest by platform, `linux/arm64`. */
  readonly digests: Digests
}

export interface ImageLock {
  readonly file: string
  /**
   * The image by the digest that is locked for the platform. What the file does not know is looked up, written, and
   * reported to `onLocked`. A reference that has a digest needs no lock.
   */
  resolve<Remote extends RemoteImage>(remote: Remote, architecture: Architecture): Promise<Remote>
  /** Looks the reference up again and writes what it stands for now; `changed` says whether that is something else. */
  update(remote: RemoteImage): Promise<LockedImage & { readonly changed: boolean }>
  list(): Promise<readonly LockedImage[]>
}

export interface LockOptions {
  /** Folder of an OCI layout, for manifests. */
  readonly cacheDir: string
  readonly onLocked?: (locked: LockedImage) => void
}

/** Opens the lock in a file, which need not exist. */
export function openLock(file: string, { cacheDir, onLocked = () => {} }: LockOptions): ImageLock {
  // One at a time: several services of a build have the same base.
  let turn: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work)
    turn = done.catch(() => undefined)
    return done
  }
  const lookUp = async (remote: RemoteImage): Promise<LockedImage> => {
    const found = Object.entries(await findPlatforms({ ...remote, cacheDir }))
    const digests = Object.fromEntries(
      found.map(([architecture, digest]) => [`linux/${architecture}`, digest] as const).sort(),
    )
    return { reference: remote.reference, digests }
  }
  const write = async (known: Images, { reference, digests }: LockedImage) => {
    const images = Object.entries({ ...known, [reference]: digests }).sort(([one], [other]) =>
      one < other ? -1 : 1,
    )
    const content = { lockfileVersion: 1, images: Object.fromEntries(images) }
    const partial = `${file}.${randomUUID()}`
    await writeFile(partial, `${JSON.stringify(content, null, 2)}\n`)
    await rename(partial, file)
  }
  return {
    file,
    resolve(remote, architecture) {
      if (parseReference(remote.reference).digest !== undefined) return Promise.resolve(remote)
      return inTurn(async () => {
        const known = await readLock(file)
        const platform = `linux/${architecture}`
        let digests = known[remote.reference]
        if (digests === undefined) {
          const locked = await lookUp(remote)
          await write(known, locked)
          onLocked(locked)
          digests = locked.digests
        }
        const digest = digests[platform]
        if (digest !== undefined) return { ...remote, reference: `${remote.reference}@${digest}` }
        throw new RegistryError(
          `${remote.reference} has no image for ${platform}, only for ${Object.keys(digests).join(', ')} (${file})`,
          {
            fix: 'Choose another base, or another `architecture` of the service. If the base has it by now: baton lock --update.',
          },
        )
      })
    },
    update: (remote) =>
      inTurn(async () => {
        const known = await readLock(file)
        const locked = await lookUp(remote)
        const changed = JSON.stringify(known[remote.reference]) !== JSON.stringify(locked.digests)
        if (changed) await write(known, locked)
        return { ...locked, changed }
      }),
    list: async () =>
      Object.entries(await readLock(file)).map(([reference, digests]) => ({ reference, digests })),
  }
}

async function readLock(file: string): Promise<Images> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return {}
  let content: { lockfileVersion?: unknown; images?: unknown }
  try {
    content = JSON.parse(text)
  } catch {
    throw unreadable(file, 'it is no JSON')
  }
  if (content?.lockfileVersion !== 1)
    throw unreadable(file, `its lockfileVersion is ${content?.lockfileVersion}, not 1`)
  if (!isImages(content.images))
    throw unreadable(file, '"images" must hold a digest for each platform of each reference')
  return content.images
}

function isImages(value: unknown): value is Images {
  const isObject = (each: unknown) => typeof each === 'object' && each !== null && !Array.isArray(each)
  return (
    isObject(value) &&
    Object.values(value as object).every(
      (digests) =>
        isObject(digests) &&
        Object.values(digests).every((each) => /^sha256:[0-9a-f]{64}$/.test(String(each))),
    )
  )
}

const unreadable = (file: string, reason: string) =>
  new BuildError(
    `${file} cannot be used: ${reason}`,
    'Restore it from your repository, solve its merge conflict, or delete it: the next build writes it again.',
  )
