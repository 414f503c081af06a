/**
 * Images from registries: of an index the manifest of the platform that is asked for, then its configuration and
 * layers, by digest. What the layout holds already is not fetched again.
 */
import { blobSize, imageOf, readBlob, writeBlob, writeBlobStream } from '../layout.ts'
import {
  type Architecture,
  type Descriptor,
  type Image,
  type ImageConfig,
  type Index,
  type Manifest,
  mediaTypes,
} from '../oci.ts'
import { findCredentials } from './credentials.ts'
import { endpointOf, parseReference } from './reference.ts'
import { connectRegistry, type Registry, type RegistryAccess, RegistryError } from './registry.ts'

/** An image in a registry. Without credentials those of `docker login` and `podman login` are used. */
export interface RemoteImage extends Partial<Omit<RegistryAccess, 'repository'>> {
  /** `[registry/]repository[:tag][@sha256:…]`; without a registry it is Docker Hub's, as everywhere. */
  readonly reference: string
}

/** The image of one platform, in a registry. */
export interface PlatformImage extends RemoteImage {
  readonly architecture: Architecture
  /** Folder of an OCI layout where blobs are kept and found again. */
  readonly cacheDir: string
}

/** What a registry says of an image, without its layers. */
export interface FoundImage {
  /** Digest of the manifest for the platform. */
  readonly digest: string
  readonly manifest: Manifest
  readonly config: ImageConfig
}

/**
 * Asks the registry for the image of a platform, and fetches its manifest and configuration only. Throws a
 * `RegistryError` where it does not exist, may not be read, or is not there for the platform.
 */
export async function findImage(options: PlatformImage): Promise<FoundImage> {
  return (await find(options)).found
}

/** Fetches what the layout does not hold. A reference with a digest that was fetched before needs no network. */
export async function pullImage(options: PlatformImage): Promise<Image> {
  const layout = options.cacheDir
  const { registry, found } = await find(options)
  await Promise.all(found.manifest.layers.map((blob) => pullBlob(registry, layout, blob)))
  return imageOf(layout, found.digest, found.manifest, found.config)
}

/**
 * Digests by architecture, of every Linux platform for which there is an image.
 * Of an image that is no index its configuration says the platform.
 */
export async function findPlatforms(
  remote: RemoteImage & { readonly cacheDir: string },
): Promise<Readonly<Record<string, string>>> {
  const { tag, digest } = parseReference(remote.reference)
  const registry = await connect(remote)
  const top = await fetchManifest(registry, remote.cacheDir, digest ?? tag, remote.reference)
  if ('manifests' in top.content) {
    const linux = platformsOf(top.content).filter(({ platform }) => platform?.os === 'linux')
    return Object.fromEntries(linux.map((each) => [each.platform?.architecture ?? '', each.digest]))
  }
  const config = await configOf(registry, remote.cacheDir, top.content, remote.reference)
  return { [config.architecture]: top.digest }
}

async function connect(remote: RemoteImage): Promise<Registry> {
  const reference = parseReference(remote.reference)
  const { host, repository } = reference
  const given = remote.username !== undefined || remote.identityToken !== undefined
  const credentials = given ? {} : await findCredentials(host, repository)
  const endpoint = remote.endpoint ?? endpointOf(reference)
  return connectRegistry({ ...credentials, ...remote, endpoint, repository }, 'pull')
}

async function find(options: PlatformImage): Promise<{ registry: Registry; found: FoundImage }> {
  const { tag, digest } = parseReference(options.reference)
  const layout = options.cacheDir
  const registry = await connect(options)
  const top = await fetchManifest(registry, layout, digest ?? tag, options.reference)
  const chosen =
    'manifests' in top.content
      ? await fetchManifest(registry, layout, choose(top.content, options), options.reference)
      : top
  if ('manifests' in chosen.content)
    throw new RegistryError(`${options.reference} is an index of indexes.`, {
      fix: 'Name one of its images by digest.',
    })
  const config = await configOf(registry, layout, chosen.content, options.reference)
  if (config.architecture !== options.architecture || config.os !== 'linux')
    throw wrongPlatform(options, [`${config.os}/${config.architecture}`])
  return { registry, found: { digest: chosen.digest, manifest: chosen.content, config } }
}

/** Attestations (provenance, SBOM) stand in an index beside the images, for a platform that none has. */
function platformsOf(index: Index): readonly Descriptor[] {
  return index.manifests.filter(
    ({ platform, annotations }) =>
      platform !== undefined &&
      platform.architecture !== 'unknown' &&
      annotations?.['vnd.docker.reference.type'] === undefined,
  )
}

