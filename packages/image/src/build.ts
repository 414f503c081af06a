/**
 * Images from sources: a base (or nothing), one application layer, and a configuration. No Docker daemon takes part;
 * an image is but a few files. The same input gives the same digest.
 */
import { readFile, stat } from 'node:fs/promises'
import { basename, posix } from 'node:path'
import { type Base, pullBase } from './base.ts'
import { bundleService, collect, type Files } from './bundle.ts'
import { type LayerFiles, writeLayer } from './layer.ts'
import { writeImage } from './layout.ts'
import {
  type Architecture,
  type ContainerConfig,
  type Descriptor,
  type Image,
  type ImageConfig,
  mediaTypes,
} from './oci.ts'

interface Common {
  /**
   * The image below the application; `scratch` (default) is none: such an image has no Node.js in it and runs only
   * where the runtime brings one, as the emulator's does.
   */
  readonly base?: Base | 'scratch'
  readonly architecture: Architecture
  readonly environment?: Readonly<Record<string, string>>
  readonly labels?: Readonly<Record<string, string>>
  /** The whole command line; an entrypoint of the base is dropped. */
  readonly command?: readonly string[]
  /** User and group ids of the process. Default `1000:1000`, the unprivileged user of Node.js's own images. */
  readonly user?: string
  /** Folder of an OCI layout where blobs are kept and found again. */
  readonly cacheDir: string
}

export interface BuildImage extends Common {
  /** Folder of the service's package. */
  readonly source: string
  /** Entry module, relative to `source`. */
  readonly entry: string
}

export interface ImageFromFolder extends Common {
  readonly folder: string
  readonly command: readonly string[]
}

export interface ImageFromJar extends Common {
  readonly jar: string
}

const workingDir = '/app'

/** Bundles a TypeScript service into one file and makes an image of it that runs `node server.js` in `/app`. */
export async function buildImage(options: BuildImage): Promise<Image> {
  const files = await bundleService(options.source, options.entry)
  return assemble(files, { command: ['node', 'server.js'], ...options })
}

/** Lays a folder's files below `/app`, as they are. */
export async function imageFromFolder(options: ImageFromFolder): Promise<Image> {
  const files: Files = new Map()
  await collect(options.folder, '.', files)
  return assemble(files, options)
}

/** Lays an executable jar (Spring Boot) below `/app` and runs it with `java -jar`; give it a base with a JRE. */
export async function imageFromJar(options: ImageFromJar): Promise<Image> {
  const found = await stat(options.jar).catch(() => undefined)
  if (!found?.isFile()) throw new Error(`There is no jar ${options.jar}`)
  const name = basename(options.jar)
  const files: Files = new Map([[name, await readFile(options.jar)]])
  return assemble(files, { command: ['java', '-jar', name], ...options })
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
  const root = image.config.config?.WorkingDir ?? '/'
  const layer = await writeLayer(image.layout, below(root, new Map(Object.entries(change.files))))
  const config: ImageConfig = {
    ...image.config,
    config: {
      ...image.config.config,
      Env: mergeEnvironment(image.config.config?.Env, change.environment),
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

const epoch = '1970-01-01T00:00:00Z'

async function assemble(files: Files, options: Common & { command: readonly string[] }): Promise<Image> {
  const { architecture, cacheDir, base = 'scratch' } = options
  const baseImage = base === 'scratch' ? undefined : await pullBase({ ...base, architecture, cacheDir })
  const layer = await writeLayer(cacheDir, below(workingDir, files))
  const { Entrypoint: _dropped, ...inherited } = baseImage?.config.config ?? {}
  const container: ContainerConfig = {
    ...inherited,
    User: options.user ?? '1000:1000',
    Env: mergeEnvironment(inherited.Env, { NODE_ENV: 'production', ...options.environment }),
    Cmd: options.command,
    WorkingDir: workingDir,
    Labels: { ...inherited.Labels, ...options.labels },
  }
  const config: ImageConfig = {
    architecture,
    os: 'linux',
    ...(baseImage?.config.variant !== undefined && { variant: baseImage.config.variant }),
    created: epoch,
    config: container,
    rootfs: { type: 'layers', diff_ids: [...(baseImage?.config.rootfs.diff_ids ?? []), layer.diffId] },
    history: [...(baseImage?.config.history ?? []), { created: epoch, created_by: 'baton: application' }],
  }
  const inheritedLayers = (baseImage?.manifest.layers ?? []).map(asOciLayer)
  return writeImage(cacheDir, config, [...inheritedLayers, layer.descriptor])
}

/** Docker's own names of layer types do not belong into an OCI manifest; the bytes are the same. */
function asOciLayer(layer: Descriptor): Descriptor {
  const isDocker = layer.mediaType === 'application/vnd.docker.image.rootfs.diff.tar.gzip'
  return isDocker ? { ...layer, mediaType: mediaTypes.layer } : layer
}

function below(root: string, files: LayerFiles): LayerFiles {
  return new Map([...files].map(([path, content]) => [posix.resolve(root, path), content]))
}

/** `KEY=value` lines, later ones in place of earlier ones of the same name. */
function mergeEnvironment(
  lines: readonly string[] = [],
  added: Readonly<Record<string, string>> = {},
): string[] {
  const merged = new Map(lines.map((line) => [line.split('=')[0] ?? line, line]))
  for (const [name, value] of Object.entries(added)) merged.set(name, `${name}=${value}`)
  return [...merged.values()]
}
