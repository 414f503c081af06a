/**
 * An image to a registry: what it already has is not sent again, blobs before the manifest that names them, and at
 * the end the digest by which the registry knows it.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#push
 */
import { openAsBlob } from 'node:fs'
import type { Descriptor, Image } from '../oci.ts'
import { connectRegistry, type Registry, type RegistryAccess, RegistryError } from './registry.ts'

export interface PushTarget extends RegistryAccess {
  readonly tag?: string
  /** Another repository of this registry whose layers may be taken over instead of sent. */
  readonly mountFrom?: string
  /** Blobs larger than this are sent in pieces of this size. Default 32 MiB; ECR takes no pieces below 5 MB. */
  readonly chunkBytes?: number
}

export interface PushProgress {
  readonly digest: string
  readonly size: number
  readonly state: 'exists' | 'mounted' | 'pushed'
}

export interface Pushed {
  readonly digest: string
  /** What really went over the wire. */
  readonly pushedBytes: number
}

const parallel = 3

/** Pushes the image; throws a `RegistryError` that says what could not be done. */
export async function pushImage(
  image: Image,
  target: PushTarget,
  onProgress: (progress: PushProgress) => void = () => {},
): Promise<Pushed> {
  const registry = connectRegistry(target, 'pull,push')
  let pushedBytes = 0
  const blobs = new Map([image.manifest.config, ...image.manifest.layers].map((each) => [each.digest, each]))
  await inParallel([...blobs.values()], async (blob) => {
    const state = await pushBlob(registry, image, blob, target)
    if (state === 'pushed') pushedBytes += blob.size
    onProgress({ digest: blob.digest, size: blob.size, state })
  })
  const sent = await pushManifest(registry, image, target.tag)
  return { digest: image.digest, pushedBytes: pushedBytes + sent }
}

async function pushBlob(
  registry: Registry,
  image: Image,
  blob: Descriptor,
  target: PushTarget,
): Promise<PushProgress['state']> {
  const purpose = `push ${blob.digest} to ${target.repository}`
  const head = await registry.request(`blobs/${blob.digest}`, { method: 'HEAD', accept: [200, 404], purpose })
  if (head.status === 200) return 'exists'

  const mount = target.mountFrom && `?${new URLSearchParams({ mount: blob.digest, from: target.mountFrom })}`
  const begun = await registry.request(`blobs/uploads/${mount ?? ''}`, {
    method: 'POST',
    accept: [201, 202],
    purpose,
  })
  await begun.body?.cancel()
  if (begun.status === 201) return 'mounted'

  const file = image.blobs[blob.digest]
  if (file === undefined) throw new Error(`The image has no blob ${blob.digest}`)
  const content = () => openAsBlob(file)
  const chunkBytes = target.chunkBytes ?? 32 * 2 ** 20
  let location = follow(registry, begun, purpose)
  const chunked = blob.size > chunkBytes
  for (let start = 0; chunked && start < blob.size; start += chunkBytes) {
    const end = Math.min(start + chunkBytes, blob.size)
    const answer = await registry.request(location, {
      method: 'PATCH',
      headers: { 'content-type': 'application/octet-stream', 'content-range': `${start}-${end - 1}` },
      body: async () => (await content()).slice(start, end),
      accept: [202],
      purpose,
    })
    await answer.body?.cancel()
    location = follow(registry, answer, purpose)
  }
  location.searchParams.set('digest', blob.digest)
  const done = await registry.request(location, {
    method: 'PUT',
    headers: { 'content-type': 'application/octet-stream' },
    ...(!chunked && { body: content }),
    accept: [201],
    purpose,
  })
  await done.body?.cancel()
  return 'pushed'
}

function follow(registry: Registry, response: Response, purpose: string): URL {
  const location = response.headers.get('location')
  if (location === null)
    throw new RegistryError(`Cannot ${purpose}: the answer names no location`, { status: response.status })
  return new URL(location, registry.url(''))
}

/** Returns the bytes sent: none when the registry has this very manifest under the tag, or by digest without one. */
async function pushManifest(registry: Registry, image: Image, tag: string | undefined): Promise<number> {
  const { mediaType } = image.manifest
  const reference = tag ?? image.digest
  const purpose = `push the manifest ${reference}`
  const path = `manifests/${reference}`
  const head = await registry.request(path, {
    method: 'HEAD',
    headers: { accept: mediaType },
    accept: [200, 404],
    purpose,
  })
  // A tag that may not be moved refuses even what it already names; pushing twice must be harmless.
  if (head.status === 200 && head.headers.get('docker-content-digest') === image.digest) return 0

  const file = image.blobs[image.digest]
  if (file === undefined) throw new Error(`The image has no manifest ${image.digest}`)
  const content = await openAsBlob(file)
  const answer = await registry.request(path, {
    method: 'PUT',
    headers: { 'content-type': mediaType },
    body: () => content,
    accept: [201],
    purpose,
  })
  await answer.body?.cancel()
  const digest = answer.headers.get('docker-content-digest')
  if (digest !== null && digest !== image.digest)
    throw new RegistryError(`The registry knows ${image.digest} as ${digest}: it did not keep what was sent`)
  return content.size
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values()
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      for (const item of queue) await work(item)
    }),
  )
}
