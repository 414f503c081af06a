/** Inputs of operations of AWS: mostly of the shape that the SDK describes, with hostile values, and sometimes of another. */
import type { GeneratorValue } from 'fast-check'
import type { Operation } from '../../../packages/emulator/src/protocol/service-model.ts'
import { hostileJson, hostileNumber, hostileText, oneOf, rarely } from '../hostile.ts'

/** Names that cases share, so that one case finds what another one created. */
export const names = ['fuzz', 'fuzz-2', '/fuzz/a', 'example.com', 'a.txt']

export function inputFor(g: GeneratorValue, schema: Operation['input'], depth = 4): unknown {
  if (rarely(g, 12) || depth === 0) return hostileJson(g)
  if (schema.isStructSchema()) {
    const members = [...schema.structIterator()]
    return Object.fromEntries(
      members.flatMap(([name, member]) =>
        rarely(g, 3) ? [] : [[name, inputFor(g, member, depth - 1)] as const],
      ),
    )
  }
  if (schema.isListSchema())
    return Array.from({ length: oneOf(g, [0, 1, 2]) }, () => inputFor(g, schema.getValueSchema(), depth - 1))
  if (schema.isMapSchema())
    return Object.fromEntries(
      Array.from({ length: oneOf(g, [0, 1, 2]) }, () => [
        hostileText(g),
        inputFor(g, schema.getValueSchema(), depth - 1),
      ]),
    )
  if (schema.isNumericSchema()) return hostileNumber(g)
  if (schema.isBooleanSchema()) return rarely(g, 2)
  return rarely(g, 2) ? oneOf(g, names) : hostileText(g)
}

/** `Tags.member.1.Key=a`, as the Query protocol writes it. */
export function queryPairs(value: unknown, prefix: string): [string, string][] {
  if (Array.isArray(value))
    return value.flatMap((item, index) => queryPairs(item, `${prefix}.member.${index + 1}`))
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, item]) =>
      queryPairs(item, prefix ? `${prefix}.${name}` : name),
    )
  return [[prefix, String(value)]]
}

/** Elements of XML, not escaped where the case is about that. */
export function xmlOf(value: unknown, name: string, isEscaped: boolean): string {
  const tag = /^[A-Za-z][\w.-]*$/.test(name) ? name : 'member'
  if (Array.isArray(value))
    return `<${tag}>${value.map((item) => xmlOf(item, 'member', isEscaped)).join('')}</${tag}>`
  if (typeof value === 'object' && value !== null)
    return `<${tag}>${Object.entries(value)
      .map(([key, item]) => xmlOf(item, key, isEscaped))
      .join('')}</${tag}>`
  const text = String(value)
  return `<${tag}>${isEscaped ? text.replaceAll('&', '&amp;').replaceAll('<', '&lt;') : text}</${tag}>`
}
