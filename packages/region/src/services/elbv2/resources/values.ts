/** Reads Terraform's loosely typed attributes; what is null or absent is undefined. */
import type { Attributes, Value } from '../../../terraform/resource-type.ts'

export function text(attributes: Attributes | undefined, name: string): string | undefined {
  const value = attributes?.[name]
  return value === null || value === undefined || value === '' ? undefined : String(value)
}

export function integer(attributes: Attributes | undefined, name: string): number | undefined {
  const value = text(attributes, name)
  return value === undefined ? undefined : Number(value)
}

export function flag(attributes: Attributes | undefined, name: string): boolean | undefined {
  const value = text(attributes, name)
  return value === undefined ? undefined : value === 'true'
}

export function texts(attributes: Attributes | undefined, name: string): string[] | undefined {
  const value = attributes?.[name]
  return Array.isArray(value) ? value.map(String) : undefined
}

/** The objects of a nested block. */
export function blocks(attributes: Attributes | undefined, name: string): Attributes[] {
  const value = attributes?.[name]
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** The object of a block that appears at most once. */
export const onlyBlock = (attributes: Attributes | undefined, name: string): Attributes | undefined =>
  blocks(attributes, name)[0]

/** `tags_all`, where the engine merged the provider's default tags in, else `tags`. */
export function allTags(attributes: Attributes): { Key: string; Value: string }[] {
  const tags = attributes.tags_all ?? attributes.tags
  return isObject(tags ?? null)
    ? Object.entries(tags as Attributes).map(([Key, Value]) => ({ Key, Value: String(Value) }))
    : []
}

export const tagRecord = (attributes: Attributes): Record<string, string> =>
  Object.fromEntries(allTags(attributes).map(({ Key, Value }) => [Key, Value]))

/** API attributes for those Terraform attributes that are set; `keys` maps one's name to the other's. */
export function settingChanges(attributes: Attributes, keys: Readonly<Record<string, string>>) {
  return Object.entries(keys).flatMap(([name, Key]) => {
    const Value = text(attributes, name)
    return Value === undefined ? [] : [{ Key, Value }]
  })
}

const isObject = (value: Value): value is Attributes =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
