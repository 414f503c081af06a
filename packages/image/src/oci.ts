/**
 * The nouns of the OCI image specification, as far as this package writes and reads them.
 * https://github.com/opencontainers/image-spec/blob/v1.1.1/spec.md
 */

/** The annotation by which a layer says that it holds the application, not its base. */
export const layerAnnotation = 'dev.baton.layer'

export const mediaTypes = {
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  index: 'application/vnd.oci.image.index.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar+gzip',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
} as const

export type Architecture = 'arm64' | 'amd64'

export interface Descriptor {
  readonly mediaType: string
  /** `sha256:<hex>`. */
  readonly digest: string
  readonly size: number
  readonly annotations?: Readonly<Record<string, string>>
  readonly platform?: { readonly architecture: string; readonly os: string; readonly variant?: string }
}

export interface Manifest {
  readonly schemaVersion: 2
  readonly mediaType: string
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly annotations?: Readonly<Record<string, string>>
}

export interface Index {
  readonly schemaVersion: 2
  readonly mediaType?: string
  readonly manifests: readonly Descriptor[]
}

/** What a container of the image runs, unless its task says otherwise. */
export interface ContainerConfig {
  readonly User?: string
  readonly Env?: readonly string[]
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly WorkingDir?: string
  readonly Labels?: Readonly<Record<string, string>>
  readonly [other: string]: unknown
}

export interface ImageConfig {
  readonly architecture: string
  readonly os: string
  readonly created?: string
  readonly config?: ContainerConfig
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly string[] }
  readonly history?: readonly Readonly<Record<string, unknown>>[]
  readonly [other: string]: unknown
}

/** An image on this machine. Plain data: its content is in the files that `blobs` names. */
export interface Image {
  /** Digest of the manifest, by which the image is addressed. */
  readonly digest: string
  readonly manifest: Manifest
  readonly config: ImageConfig
  /** File of each blob by digest: manifest, configuration and layers. */
  readonly blobs: Readonly<Record<string, string>>
  /** Folder of the OCI layout that holds the blobs. */
  readonly layout: string
}
