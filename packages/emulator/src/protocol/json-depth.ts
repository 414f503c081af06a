/**
 * How deep a JSON text is nested, before it is parsed: a parser builds every level, and millions of brackets would keep
 * all other clients waiting. No input of AWS is nested nearly as deep.
 */
const depthMax = 512

const quote = 0x22
const backslash = 0x5c
const openBracket = 0x5b
const openBrace = 0x7b
const closeBracket = 0x5d
const closeBrace = 0x7d

/** True once more than 512 arrays and objects are open; reads no further then. */
export function isTooDeep(json: Uint8Array): boolean {
  let depth = 0
  let isString = false
  for (let at = 0; at < json.length; at++) {
    const byte = json[at]
    if (isString) {
      if (byte === backslash) at++
      else if (byte === quote) isString = false
    } else if (byte === quote) isString = true
    else if (byte === openBracket || byte === openBrace) {
      if (++depth > depthMax) return true
    } else if (byte === closeBracket || byte === closeBrace) depth--
  }
  return false
}
