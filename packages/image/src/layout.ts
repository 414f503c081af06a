/**
 * An OCI image layout on disk: blobs by digest, and an index of the images among them. Any tool that reads layouts
 * (`skopeo copy oci:…`) can read it. Blobs appear under their name complete or not at all, so that several
 * builds may share a layout and one that was killed leaves no damage.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/image-layout.md
 */
import { createHash, randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { type Descriptor, type Image, type ImageConfig, type Manifest, mediaTypes } from './oci.ts'

export function digestOf(content: Uint8Array): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`
}

/** Path of the blob with this digest, whether it exists or not. */
function blobFile(layout: string, digest: string): string {
  const [algorithm, hex] = digest.split(':')
  if (algorithm !== 'sha256' || hex === undefined || !/^[0-9a-f]{64}$/.test(hex))
    throw new Error(`"${digest}" is no digest that this package knows: sha256: and 64 hexadecimal digits`)
  return join(layout, 'blobs', 'sha256', hex)
}

/** Size of the blob in bytes; undefined when the layout does not hold it. */
export async function blobSize(layout: string, digest: string): Promise<number | undefined> {
  return stat(blobFile(layout, digest)).then(
    ({ size }) => size,
    () => undefined,
  )
}

/** Keeps a blob, and returns the descriptor of it. */
export async function writeBlob(layout: string, content: Uint8Array, mediaType: string): Promise<Descriptor> {
  const digest = digestOf(content)
  if ((await blobSize(layout, digest)) !== content.length) await writeWhole(blobFile(layout, digest), content)
  return { mediaType, digest, size: content.length }
}

/** Keeps a blob that arrives as a stream; fails, and keeps nothing, when it is not what its digest says. */
export async function writeBlobStream(
  layout: string,
  content: AsyncIterable<Uint8Array>,
  digest: string,
): Promise<void> {
  const file = blobFile(layout, digest)
  const partial = `${file}.${randomUUID()}`
  await mkdir(dirname(file), { recursive: true })
  const hash = createHash('sha256')
  const hashed = async function* () {
    for await (const chunk of content) {
      hash.update(chunk)
      yield chunk
    }
  }
  try {
    await pipeline(hashed, createWriteStream(partial))
    const actual = `sha256:${hash.digest('hex')}`
    if (actual !== digest) throw new Error(`What arrived as ${digest} has the digest ${actual}`)
    await rename(partial, file)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

/** Keeps a file as the blob with this digest, which the caller has computed; returns its size in bytes. */
export async function writeBlobFile(layout: string, file: string, digest: string): Promise<number> {
  const { size } = await stat(file)
  if ((await blobSize(layout, digest)) === size) return size
  const partial = `${blobFile(layout, digest)}.${randomUUID()}`
  await mkdir(dirname(partial), { recursive: true })
  await copyFile(file, partial)
  await rename(partial, blobFile(layout, digest))
  return size
}

export function readBlob(layout: string, digest: string): Promise<Buffer> {
  return readFile(blobFile(layout, digest))
}

/** Writes configuration and manifest of an image whose layers are in the layout, and lists it in the index. */
export async function writeImage(
  layout: string,
  config: ImageConfig,
  layers: readonly Descriptor[],
  annotations?: Readonly<Record<string, string>>,
): Promise<Image> {
  const configBlob = await writeBlob(layout, json(config), mediaTypes.config)
  const manifest: Manifest = {
    schemaVersion: 2,
    mediaType: mediaTypes.manifest,
    config: configBlob,
    layers,
    ...(annotations && { annotations }),
  }
  const descriptor = await writeBlob(layout, json(manifest), mediaTypes.manifest)
  await listImage(layout, descriptor)
  return imageOf(layout, descriptor.digest, manifest, config)
}

/** The image as plain data; its blobs must be in the layout. */
export function imageOf(layout: string, digest: string, manifest: Manifest, config: ImageConfig): Image {
  const digests = [digest, manifest.config.digest, ...manifest.layers.map((layer) => layer.digest)]
  const blobs = Object.fromEntries(digests.map((each) => [each, blobFile(layout, each)]))
  return { digest, manifest, config, blobs, layout }
}

/** The image with this digest; throws where the layout does not hold its manifest, configuration and layers. */
export async function readImage(layout: string, digest: string): Promise<Image> {
  const manifest: Manifest = JSON.parse((await readBlob(layout, digest)).toString())
  const config: ImageConfig = JSON.parse((await readBlob(layout, manifest.config.digest)).toString())
  const sizes = await Promise.all(manifest.layers.map((each) => blobSize(layout, each.digest)))
  if (sizes.includes(undefined)) throw new Error(`${layout} has not all layers of ${digest}`)
  return imageOf(layout, digest, manifest, config)
}

const listing = new Map<string, Promise<void>>()

/** Adds the image to `index.json`; one writer at a time in this process. */
function listImage(layout: string, descriptor: Descriptor): Promise<void> {
  const turn = (listing.get(layout) ?? Promise.resolve()).then(async () => {
    await writeWhole(join(layout, 'oci-layout'), json({ imageLayoutVersion: '1.0.0' }))
    const file = join(layout, 'index.json')
    const known = await readFile(file, 'utf8').then(
      (text): Descriptor[] => JSON.parse(text).manifests,
      () => [],
    )
    if (known.some(({ digest }) => digest === descriptor.digest)) return
    const manifests = [...known, descriptor]
    await writeWhole(file, json({ schemaVersion: 2, mediaType: mediaTypes.index, manifests }))
  })
  listing.set(
    layout,
    turn.catch(() => undefined),
  )
  return turn
}

async function writeWhole(file: string, content: Uint8Array): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  const partial = `${file}.${randomUUID()}`
  await writeFile(partial, content)
  await rename(partial, file)
}

function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}
