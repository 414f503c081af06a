/** Which runtime runs a task: what the caller asked for, and what built the task's images. */
import type { StoredImage } from '../../services/ecr/contract.ts'

/** `auto` takes processes where Baton built what runs, and containers for everything else. */
export const runtimeChoices = ['auto', 'process', 'container'] as const
export type RuntimeChoice = (typeof runtimeChoices)[number]
export type RuntimeKind = 'process' | 'container'

/** The label of an image that says what Baton built it from. */
const kindLabel = 'dev.baton.kind'

/** What Baton itself laid over a base, so that it runs without that base, too. */
const bundled = new Set(['source', 'jar'])

/** Whether the process runtime has what the image needs; `hasJava` tells for a jar. */
export function isForProcess(image: StoredImage, hasJava: (image: StoredImage) => boolean): boolean {
  const kind = image.config.config?.Labels?.[kindLabel]
  if (kind === undefined) return image.layers.some(isApplication)
  return bundled.has(kind) && (kind !== 'jar' || hasJava(image))
}

/** An image without the label, of an earlier version of Baton, has this on what it added. */
const isApplication = ({ annotations }: StoredImage['layers'][number]) =>
  annotations['dev.baton.layer'] === 'application'
