/**
 * Unpacks what of an image the process runtime can run: the layers annotated `dev.baton.layer=application`,
 * once per image digest.
 */
import { readdirSync, rmSync } from 'node:fs'
import { mkdir, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { StoredImage } from '../../services/ecr/contract.ts'
import { exists, startUnpacking, type UnpackLimits, unpackLayer } from './unpack-layer.ts'

const APPLICATION_LAYER = 'dev.baton.layer'

export interface ImageLayers {
  /** The image's root directory below `imagesDir`, unpacked by one caller and awaited by the others. */
  unpack(image: StoredImage): Promise<string>
  /** Deletes the roots of all images but these. */
  removeExcept(isKept: (digest: string) => boolean): Promise<void>
}

export function createImageLayers(imagesDir: string, limits?: UnpackLimits): ImageLayers {
  const unpacking = new Map<string, Promise<string>>()
  return {
    unpack(image) {
      const known = unpacking.get(image.digest)
      if (known) return known
      const root = join(imagesDir, image.digest.replace(':', '-'))
      const attempt = unpackImage(image, root, limits).then(() => root)
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

/** Removes what was half unpacked when the emulator was killed. */
export function removePartial(imagesDir: string): void {
  for (const name of readdirSync(imagesDir))
    if (name.endsWith('.partial')) rmSync(join(imagesDir, name), { recursive: true, force: true })
}

async function unpackImage(
  image: StoredImage,
  root: string,
  limits: UnpackLimits | undefined,
): Promise<void> {
  if (await exists(root)) return
  const layers = image.layers.filter((layer) => layer.annotations[APPLICATION_LAYER] === 'application')
  if (layers.length === 0) {
    const kind = image.config.config?.Labels?.['dev.baton.kind']
    const made = kind === 'image' || kind === 'dockerfile' ? ` (made from \`${kind}\`)` : ''
    throw new Error(
      `image ${image.digest}${made} has no layer annotated ${APPLICATION_LAYER}=application: a process of this machine ` +
        'can be what Baton built from `source` or `jar`, and nothing of a base such as nginx. Run it in a container ' +
        '(--runtime auto or container, with Docker or Podman), or annotate the layers that hold the application.',
    )
  }
  const partial = `${root}.${process.pid}.partial`
  await rm(partial, { recursive: true, force: true })
  await mkdir(partial, { recursive: true })
  try {
    const unpacking = await startUnpacking(partial, limits)
    for (const layer of layers) await unpackLayer(unpacking, layer.file, layer.mediaType)
    await rename(partial, root)
  } catch (error) {
    await rm(partial, { recursive: true, force: true })
    if (!(await exists(root))) throw error
  }
}
