/**
 * Filters of Describe calls: values of one filter are alternatives, filters add up, `*` and `?` are wildcards.
 * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_Filtering.html
 */
import type { Filter, Tag } from '@aws-sdk/client-ec2'
import { compileWildcard } from '../../../matching/wildcard.ts'
import type { Attributes, Value } from '../../../terraform/type/resource-type.ts'
import { stringMap } from '../../../terraform/type/values.ts'
import { invalidParameter } from '../model/errors.ts'

/** What a filter looks at, by its name. */
export type Looks = Readonly<Record<string, (document: Attributes) => Value | readonly Value[] | undefined>>

/** The documents that pass all filters; with ids, only those. */
export function select(
  documents: readonly Attributes[],
  {
    ids,
    filters,
    looks,
  }: { ids?: readonly string[] | undefined; filters?: readonly Filter[] | undefined; looks: Looks },
  notFound: (id: string) => Error,
): Attributes[] {
  const missing = ids?.find((id) => !documents.some((document) => document.id === id))
  if (missing !== undefined) throw notFound(missing)
  return documents.filter(
    (document) =>
      (ids === undefined || ids.length === 0 || ids.includes(String(document.id))) &&
      (filters ?? []).every((filter) => passes(document, filter, looks)),
  )
}

function passes(document: Attributes, { Name = '', Values = [] }: Filter, looks: Looks): boolean {
  const patterns = Values.map((value) => compileWildcard(value, { single: true }))
  return valuesOf(document, Name, looks).some((value) => patterns.some((matches) => matches(value)))
}

function valuesOf(document: Attributes, name: string, looks: Looks): string[] {
  const tags = stringMap(document.tags_all ?? document.tags)
  if (name === 'tag-key') return Object.keys(tags)
  if (name.startsWith('tag:')) {
    const value = tags[name.slice('tag:'.length)]
    return value === undefined ? [] : [value]
  }
  const look = looks[name]
  if (look === undefined) {
    throw invalidParameter(
      `The filter '${name}' is invalid here. This call of the emulator knows tag:KEY, tag-key, ${Object.keys(looks).join(', ')}.`,
    )
  }
  const found = look(document)
  return (Array.isArray(found) ? found : [found]).flatMap((value) => (value == null ? [] : [String(value)]))
}

/** A look at attributes by the filters' names. */
export const attributes = (names: Readonly<Record<string, string>>): Looks =>
  Object.fromEntries(
    Object.entries(names).map(([filter, attribute]) => [
      filter,
      (document: Attributes) => document[attribute],
    ]),
  )

export const tagsOut = (document: Attributes): Tag[] =>
  Object.entries(stringMap(document.tags_all ?? document.tags)).map(([Key, Value]) => ({ Key, Value }))
