/**
 * The images of a service's tasks are all the same: what a tag means is found out when a deployment's first task
 * starts, and its later tasks run that digest, whatever the tag means by then.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html#deployment-container-image-stability
 */
import type { TaskDefinitionRecord } from '../model/model.ts'
import type { EcsState } from '../model/state.ts'

export interface ImagePins {
  /** What to pull for a container whose definition says `reference`. */
  reference(containerName: string, reference: string): string
  /** Says what a container's reference turned out to mean. */
  found(containerName: string, digest: string): void
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
    found(name, digest) {
      const set = taskSet()
      if (!set || set.imageDigests?.[name] !== undefined || !applies(name)) return
      state.taskSets.put(set.id, { ...set, imageDigests: { ...set.imageDigests, [name]: digest } })
    },
  }
}
