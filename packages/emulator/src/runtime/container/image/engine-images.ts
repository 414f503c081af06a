/**
 * The images of an emulator in its engine: loaded from the emulator's registry once, under names of the emulator's own, by
 * which they are found and removed again.
 */
import { Readable } from 'node:stream'
import type { StoredImage } from '../../../services/ecr/contract.ts'
import { metadataAddress } from '../../network/task-endpoint.ts'
import { EngineError } from '../engine/engine-error.ts'
import type { Engine } from '../engine/find-engine.ts'
import type { EmulatorNaming } from '../engine/naming.ts'
import { imageArchive, programArchive } from './image-archive.ts'
import { type Architecture, architectures, hostRoute, initProgram } from './init-program.ts'
import { refusalOfArchitecture } from './platform.ts'

export interface EngineImages {
  /** The name under which the engine has the image. Rejects with an error in ECS's words. */
  load(image: StoredImage): Promise<string>
  /** The name of the image that holds the network namespace of a task. */
  pause(): Promise<string>
  /** Removes those of other digests, unless a container uses them. */
  removeExcept(isKept: (digest: string) => boolean): Promise<void>
}

interface ImageSummary {
  readonly RepoTags?: readonly string[] | null
}

export function createEngineImages(engine: Engine, naming: EmulatorNaming): EngineImages {
  const { client } = engine
  const loading = new Map<string, Promise<string>>()
  const tagOf = (digest: string) => `${naming.imageName}:${digest.replace(/^sha256:/, '')}`

  async function isThere(tag: string): Promise<boolean> {
    return client.call('GET', `/images/${tag}/json`).then(
      () => true,
      (error: unknown) => {
        if (error instanceof EngineError && error.status === 404) return false
        throw error
      },
    )
  }

  async function loadArchive(archive: Readable, tag: string): Promise<void> {
    const lines = await client.lines('POST', '/images/load', { query: { quiet: true }, stream: archive })
    const problem = lines.map(({ error }) => error).find((error) => error !== undefined)
    if (problem !== undefined) throw new Error(String(problem))
    if (!(await isThere(tag))) throw new Error(`the engine did not keep it as ${tag}`)
  }

  /** By one caller, awaited by the others. */
  function once(tag: string, load: () => Promise<void>): Promise<string> {
    const known = loading.get(tag)
    if (known) return known
    const attempt = load().then(() => tag)
    loading.set(tag, attempt)
    attempt.catch(() => loading.delete(tag))
    return attempt
  }

  return {
    load(image) {
      const refusal = refusalOfArchitecture(engine, image.config)
      if (refusal !== undefined) return Promise.reject(new Error(refusal))
      const tag = tagOf(image.digest)
      return once(tag, async () => {
        if (await isThere(tag)) return
        try {
          await loadArchive(imageArchive(image, tag), tag)
        } catch (cause) {
          const reason = cause instanceof Error ? cause.message : String(cause)
          throw new Error(`CannotPullContainerError: failed to extract image ${image.digest}: ${reason}`, {
            cause,
          })
        }
      })
    },
    pause() {
      const tag = `${naming.imageName}:pause`
      return once(tag, async () => {
        if (await isThere(tag)) return
        const architecture = architectureOf(engine)
        const program = initProgram(architecture, [hostRoute(metadataAddress)])
        const archive = await programArchive(program, architecture, tag)
        await loadArchive(Readable.from([archive]), tag)
      })
    },
    async removeExcept(isKept) {
      for (const tag of await tagsOf(engine, naming)) {
        const hex = tag.slice(tag.lastIndexOf(':') + 1)
        if (!/^[0-9a-f]{64}$/.test(hex) || isKept(`sha256:${hex}`)) continue
        loading.delete(tag)
        // One that a container uses is refused, and removed another time.
        await client.call('DELETE', `/images/${tag}`).catch(() => undefined)
      }
    },
  }
}

/** Every image that the emulator has in the engine. */
export async function tagsOf(
  { client }: Pick<Engine, 'client'>,
  { imageName }: EmulatorNaming,
): Promise<string[]> {
  const images = await client.call<ImageSummary[]>('GET', '/images/json')
  return images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag.startsWith(`${imageName}:`))
}

/** Throws where the emulator has no program for the engine's machine. */
export function architectureOf({ architecture }: Engine): Architecture {
  const known = architectures.find((each) => each === architecture)
  if (known === undefined) {
    throw new Error(
      `containers run on ${architectures.join(' and ')}; the engine's machine is ${architecture}: use --runtime process`,
    )
  }
  return known
}
