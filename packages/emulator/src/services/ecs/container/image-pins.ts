/**
 * All tasks of a deployment run the same images: the first task resolves each tag to a digest, and later tasks run
 * that digest, even where the tag has moved since.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html#deployment-container-image-stability
 */
import type { TaskDefinitionRecord } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'

export interface ImagePins {
  /** The reference to pull for a container whose definition says `reference`. */
  reference(containerName: string, reference: string): string
  /** Stores the digest of a container's image, if the deployment has none yet. */
  pin(containerName: string, digest: string): void
}

export function imagePins(
  state: EcsState,
  definition: TaskDefinitionRecord,
  taskSetId: string | undefined,
): ImagePins {
  const taskSet = () => state.taskSets.get(taskSetId ?? '')
  const applies = (name: string) =>
    definition.input.containerDefinitions.find((container) => container.name === name)?.versionConsistency !==
    'disabled'
  return {
    reference(name, reference) {
      const digest = taskSet()?.imageDigests?.[name]
      if (digest === undefined || !applies(name)) return reference
      return `${reference.replace(/(@[^@]*|:[^:/]*)$/, '')}@${digest}`
    },
    pin(name, digest) {
      const set = taskSet()
      if (!set || set.imageDigests?.[name] !== undefined || !applies(name)) return
      state.saveTaskSet({ ...set, imageDigests: { ...set.imageDigests, [name]: digest } })
    },
  }
}
