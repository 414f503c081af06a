/**
 * OCI images without a Docker daemon: bundle a TypeScript service (or take a folder, or a jar), lay it over a base,
 * push it to any registry, and get the digest by which a release addresses it.
 *
 *     const image = await buildImage({ source, entry: 'src/main.ts', architecture: 'arm64', cacheDir })
 *     const { digest } = await pushImage(image, { endpoint, repository, tag, username: 'AWS', password })
 */
export { type Base, type PullBase, parseReference, pullBase, type Reference } from './base.ts'
export {
  type BuildImage,
  buildImage,
  type ImageFromFolder,
  type ImageFromJar,
  imageFromFolder,
  imageFromJar,
  withFiles,
} from './build.ts'
export { type ConfigurationChange, configured } from './configured.ts'
export {
  type Architecture,
  type ContainerConfig,
  type Descriptor,
  type Image,
  type ImageConfig,
  layerAnnotation,
  type Manifest,
} from './oci.ts'
export { type Pushed, type PushProgress, type PushTarget, pushImage } from './push.ts'
export { RegistryError } from './registry.ts'
