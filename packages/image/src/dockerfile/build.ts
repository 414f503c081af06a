/**
 * An image from a Dockerfile, built by the engine of this machine and read back, so that it is labelled and pushed like
 * any other. The engine keeps its own cache of steps; an image that it has given before is not read again.
 */
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { BuildError } from '../build-error.ts'
import { readImage } from '../layout.ts'
import { recall, remember } from '../notes.ts'
import type { Architecture, Image } from '../oci.ts'
import { run } from '../program.ts'
import { readArchive } from './archive.ts'
import { type Dockerfile, type Engine, findEngine } from './engines.ts'

export interface DockerfileOptions {
  readonly architecture: Architecture
  readonly cacheDir: string
  readonly signal?: AbortSignal
}

/** Throws a `BuildError`: what is missing, which engine, or the last lines of the build's output. */
export async function buildDockerfile(source: Dockerfile, options: DockerfileOptions): Promise<Image> {
  await checkDockerfile(source)
  const engine = await findEngine(source.path, options.signal)
  const folder = await mkdtemp(join(tmpdir(), 'baton-dockerfile-'))
  try {
    const id = await build(engine, source, options, join(folder, 'id'))
    const known = await recall<string>(options.cacheDir, 'engine-image', id)
    // Its blobs may have been deleted since.
    const kept = known && (await readImage(options.cacheDir, known).catch(() => undefined))
    const image = kept || (await save(engine, id, folder, options))
    const { os, architecture } = image.config
    if (architecture !== options.architecture)
      throw new BuildError(
        `${source.path} was built for ${os}/${architecture}, and the service needs linux/${options.architecture}`,
        'Set `architecture` of the service to what the base image of the Dockerfile offers, or change the base.',
      )
    return image
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Throws where the Dockerfile or its context is not there. */
export async function checkDockerfile({ path, context }: Dockerfile): Promise<void> {
  const [file, folder] = await Promise.all([path, context].map((each) => stat(each).catch(() => undefined)))
  if (!file?.isFile())
    throw new BuildError(`There is no Dockerfile ${path}`, 'Correct `dockerfile`, or write the file.')
  if (!folder?.isDirectory())
    throw new BuildError(`There is no folder ${context}, the context of ${path}`, 'Correct `context`.')
}

async function build(
  engine: Engine,
  source: Dockerfile,
  { architecture, signal }: DockerfileOptions,
  idFile: string,
): Promise<string> {
  const parameters = engine.build(source, architecture, idFile)
  const { code, printed } = await run({ program: engine.name, parameters, signal })
  if (code === 0) return (await readFile(idFile, 'utf8')).trim()
  const lines = printed.trimEnd().split('\n').slice(-20).join('\n')
  const isForeign =
    /exec format error|no matching manifest for linux|does not match the (specified|expected) platform/i
  throw new BuildError(
    `${engine.name} could not build ${source.path} for linux/${architecture}:\n${lines}`,
    isForeign.test(printed)
      ? `This machine cannot build for linux/${architecture}: install QEMU’s user emulation, set \`architecture\` of the service to this machine’s, or build on such a machine and name the result as \`image\`.`
      : 'Fix the Dockerfile; nothing has been released.',
  )
}

async function save(
  engine: Engine,
  id: string,
  folder: string,
  { cacheDir, signal }: DockerfileOptions,
): Promise<Image> {
  const { code, printed } = await run({ program: engine.name, parameters: engine.save(id, folder), signal })
  if (code !== 0)
    throw new BuildError(
      `${engine.name} could not hand over the image ${id}:\n${printed.trimEnd()}`,
      'Check the disk space of this machine and of the engine.',
    )
  const image = await readArchive(join(folder, 'image.tar'), cacheDir)
  await remember(cacheDir, 'engine-image', id, image.digest)
  return image
}
