/** Reads JSON that came from outside, of which nothing is known. */

export type JsonObject = { readonly [key: string]: unknown }

/** Whether a value is an object of JSON: no array, not null. */
export const isObject = (value: unknown): value is { [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The value of a JSON text; undefined where the text is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
