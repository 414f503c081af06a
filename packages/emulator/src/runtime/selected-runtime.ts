/**
 * The runtime of an emulator: processes, containers, or for each task the one that it needs. All containers of a task are
 * of one kind, because they share localhost.
 */
import type { StoredImage } from '../services/ecr/contract.ts'
import { findJava, javaVersion } from './process/java/find-java.ts'
import { isForProcess, type RuntimeChoice, type RuntimeKind } from './task/runtime-choice.ts'
import type { RemovableRuntime, TaskNetwork, TaskRuntime, TaskSpec } from './task/task-runtime.ts'

export interface SelectedRuntime extends RemovableRuntime {
  /** What has run tasks since the emulator began. */
  used(): ReadonlySet<RuntimeKind>
}

export function createSelectedRuntime(
  choice: RuntimeChoice,
  runtimes: Readonly<Record<RuntimeKind, RemovableRuntime>>,
  hasJava: (image: StoredImage) => boolean = (image) => findJava(javaVersion(image)) !== undefined,
): SelectedRuntime {
  const used = new Set<RuntimeKind>()
  const owners = new WeakMap<TaskNetwork, TaskRuntime>()
  const all = Object.values(runtimes)

  function kindOf({ images }: TaskSpec): RuntimeKind {
    if (choice !== 'auto') return choice
    return images.every((image) => isForProcess(image, hasJava)) ? 'process' : 'container'
  }

  function ownerOf(network: TaskNetwork): TaskRuntime {
    const owner = owners.get(network)
    if (!owner) throw new Error('the task is not attached to the network')
    return owner
  }

  return {
    used: () => used,
    async attach(task) {
      const kind = kindOf(task)
      const network = await runtimes[kind].attach(task)
      used.add(kind)
      owners.set(network, runtimes[kind])
      return network
    },
    prepare: (image, network) => ownerOf(network).prepare(image, network),
    start: (spec) => ownerOf(spec.network).start(spec),
    onMetadata(serve) {
      for (const runtime of all) runtime.onMetadata(serve)
    },
    async endLeftovers() {
      for (const runtime of all) await runtime.endLeftovers()
    },
    async close() {
      for (const runtime of all) await runtime.close()
    },
    async removeImagesExcept(isKept) {
      for (const runtime of all) await runtime.removeImagesExcept(isKept)
    },
  }
}
