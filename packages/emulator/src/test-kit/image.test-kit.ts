/** For tests: an image whose one layer is written on the spot. */
import { createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { pack } from 'tar-stream'
import type { StoredImage } from '../services/ecr/contract.ts'

/** An image of one application layer: file contents by path. */
export async function testImage(
  directory: string,
  files: Readonly<Record<string, string | Buffer>>,
  config: NonNullable<StoredImage['config']['config']>,
): Promise<StoredImage> {
  const digest = `sha256:${createHash('sha256')
    .update(JSON.stringify([files, config]))
    .digest('hex')}`
  const file = join(directory, `${digest.slice(7)}.tar.gz`)
  const layer = pack()
  for (const [name, content] of Object.entries(files)) layer.entry({ name }, content)
  layer.finalize()
  await pipeline(layer, createGzip(), createWriteStream(file))
  return {
    digest,
    config: { architecture: 'arm64', os: 'linux', config },
    layers: [
      {
        digest,
        mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
        annotations: { 'dev.baton.layer': 'application' },
        file,
      },
    ],
  }
}
