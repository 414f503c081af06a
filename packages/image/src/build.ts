/**
 * Images from sources: layers, and a configuration that says what they run. Where Baton knows the layers no engine takes
 * part: an image is but a few files. The same input gives the same digest.
 */
import { posix } from 'node:path'
import { containerWith, epoch, layImage } from './assemble.ts'
import { configured } from './configured.ts'
import { buildDockerfile, checkDockerfile } from './dockerfile/build.ts'
import { findEngine } from './dockerfile/engines.ts'
import { jarLayers } from './jar/layers.ts'
import { type LayerFiles, writeLayer } from './layer.ts'
import { writeImage } from './layout.ts'
import type { Architecture, Image, ImageConfig } from './oci.ts'
import { runToSuccess } from './program.ts'
import { findImage, type PlatformImage, pullImage, type RemoteImage } from './registry/pull.ts'
import { bundleService, collect, type Files } from './source/bundle.ts'
import type { ImageSource } from './source.ts'

export interface BuildOptions {
  readonly architecture: Architecture
  /** Folder of an OCI layout where blobs are kept and found again. */
  readonly cacheDir: string
  /** What the image is called; the container finds it in `APP_VERSION`. */
  readonly version?: string
  /**
   * The image below a `source` or a `jar`; `scratch` (default) is none: such an image has no Node.js or Java in it and
   * runs only where the runtime brings one, as the emulator's processes do.
   */
  readonly base?: RemoteImage | 'scratch'
  readonly environment?: Readonly<Record<string, string>>
  readonly signal?: AbortSignal
}

const workingDir = '/app'
/** The unprivileged user of Node.js's own images. */
const user = '1000:1000'

/**
 * Builds the image of a source. Throws a `BuildError` or `RegistryError` that says what is wrong and how to fix it.
 *
 * The label `dev.baton.kind` says what it was built of. An image of a Dockerfile or a registry keeps its own
 * configuration and layers; the version is all that is added.
 */
export async function buildImage(source: ImageSource, options: BuildOptions): Promise<Image> {
  const labels = { 'dev.baton.kind': source.kind }
  switch (source.kind) {
    case 'source':
      return bundled(source, options, labels)
    case 'jar':
      return ofJar(source, options, { ...labels, 'dev.baton.java-version': String(source.javaVersion) })
    case 'dockerfile':
      return configured(await buildDockerfile(source, options), labelled(options, labels))
    case 'image': {
      const image = await pullImage(remote(source.reference, options))
      const origin = {
        'org.opencontainers.image.base.name': source.reference,
        'org.opencontainers.image.base.digest': image.digest,
      }
      return configured(image, labelled(options, { ...labels, ...origin }))
    }
  }
}

/**
 * Finds out, without building anything, whether the source is there: the Dockerfile and an engine for it, the image in
 * its registry and for the platform. Throws what `buildImage` would throw.
 */
export async function checkSource(source: ImageSource, options: BuildOptions): Promise<void> {
  if (source.kind === 'dockerfile') {
    await checkDockerfile(source)
    await findEngine(source.path, options.signal)
  } else if (source.kind === 'image') await findImage(remote(source.reference, options))
  else if (source.kind === 'jar' && source.build === undefined)
    await jarLayers(source.path, workingDir, source.javaVersion)
}

type Labels = Readonly<Record<string, string>>

function labelled({ version, environment }: BuildOptions, labels: Labels) {
  return {
    environment: { ...environment, ...(version !== undefined && { APP_VERSION: version }) },
    labels: { ...labels, ...(version !== undefined && { 'org.opencontainers.image.version': version }) },
  }
}

const remote = (reference: string, { architecture, cacheDir }: BuildOptions): PlatformImage => ({
  reference,
  architecture,
  cacheDir,
})

async function bundled(
  source: Extract<ImageSource, { kind: 'source' }>,
  options: BuildOptions,
  labels: Labels,
): Promise<Image> {
  const { architecture, base = 'scratch' } = options
  const files = await bundleService(source.folder, source.entry, {
    cpu: architecture === 'amd64' ? 'x64' : architecture,
    isForMachine: base === 'scratch',
  })
  const layers = [await writeLayer(options.cacheDir, below(workingDir, files))]
  const { environment, labels: all } = labelled(options, labels)
  return layImage(await baseOf(options), layers, options, {
    Cmd: ['node', 'server.js'],
    WorkingDir: workingDir,
    User: user,
    environment: { NODE_ENV: 'production', ...environment },
    labels: all,
  })
}

async function ofJar(
  source: Extract<ImageSource, { kind: 'jar' }>,
  options: BuildOptions,
  labels: Labels,
): Promise<Image> {
  const { path, build, javaVersion, jvmOptions } = source
  if (build)
    await runToSuccess(
      `\`${build.command}\` in ${build.folder}`,
      'Fix the build; nothing has been released.',
      {
        program: build.command,
        shell: true,
        folder: build.folder,
        signal: options.signal,
      },
    )
  const parts = await jarLayers(path, workingDir, javaVersion)
  const layers = await Promise.all(
    parts.map(({ files, isCompressed }) =>
      writeLayer(options.cacheDir, files, { level: isCompressed ? 0 : 6 }),
    ),
  )
  return layImage(await baseOf(options), layers, options, {
    Entrypoint: ['java', ...jvmOptions, '-jar', 'app.jar'],
    WorkingDir: workingDir,
    User: user,
    ...labelled(options, labels),
  })
}

/** The base of a `source` or a `jar`; undefined where there is none. */
async function baseOf(options: BuildOptions): Promise<Image | undefined> {
  const { base = 'scratch', architecture, cacheDir } = options
  return base === 'scratch' ? undefined : pullImage({ ...base, architecture, cacheDir })
}

export interface ImageFromFolder extends Omit<BuildOptions, 'version'> {
  readonly folder: string
  /** The whole command line; an entrypoint of the base is dropped. */
  readonly command: readonly string[]
}

/** Lays a folder's files below `/app`, as they are. */
export async function imageFromFolder(options: ImageFromFolder): Promise<Image> {
  const files: Files = new Map()
  await collect(options.folder, '.', files)
  const layers = [await writeLayer(options.cacheDir, below(workingDir, files))]
  return layImage(await baseOf(options), layers, options, {
    Cmd: options.command,
    WorkingDir: workingDir,
    User: user,
    environment: { NODE_ENV: 'production', ...options.environment },
    labels: {},
  })
}

/**
 * The image with one more application layer on top. Paths are relative to the working directory unless they start
 * with `/`.
 */
export async function withFiles(
  image: Image,
  change: {
    readonly files: Readonly<Record<string, string | Uint8Array>>
    readonly environment?: Readonly<Record<string, string>>
    readonly command?: readonly string[]
  },
): Promise<Image> {
  const root = image.config.config?.WorkingDir || '/'
  const layer = await writeLayer(image.layout, below(root, new Map(Object.entries(change.files))))
  const config: ImageConfig = {
    ...image.config,
    config: {
      ...containerWith(image.config.config, { environment: change.environment ?? {}, labels: {} }),
      ...(change.command && { Cmd: change.command }),
    },
    rootfs: { type: 'layers', diff_ids: [...image.config.rootfs.diff_ids, layer.diffId] },
    history: [...(image.config.history ?? []), { created_by: 'baton: files laid over', created: epoch }],
  }
  return writeImage(
    image.layout,
    config,
    [...image.manifest.layers, layer.descriptor],
    image.manifest.annotations,
  )
}

function below(root: string, files: LayerFiles): LayerFiles {
  return new Map([...files].map(([path, content]) => [posix.resolve(root, path), content]))
}
