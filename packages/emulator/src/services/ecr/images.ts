/** Images as ECS asks for them: by reference, with the files of their layers. */
import type { EmulatorContext } from '../../service.ts'
import type { BlobStore } from './blobs.ts'
import type { ImageConfig, StoredImage } from './contract.ts'
import type { Described, ManifestContent } from './manifest.ts'
import { parseImageReference, type StoredManifest } from './model.ts'
import type { EcrState } from './state.ts'

/** The image behind a reference; undefined when there is none, or when it is another registry's. */
export function findImage(
  context: EmulatorContext,
  state: EcrState,
  blobs: BlobStore,
  reference: string,
): StoredImage | undefined {
  const parsed = parseImageReference(reference)
  if (parsed?.accountId !== context.accountId || parsed.region !== context.region) return undefined
  const { repository, id } = parsed
  if (!state.repositories().some(({ name }) => name === repository)) return undefined
  const found = state.image(repository, id)
  const manifest = found && singleImage(state, found)
  if (manifest === undefined) return undefined
  const { config, layers = [] } = JSON.parse(manifest.text) as ManifestContent
  if (config === undefined) return undefined
  return {
    digest: manifest.digest,
    config: JSON.parse(blobs.readText(config.digest)) as ImageConfig,
    layers: layers.map((layer: Described) => ({
      digest: layer.digest,
      mediaType: layer.mediaType,
      annotations: layer.annotations ?? {},
      file: blobs.file(layer.digest),
    })),
  }
}

/** Of an index the first image for Linux: the process runtime does not run another architecture's code anyway. */
function singleImage(state: EcrState, found: StoredManifest): StoredManifest | undefined {
  const { manifests } = JSON.parse(found.text) as ManifestContent
  if (manifests === undefined) return found
  const linux = manifests.find(({ platform }) => platform?.os === 'linux')
  return linux && state.image(found.repository, { imageDigest: linux.digest })
}
