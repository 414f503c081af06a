/** The programs that build Dockerfiles, and how each is asked. The first that works is taken. */
import { BuildError } from '../build-error.ts'
import type { Architecture } from '../oci.ts'
import { run } from '../program.ts'
import type { ImageSource } from '../source.ts'

export type Dockerfile = Extract<ImageSource, { kind: 'dockerfile' }>

export interface Engine {
  readonly name: 'docker' | 'podman' | 'buildah'
  /** Succeeds where the engine can build: a client alone cannot. */
  readonly probe: readonly string[]
  /** Builds, and writes the image's id to a file. */
  build(source: Dockerfile, architecture: Architecture, idFile: string): readonly string[]
  /** Writes the image with this id below a folder that exists. */
  save(id: string, folder: string): readonly string[]
}

/** The options that all three have. */
const common = (source: Dockerfile, architecture: Architecture, idFile: string) => [
  ...['--file', source.path, '--platform', `linux/${architecture}`, '--iidfile', idFile],
  ...(source.target === undefined ? [] : ['--target', source.target]),
  ...Object.entries(source.args).flatMap(([name, value]) => ['--build-arg', `${name}=${value}`]),
  source.context,
]

/** Docker's format, because the OCI format of Podman and Buildah has no health check. */
const engines: readonly Engine[] = [
  {
    name: 'docker',
    probe: ['version', '--format', '{{.Server.Version}}'],
    build: (...parameters) => ['build', ...common(...parameters)],
    save: (id, folder) => ['image', 'save', '--output', `${folder}/image.tar`, id],
  },
  {
    name: 'podman',
    probe: ['info', '--format', '{{.Version.Version}}'],
    build: (...parameters) => ['build', '--format', 'docker', ...common(...parameters)],
    save: (id, folder) => [
      'image',
      'save',
      '--format',
      'docker-archive',
      '--output',
      `${folder}/image.tar`,
      id,
    ],
  },
  {
    name: 'buildah',
    probe: ['info'],
    build: (...parameters) => ['build', '--layers', '--format', 'docker', ...common(...parameters)],
    save: (id, folder) => ['push', id, `docker-archive:${folder}/image.tar`],
  },
]

/** Throws a `BuildError` that names the other kinds of source where none works. */
export async function findEngine(what: string, signal?: AbortSignal): Promise<Engine> {
  const reasons: string[] = []
  for (const engine of engines) {
    const ended = await run({ program: engine.name, parameters: engine.probe, signal }).catch((error) => {
      signal?.throwIfAborted()
      return { code: -1, printed: error.code === 'ENOENT' ? 'is not installed' : String(error.message) }
    })
    if (ended.code === 0) return engine
    const lines = ended.printed.trim().split('\n')
    reasons.push(`${engine.name}: ${lines.at(-1) || 'does not work'}`)
  }
  throw new BuildError(
    `${what} is built by Docker, Podman or Buildah, and none of them works here (${reasons.join('; ')})`,
    'Install or start one of them. Without one, a service can be a `source`, a `jar`, or an `image` that was built elsewhere.',
  )
}
