/** Digests of what is released, whatever it is called: the same sources have the same, under every version. */
import { createHash } from 'node:crypto'
import type { Image } from '@baton/image'

/** Of an image: its layers and what it runs, without the two places in which a build writes its version. */
export function imageContent({ config: { config = {}, rootfs, architecture } }: Image): string {
  const { Env = [], Labels = {}, ...rest } = config
  return digestOf({
    ...rest,
    architecture,
    layers: rootfs.diff_ids,
    Env: Env.filter((line) => !line.startsWith('APP_VERSION=')),
    Labels: Object.entries(Labels)
      .filter(([name]) => name !== 'org.opencontainers.image.version')
      .sort(),
  })
}

/** Of a service: its main image, and those of the containers beside it. */
export function serviceContent(main: Image, sidecars: Readonly<Record<string, Image>>): string {
  const beside = Object.entries(sidecars).map(([name, image]) => [name, imageContent(image)] as const)
  return beside.length === 0 ? imageContent(main) : digestOf([imageContent(main), ...beside.sort()])
}

/** Of several parts by their names. */
const digestOf = (parts: unknown): string =>
  `sha256:${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`
