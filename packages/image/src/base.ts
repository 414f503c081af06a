/**
 * The image below an application, fetched once and kept: from an index the manifest of the platform that is asked
 * for, then its configuration and layers. Public registries hand out tokens to anyone; private ones ask for
 * credentials.
 */
import { blobSize, imageOf, readBlob, writeBlob, writeBlobStream } from './layout.ts'
import {
  type Architecture,
  type Descriptor,
  type Image,
  type ImageConfig,
  type Index,
  type Manifest,
  mediaTypes,
} from './oci.ts'
import { connectRegistry, type Registry, RegistryError } from './registry.ts'

export interface Base {
  /** `[registry/]repository[:tag][@sha256:…]`; without a registry it is Docker Hub's, as everywhere. */
  readonly reference: string
  readonly username?: string
  readonly password?: string
  /** Address of the registry where it is not `https://<registry>`. */
  readonly endpoint?: string
  readonly fetch?: typeof fetch
}

export interface PullBase extends Base {
  readonly architecture: Architecture
  /** Folder of an OCI layout where blobs are kept and found again. */
  readonly cacheDir: string
}

/** Fetches what the cache does not hold. A reference with a digest that was fetched before needs no network. */
export async function pullBase(options: PullBase): Promise<Image> {
  const { host, repository, tag, digest } = parseReference(options.reference)
  const endpoint = options.endpoint ?? `https://${host}`
  const registry = connectRegistry({ ...options, endpoint, repository }, 'pull')
  const layout = options.cacheDir
  const manifestDigest = await platformManifest(registry, layout, digest ?? tag, options)
  const manifest: Manifest = await readJson(layout, manifestDigest)
  await Promise.all([manifest.config, ...manifest.layers].map((blob) => pullBlob(registry, layout, blob)))
  const config: ImageConfig = await readJson(layout, manifest.config.digest)
  return imageOf(layout, manifestDigest, manifest, config)
}

export interface Reference {
  readonly host: string
  readonly repository: string
  readonly tag: string
  readonly digest?: string
}

/** Takes a reference apart the way Docker does: `node:24` is `registry-1.docker.io/library/node:24`. */
export function parseReference(reference: string): Reference {
  const [, name = '', tag = 'latest', digest] =
    /^([^@]+?)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/.exec(reference) ?? []
  const [first = '', ...rest] = name.split('/')
  const hasHost = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const host = hasHost ? first : 'docker.io'
  const path = hasHost ? rest.join('/') : name
  if (!/^[a-z0-9]+(?:[._/-]+[a-z0-9]+)*$/.test(path))
    throw new Error(`"${reference}" is no reference of an image`)
  const official = host === 'docker.io' && !path.includes('/')
  return {
    host: host === 'docker.io' ? 'registry-1.docker.io' : host,
    repository: official ? `library/${path}` : path,
    tag,
    ...(digest && { digest }),
  }
}

async function platformManifest(
  registry: Registry,
  layout: string,
  reference: string,
  options: PullBase,
): Promise<string> {
  const { digest, content } = await fetchManifest(registry, layout, reference, options.reference)
  if (!('manifests' in content)) return digest
  const found = content.manifests.find(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === options.architecture,
  )
  if (found !== undefined)
    return (await fetchManifest(registry, layout, found.digest, options.reference)).digest
  const offered = content.manifests.flatMap(
    ({ platform }) => platform && `${platform.os}/${platform.architecture}`,
  )
  throw new Error(
    `${options.reference} has no image for linux/${options.architecture}, only for ${offered.join(', ')}`,
  )
}

async function fetchManifest(
  registry: Registry,
  layout: string,
  reference: string,
  name: string,
): Promise<{ digest: string; content: Manifest | Index }> {
  const byDigest = reference.startsWith('sha256:')
  if (byDigest && (await blobSize(layout, reference)) !== undefined)
    return { digest: reference, content: await readJson(layout, reference) }
  const { manifest, index, dockerManifest, dockerIndex } = mediaTypes
  const response = await registry.request(`manifests/${reference}`, {
    headers: { accept: [manifest, index, dockerManifest, dockerIndex].join(', ') },
    accept: [200],
    purpose: `pull ${name}`,
  })
  const bytes = new Uint8Array(await response.arrayBuffer())
  const { digest } = await writeBlob(layout, bytes, response.headers.get('content-type') ?? manifest)
  if (byDigest && digest !== reference) throw new RegistryError(`${name} arrived with the digest ${digest}`)
  return { digest, content: JSON.parse(Buffer.from(bytes).toString()) }
}

async function pullBlob(registry: Registry, layout: string, blob: Descriptor): Promise<void> {
  if ((await blobSize(layout, blob.digest)) === blob.size) return
  const purpose = `pull ${blob.digest}`
  const response = await registry.request(`blobs/${blob.digest}`, { accept: [200], purpose })
  if (response.body === null)
    throw new RegistryError(`Cannot ${purpose}: the answer is empty`, response.status)
  await writeBlobStream(layout, response.body, blob.digest)
}

async function readJson<T>(layout: string, digest: string): Promise<T> {
  return JSON.parse((await readBlob(layout, digest)).toString())
}
