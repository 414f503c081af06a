/** Reading Terraform's attributes: blocks arrive as arrays of objects, what is absent as null or undefined. */
import type { Attributes, Value } from '../../../terraform/resource-type.ts'
import type { Selection } from '../policies.ts'

export function blocks(value: Value | undefined): Attributes[] {
  return Array.isArray(value) ? (value as Attributes[]) : []
}

export function firstBlock(value: Value | undefined): Attributes | undefined {
  return blocks(value)[0]
}

export function strings(value: Value | undefined): string[] {
  return Array.isArray(value) ? value.map(String) : []
}

export function text(value: Value | undefined): string | undefined {
  return value === null || value === undefined || value === '' ? undefined : String(value)
}

/** `headers_config { header_behavior, headers { items } }` and its like; header names in lower case. */
export function selection(value: Value | undefined, noun: 'header' | 'cookie' | 'query_string'): Selection {
  const config = firstBlock(value)
  const behavior = (text(config?.[`${noun}_behavior`]) ?? 'none') as Selection['behavior']
  const items = strings(firstBlock(config?.[`${noun}s`])?.items)
  return { behavior, items: noun === 'header' ? items.map((item) => item.toLowerCase()) : items }
}
