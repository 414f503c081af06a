/** Terraform's JSON as it may be written: blocks as one object or as several, lists of strings. */
import type { Json, JsonObject } from '../model/configuration.ts'

export function isJsonObject(json: Json): json is JsonObject {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
}

/** Blocks may stand as one object or as an array of them. */
export function blocks(json: Json): JsonObject[] {
  if (Array.isArray(json)) return json.flatMap(blocks)
  return isJsonObject(json) ? [json] : []
}

export function strings(json: Json): string[] {
  return Array.isArray(json) ? json.filter((item) => typeof item === 'string') : []
}
