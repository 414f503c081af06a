/** Converts the map of tags in Terraform to the list of tags in ECS. */
import type { Value } from '../../../terraform/type/resource-type.ts'

export function tagList(value: Value | undefined): { key: string; value: string }[] {
  if (value === null || value === undefined || typeof value !== 'object' || Array.isArray(value)) return []
  return Object.entries(value).map(([key, tag]) => ({ key, value: String(tag ?? '') }))
}
