/** The targets of a platform as commands name them: `service/admin`, `site/user`. */
import type { Platform } from '@baton/config'
import { UsageError } from './usage-error.ts'

export interface Target {
  readonly kind: 'service' | 'site'
  readonly name: string
  readonly id: `service/${string}` | `site/${string}`
}

/** Services first: a site may need what a service of the same release has. */
export const targetsOf = ({ services, sites }: Pick<Platform, 'services' | 'sites'>): readonly Target[] => [
  ...services.map(({ name }): Target => ({ kind: 'service', name, id: `service/${name}` })),
  ...sites.map(({ name }): Target => ({ kind: 'site', name, id: `site/${name}` })),
]

/** Throws `UsageError` for a target that the platform does not have. */
export function targetNamed(platform: Platform, id: string, kind?: Target['kind']): Target {
  const targets = targetsOf(platform).filter((target) => kind === undefined || target.kind === kind)
  const found = targets.find((target) => target.id === id)
  if (found) return found
  throw new UsageError(
    `There is no target "${id}"${kind === undefined ? '' : ` that is a ${kind}`}.`,
    targets.length > 0
      ? `Choose one of ${targets.map((target) => target.id).join(', ')}.`
      : 'Add one to the configuration.',
  )
}

/** The target that was named, or all of this kind. */
export const chosenTargets = (
  platform: Platform,
  id: string | undefined,
  kind?: Target['kind'],
): readonly Target[] =>
  id === undefined
    ? targetsOf(platform).filter((target) => kind === undefined || target.kind === kind)
    : [targetNamed(platform, id, kind)]
