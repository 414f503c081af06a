/**
 * What images of TypeScript and of jars stand on where they run in containers: Node.js and a Java runtime, by the digests
 * of the lock file beside the configuration. Tasks that are processes of an emulator need neither.
 */
import { join } from 'node:path'
import { type Architecture, type ImageLock, type ImageSource, openLock, type RemoteImage } from '@baton/image'
import type { OnProgress } from '../progress.ts'

export interface BaseImages {
  /** Node.js, below a `source`. */
  readonly reference: string
  /** A Java runtime, below a `jar`; `{version}` is the major version of Java. */
  readonly java?: string
  /** Kinds that stand on their base; others on nothing. Default both. */
  readonly kinds?: readonly ('source' | 'jar')[]
}

/** Eclipse Temurin’s runtime, which AWS mirrors from Docker’s official images. */
const javaImage = 'public.ecr.aws/docker/library/eclipse-temurin:{version}-jre'

/** Reference of the base below a source; undefined where the source has none of ours. */
function baseReference(source: ImageSource, bases: BaseImages): string | undefined {
  const { reference, java = process.env.BATON_JAVA_IMAGE ?? javaImage, kinds = ['source', 'jar'] } = bases
  if (source.kind === 'source' && kinds.includes('source')) return reference
  if (source.kind === 'jar' && kinds.includes('jar'))
    return java.replaceAll('{version}', String(source.javaVersion))
  return undefined
}

const lockFileName = 'baton.lock.json'

/** The lock of a configuration in this folder; what it did not know is reported. */
export function openBaseLock(rootDir: string, cacheDir: string, onProgress?: OnProgress): ImageLock {
  return openLock(join(rootDir, lockFileName), {
    cacheDir,
    onLocked: ({ reference }) =>
      onProgress?.({
        target: reference,
        step: `locked in ${lockFileName}; commit the file`,
        state: 'noted',
      }),
  })
}

/** The bases of these sources, each once. */
export function baseReferences(sources: readonly ImageSource[], bases: BaseImages): readonly string[] {
  return [...new Set(sources.flatMap((source) => baseReference(source, bases) ?? []))]
}

/** The base of a source by its digest for the architecture, or `scratch`. */
export async function lockedBase(
  source: ImageSource,
  architecture: Architecture,
  bases: BaseImages | undefined,
  lock: ImageLock,
): Promise<RemoteImage | 'scratch'> {
  const reference = bases && baseReference(source, bases)
  return reference === undefined ? 'scratch' : lock.resolve({ reference }, architecture)
}
