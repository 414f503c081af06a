/** Names and tags: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_AddTags.html */
import type { Tag } from '@aws-sdk/client-elastic-load-balancing-v2'
import type { Elbv2Context } from './context.ts'
import {
  listenerNotFound,
  loadBalancerNotFound,
  ruleNotFound,
  targetGroupNotFound,
  validationError,
} from './errors.ts'
import type { Tags } from './model.ts'

export function tagsOf(tags: readonly Tag[] | undefined): Tags {
  return Object.fromEntries((tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']))
}

export const toTags = (tags: Tags): Tag[] => Object.entries(tags).map(([Key, Value]) => ({ Key, Value }))

/** A load balancer's or target group's name, or AWS's complaint about it. */
export function checkName(what: 'Load balancer' | 'Target group', name: string | undefined): string {
  if (!name) throw validationError(`${what} name must be specified`)
  if (name.length > 32) throw validationError(`${what} name '${name}' cannot be longer than '32' characters`)
  if (!/^[A-Za-z0-9-]+$/.test(name)) {
    throw validationError(
      `${what} name '${name}' can only contain characters that are alphanumeric characters and hyphens(-)`,
    )
  }
  if (name.startsWith('-') || name.endsWith('-')) {
    throw validationError(`${what} name '${name}' cannot begin or end with '-'`)
  }
  return name
}

/** The tags of whatever an ARN names, after `change`. */
export function changeTags(env: Elbv2Context, arn: string, change: (tags: Tags) => Tags): Tags {
  const { collection, notFound } = tagged(env, arn)
  const document = collection.get(arn)
  if (!document) throw notFound()
  const tags = change(document.tags)
  if (tags !== document.tags) collection.put(arn, { ...document, tags })
  return tags
}

function tagged({ state }: Elbv2Context, arn: string) {
  const resource = arn.split(':')[5] ?? ''
  const kind = resource.slice(0, resource.indexOf('/'))
  switch (kind) {
    case 'loadbalancer':
      return { collection: asTagged(state.loadBalancers), notFound: loadBalancerNotFound }
    case 'targetgroup':
      return { collection: asTagged(state.targetGroups), notFound: targetGroupNotFound }
    case 'listener':
      return { collection: asTagged(state.listeners), notFound: listenerNotFound }
    case 'listener-rule':
      return { collection: asTagged(state.rules), notFound: ruleNotFound }
    default:
      throw validationError(`'${arn}' is not a valid load balancer, target group, listener or rule ARN`)
  }
}

interface Tagged {
  readonly tags: Tags
}

/** A collection of which only the tags are of interest; `put` gets back what `get` gave, with other tags. */
function asTagged<T extends Tagged>(collection: {
  get(key: string): T | undefined
  put(key: string, document: T): void
}) {
  return {
    get: (key: string): Tagged | undefined => collection.get(key),
    put(key: string, { tags }: Tagged) {
      const document = collection.get(key)
      if (document) collection.put(key, { ...document, tags })
    },
  }
}
