/**
 * OCI images: of TypeScript, of a jar, of a Dockerfile, or of another registry; pushed to any registry, and addressed by
 * the digest that comes back. Only a Dockerfile needs an engine.
 *
 *     const source = { kind: 'source', folder, entry: 'src/main.ts' }
 *     const image = await buildImage(source, { version: 'v1', architecture: 'arm64', cacheDir })
 *     const { digest } = await pushImage(image, { endpoint, repository, tag, username: 'AWS', password })
 */
export {
  type BuildOptions,
  buildImage,
  checkSource,
  type ImageFromFolder,
  imageFromFolder,
  withFiles,
} from './build.ts'
export { BuildError } from './build-error.ts'
export { type ConfigurationChange, configured } from './configured.ts'
export { type ImageLock, openLock } from './lock.ts'
export {
  type Architecture,
  type ContainerConfig,
  type Descriptor,
  type Image,
  type ImageConfig,
  layerAnnotation,
  type Manifest,
} from './oci.ts'
export { type PlatformImage, pullImage, type RemoteImage } from './registry/pull.ts'
export { type Pushed, type PushProgress, type PushTarget, pushImage } from './registry/push.ts'
export { parseReference, type Reference } from './registry/reference.ts'
export { RegistryError } from './registry/registry.ts'
export type { ImageSource } from './source.ts'
