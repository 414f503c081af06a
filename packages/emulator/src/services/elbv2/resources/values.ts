/** Terraform's attributes by name, of a block that may not be there. */
import type { Attributes } from '../../../terraform/type/resource-type.ts'
import * as values from '../../../terraform/type/values.ts'

type Given = Attributes | undefined

export const text = (attributes: Given, name: string) => values.text(attributes?.[name])
export const integer = (attributes: Given, name: string) => values.number(attributes?.[name])

export function flag(attributes: Given, name: string): boolean | undefined {
  const value = text(attributes, name)
  return value === undefined ? undefined : value === 'true'
}

/** Undefined where it is not set: not the same as an empty list. */
export function texts(attributes: Given, name: string): string[] | undefined {
  const value = attributes?.[name]
  return Array.isArray(value) ? values.stringList(value) : undefined
}

/** The objects of a nested block. */
export const blocks = (attributes: Given, name: string) => values.blocks(attributes?.[name])

/** The object of a block that appears at most once. */
export const onlyBlock = (attributes: Given, name: string) => values.firstBlock(attributes?.[name])

/** `tags_all`, where the engine merged the provider's default tags in, else `tags`. */
export const allTags = (attributes: Attributes): { Key: string; Value: string }[] =>
  Object.entries(tagRecord(attributes)).map(([Key, Value]) => ({ Key, Value }))

export const tagRecord = (attributes: Attributes): Record<string, string> =>
  values.stringMap(attributes.tags_all ?? attributes.tags)

/** API attributes for those Terraform attributes that are set; `keys` maps one's name to the other's. */
export function settingChanges(attributes: Attributes, keys: Readonly<Record<string, string>>) {
  return Object.entries(keys).flatMap(([name, Key]) => {
    const Value = text(attributes, name)
    return Value === undefined ? [] : [{ Key, Value }]
  })
}
