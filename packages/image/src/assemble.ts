/** Layers over a base, and a configuration over the base's: the image as its manifest describes it. */
import { BuildError } from './build-error.ts'
import type { Layer } from './layer.ts'
import { writeImage } from './layout.ts'
import {
  type Architecture,
  type ContainerConfig,
  type Descriptor,
  type Image,
  type ImageConfig,
  mediaTypes,
} from './oci.ts'

/** When everything was made: an image of today and one of tomorrow are the same. */
export const epoch = '1970-01-01T00:00:00Z'

export interface Added {
  readonly environment: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
}

/** Lays the layers over the base, or over nothing; an entrypoint and a command of the base are replaced. */
export function layImage(
  base: Image | undefined,
  layers: readonly Layer[],
  { architecture, cacheDir }: { readonly architecture: Architecture; readonly cacheDir: string },
  {
    environment,
    labels,
    ...container
  }: Added & Pick<ContainerConfig, 'Entrypoint' | 'Cmd' | 'User' | 'WorkingDir'>,
): Promise<Image> {
  const { Entrypoint: _entrypoint, Cmd: _cmd, ...inherited } = base?.config.config ?? {}
  const config: ImageConfig = {
    architecture,
    os: 'linux',
    ...(base?.config.variant !== undefined && { variant: base.config.variant }),
    created: epoch,
    config: { ...containerWith(inherited, { environment, labels }), ...container },
    rootfs: {
      type: 'layers',
      diff_ids: [...(base?.config.rootfs.diff_ids ?? []), ...layers.map(({ diffId }) => diffId)],
    },
    history: [
      ...(base?.config.history ?? []),
      ...layers.map(() => ({ created: epoch, created_by: 'baton: application' })),
    ],
  }
  const inheritedLayers = (base?.manifest.layers ?? []).map(asOciLayer)
  return writeImage(cacheDir, config, [...inheritedLayers, ...layers.map(({ descriptor }) => descriptor)])
}

export function containerWith(container: ContainerConfig | undefined, added: Added): ContainerConfig {
  return {
    ...container,
    Env: mergeEnvironment(container?.Env ?? [], added.environment),
    Labels: { ...container?.Labels, ...added.labels },
  }
}

/** Docker's own names of layer types do not belong into an OCI manifest; the bytes are the same. */
export function asOciLayer(layer: Descriptor): Descriptor {
  if (layer.mediaType.includes('foreign') || layer.mediaType.includes('nondistributable'))
    throw new BuildError(
      `A layer of the image is not in its registry but elsewhere (${layer.mediaType})`,
      'Choose an image whose layers may be distributed: Windows images cannot be used.',
    )
  const mediaType = ociTypes.get(layer.mediaType)
  return mediaType === undefined ? layer : { ...layer, mediaType }
}

const ociTypes = new Map([
  ['application/vnd.docker.image.rootfs.diff.tar', 'application/vnd.oci.image.layer.v1.tar'],
  ['application/vnd.docker.image.rootfs.diff.tar.gzip', mediaTypes.layer],
  ['application/vnd.docker.image.rootfs.diff.tar.zstd', 'application/vnd.oci.image.layer.v1.tar+zstd'],
])

/** `KEY=value` lines, later ones in place of earlier ones of the same name. */
function mergeEnvironment(lines: readonly string[], added: Readonly<Record<string, string>>): string[] {
  const merged = new Map(lines.map((line) => [line.split('=')[0] ?? line, line]))
  for (const [name, value] of Object.entries(added)) merged.set(name, `${name}=${value}`)
  return [...merged.values()]
}
