/** How IAM's API writes what the documents hold. */
import type { Tag } from '@aws-sdk/client-iam'
import type { Attributes } from '../../terraform/type/resource-type.ts'
import { stringMap } from '../../terraform/type/values.ts'

/** Policies are percent-encoded in answers: https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html */
export const encodedPolicy = (policy: unknown): string =>
  encodeURIComponent(String(policy ?? '')).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  )

export const tagsOut = (document: Attributes): Tag[] =>
  Object.entries(stringMap(document.tags_all ?? document.tags)).map(([Key, Value]) => ({ Key, Value }))

/** Attributes of a new resource. */
export function tagsIn(tags: readonly Tag[] | undefined): Attributes {
  const map = tagMap(tags)
  return { tags: map, tags_all: map }
}

const tagMap = (tags: readonly Tag[] | undefined) =>
  Object.fromEntries((tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]))

/** The document with these tags besides. */
export const tagged = (document: Attributes, tags: readonly Tag[] | undefined): Attributes => ({
  ...document,
  tags: { ...stringMap(document.tags), ...tagMap(tags) },
  tags_all: { ...stringMap(document.tags_all ?? document.tags), ...tagMap(tags) },
})

/** The document without the tags of these keys. */
export function untagged(document: Attributes, keys: readonly string[] | undefined): Attributes {
  const without = (tags: Record<string, string>) =>
    Object.fromEntries(Object.entries(tags).filter(([key]) => !keys?.includes(key)))
  return {
    ...document,
    tags: without(stringMap(document.tags)),
    tags_all: without(stringMap(document.tags_all ?? document.tags)),
  }
}

export const dateOf = (document: Attributes): Date => new Date(String(document.create_date ?? 0))
