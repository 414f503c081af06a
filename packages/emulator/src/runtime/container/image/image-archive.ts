/**
 * An image as the archive that `docker load` and `podman load` read: its configuration, its layers as they are stored, and
 * the list of both. Engines read gzip and zstd there, so no layer is unpacked on the way.
 * https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format
 */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack } from 'tar-stream'
import type { ImageConfig, StoredImage } from '../../../services/ecr/contract.ts'
import type { Architecture } from './init-program.ts'

/** The archive, written while it is read. */
export function imageArchive(image: Pick<StoredImage, 'config' | 'layers'>, tag: string): Readable {
  const archive = pack()
  writeArchive(archive, image, tag).then(
    () => archive.finalize(),
    (error: Error) => archive.destroy(error),
  )
  return Readable.from(archive)
}

async function writeArchive(
  archive: Pack,
  { config, layers }: Pick<StoredImage, 'config' | 'layers'>,
  tag: string,
): Promise<void> {
  const text = JSON.stringify(config)
  const configName = `${createHash('sha256').update(text).digest('hex')}.json`
  // A layer may be in an image twice, and is in the archive once.
  const names = layers.map(({ digest }) => `${digest.replace(/^sha256:/, '')}.tar`)
  for (const [index, { file }] of layers.entries()) {
    const name = names[index] ?? ''
    if (names.indexOf(name) < index) continue
    const { size } = await stat(file)
    await pipeline(createReadStream(file), archive.entry({ name, size }))
  }
  archive.entry({ name: configName }, text)
  archive.entry(
    { name: 'manifest.json' },
    JSON.stringify([{ Config: configName, RepoTags: [tag], Layers: names }]),
  )
}

/** An image of one program, `/init`, for the emulator's own containers. */
export async function programArchive(
  program: Buffer,
  architecture: Architecture,
  tag: string,
): Promise<Buffer> {
  const layer = pack()
  layer.entry({ name: 'init', mode: 0o755 }, program)
  layer.finalize()
  const content = await bytesOf(Readable.from(layer))
  const digest = createHash('sha256').update(content).digest('hex')
  const config: ImageConfig & { readonly rootfs: object } = {
    architecture,
    os: 'linux',
    config: { Entrypoint: ['/init'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${digest}`] },
  }
  const archive = pack()
  archive.entry({ name: 'layer.tar' }, content)
  archive.entry({ name: 'config.json' }, JSON.stringify(config))
  const list = [{ Config: 'config.json', RepoTags: [tag], Layers: ['layer.tar'] }]
  archive.entry({ name: 'manifest.json' }, JSON.stringify(list))
  archive.finalize()
  return bytesOf(Readable.from(archive))
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  return Buffer.concat(await stream.toArray())
}
