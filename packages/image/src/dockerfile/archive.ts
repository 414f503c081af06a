/**
 * The archive that `docker save` writes, read into an OCI layout: `manifest.json` names the configuration and the layers,
 * as tars, gzipped or not. What the layout knows already is not compressed again.
 * https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format
 */
import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { BuildError } from '../build-error.ts'
import { blobSize, writeBlobFile, writeImage } from '../layout.ts'
import { recall, remember } from '../notes.ts'
import { type Descriptor, type Image, type ImageConfig, mediaTypes } from '../oci.ts'

/** Reads the only image of the archive. */
export async function readArchive(file: string, layout: string): Promise<Image> {
  const folder = await mkdtemp(join(dirname(file), 'archive-'))
  try {
    const files = await unpack(file, folder)
    const [image] = JSON.parse((await content(files, 'manifest.json')).toString()) as Saved[]
    if (image === undefined) throw new BuildError(`${file} holds no image`, 'Build it again.')
    const config: ImageConfig = JSON.parse((await content(files, image.Config)).toString())
    const layers: Descriptor[] = []
    for (const [index, name] of image.Layers.entries()) {
      const diffId = config.rootfs.diff_ids[index] ?? ''
      layers.push(await addLayer(layout, diffId, files.get(name) ?? name))
    }
    return await writeImage(layout, described(config), layers)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** What an image is. Docker’s format also says which container it was made in, which no two builds have in common. */
function described({
  architecture,
  os,
  variant,
  created,
  config,
  rootfs,
  history,
}: ImageConfig): ImageConfig {
  const { Hostname: _hostname, Image: _image, ...container } = config ?? {}
  return {
    architecture,
    os,
    ...(variant === undefined ? {} : { variant }),
    ...(created === undefined ? {} : { created }),
    config: container,
    rootfs,
    ...(history === undefined ? {} : { history }),
  }
}

interface Saved {
  readonly Config: string
  readonly Layers: readonly string[]
}

/** Every file below a name of ours, by its name in the archive: those names are not trusted with a path. */
async function unpack(file: string, folder: string): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>()
  const links = new Map<string, string>()
  const tar = extract()
  const reading = pipeline(createReadStream(file), tar)
  for await (const entry of tar) {
    const { name, type, linkname } = entry.header
    if (type === 'symlink' && linkname) links.set(name, join(dirname(name), linkname))
    if (type !== 'file') {
      entry.resume()
      continue
    }
    const own = join(folder, String(files.size))
    files.set(name, own)
    await pipeline(entry, createWriteStream(own))
  }
  await reading
  // Equal layers are there once, and named by links.
  for (const [name, target] of links) files.set(name, files.get(target) ?? target)
  return files
}

async function content(files: ReadonlyMap<string, string>, name: string): Promise<Buffer> {
  const file = files.get(name)
  if (file === undefined)
    throw new BuildError(`The saved image has no ${name}`, 'Update the engine that built it.')
  return buffer(createReadStream(file))
}

async function addLayer(layout: string, diffId: string, file: string): Promise<Descriptor> {
  const known = await recall<Descriptor>(layout, 'tar', diffId)
  if (known && (await blobSize(layout, known.digest)) === known.size) return known
  const head = await buffer(createReadStream(file, { start: 0, end: 1 }))
  const isGzipped = head[0] === 0x1f && head[1] === 0x8b
  const zipped = isGzipped ? file : `${file}.gz`
  if (!isGzipped) await pipeline(createReadStream(file), createGzip(), createWriteStream(zipped))
  const hash = createHash('sha256')
  await pipeline(createReadStream(zipped), hash)
  const digest = `sha256:${hash.digest('hex')}`
  const descriptor = {
    mediaType: mediaTypes.layer,
    digest,
    size: await writeBlobFile(layout, zipped, digest),
  }
  await remember(layout, 'tar', diffId, descriptor)
  return descriptor
}
