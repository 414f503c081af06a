/**
 * Reads Terraform's loosely typed attributes for the services: what is absent, null or empty is undefined, a nested
 * block is an array of objects, and a number may be written as text.
 */
import type { Attributes, Value } from './resource-type.ts'

/** An object: one nested block, or a map. */
export const isBlock = (value: Value | undefined): value is Attributes =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The objects of a nested block, or of an attribute that is a list of objects. */
export const blocks = (value: Value | undefined): Attributes[] =>
  Array.isArray(value) ? value.filter(isBlock) : []

/** The object of a block that occurs at most once. */
export const firstBlock = (value: Value | undefined): Attributes | undefined => blocks(value)[0]

/** The strings of a list or set. */
export const stringList = (value: Value | undefined): string[] =>
  Array.isArray(value) ? value.filter((item) => item !== null).map(String) : []

/** A map of strings, such as tags; a null in it is the empty text. */
export const stringMap = (value: Value | undefined): Record<string, string> =>
  isBlock(value)
    ? Object.fromEntries(Object.entries(value).map(([key, item]) => [key, String(item ?? '')]))
    : {}

export const text = (value: Value | undefined): string | undefined =>
  value === undefined || value === null || value === '' ? undefined : String(value)

export const number = (value: Value | undefined): number | undefined => {
  const written = text(value)
  return written === undefined ? undefined : Number(written)
}