function choose(index: Index, options: PlatformImage): string {
  const platforms = platformsOf(index)
  const fitting = platforms.filter(
    ({ platform }) => platform?.os === 'linux' && platform.architecture === options.architecture,
  )
  // ARM64 is v8 where a variant is named at all.
  const found = fitting.find(({ platform }) => !platform?.variant || platform.variant === 'v8') ?? fitting[0]
  if (found !== undefined) return found.digest
  throw wrongPlatform(
    options,
    platforms.flatMap(({ platform }) => (platform ? [`${platform.os}/${platform.architecture}`] : [])),
  )
}

function wrongPlatform(
  { reference, architecture }: PlatformImage,
  offered: readonly string[],
): RegistryError {
  const names = [...new Set(offered)].join(', ')
  return new RegistryError(`${reference} has no image for linux/${architecture}, only for ${names}`, {
    fix: 'Choose another image, or another `architecture` of the service.',
  })
}

async function configOf(
  registry: Registry,
  layout: string,
  manifest: Manifest,
  reference: string,
): Promise<ImageConfig> {
  const { mediaType } = manifest.config ?? {}
  const isImage = mediaType === mediaTypes.config || mediaType === mediaTypes.dockerConfig
  if (!isImage)
    throw new RegistryError(
      `${reference} is no image of a container: its configuration is ${mediaType ?? 'not there'}.`,
      { fix: 'Name an image that a container can be started from.' },
    )
  await pullBlob(registry, layout, manifest.config)
  return readJson(layout, manifest.config.digest)
}

async function fetchManifest(
  registry: Registry,
  layout: string,
  reference: string,
  name: string,
): Promise<{ digest: string; content: Manifest | Index }> {
  const byDigest = reference.startsWith('sha256:')
  if (byDigest && (await blobSize(layout, reference)) !== undefined)
    return { digest: reference, content: named(await readJson(layout, reference)) }
  const { manifest, index, dockerManifest, dockerIndex } = mediaTypes
  const purpose = `pull ${name}`
  const response = await registry.request(`manifests/${reference}`, {
    headers: { accept: [manifest, index, dockerManifest, dockerIndex].join(', ') },
    accept: [200, 401, 403, 404],
    purpose,
  })
  if (response.status !== 200) throw await notFound(name, response)
  const bytes = new Uint8Array(await response.arrayBuffer())
  const content = parse(bytes, name, response.headers.get('content-type') ?? '')
  const { digest } = await writeBlob(layout, bytes, content.mediaType ?? manifest)
  if (byDigest && digest !== reference) throw new RegistryError(`${name} arrived with the digest ${digest}`)
  return { digest, content }
}

/** A registry does not say whether an image is not there or only not for this caller. */
async function notFound(name: string, response: Response): Promise<RegistryError> {
  await response.body?.cancel()
  const host = response.url ? new URL(response.url).host : 'the registry'
  const fix =
    response.status === 404
      ? 'Correct the reference, or push the image first.'
      : `Correct the reference, or log in: \`docker login ${host}\` or \`podman login ${host}\`.`
  const reason = response.status === 404 ? 'does not exist' : 'does not exist or may not be read'
  const message = `The image ${name} ${reason} (${host} answers ${response.status})`
  return new RegistryError(message, { status: response.status, fix })
}

function parse(bytes: Uint8Array, name: string, type: string): Manifest | Index {
  let content: Partial<Manifest & Index>
  try {
    content = JSON.parse(Buffer.from(bytes).toString())
  } catch {
    throw new RegistryError(`The registry answered for ${name} with something that is no manifest (${type}).`)
  }
  if (Number(content.schemaVersion) === 1 || type.includes('distribution.manifest.v1'))
    throw new RegistryError(`${name} is in Docker’s schema 1, which ECR and Fargate do not take.`, {
      fix: 'Push the image again with a current Docker or Podman.',
    })
  return named(content as Manifest | Index)
}

/** OCI manifests need not say what they are; a push must. */
function named<T extends Manifest | Index>(content: T): T {
  const mediaType = 'manifests' in content ? mediaTypes.index : mediaTypes.manifest
  return content.mediaType ? content : { ...content, mediaType }
}

async function pullBlob(registry: Registry, layout: string, blob: Descriptor): Promise<void> {
  if ((await blobSize(layout, blob.digest)) === blob.size) return
  const purpose = `pull ${blob.digest}`
  const response = await registry.request(`blobs/${blob.digest}`, { accept: [200], purpose })
  if (response.body === null)
    throw new RegistryError(`Cannot ${purpose}: the answer is empty`, { status: response.status })
  await writeBlobStream(layout, response.body, blob.digest)
}

async function readJson<T>(layout: string, digest: string): Promise<T> {
  return JSON.parse((await readBlob(layout, digest)).toString())
}
