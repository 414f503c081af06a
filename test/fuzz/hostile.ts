/** Values that programs trip over. */
import fc, { type GeneratorValue } from 'fast-check'

const texts = [
  '',
  ' ',
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '../../../etc/passwd',
  '..%2f..%2f',
  '%',
  '%zz',
  '%00',
  '\u0000',
  '\ud800',
  '\ufeff',
  'é'.normalize('NFD'),
  '👩‍👩‍👧',
  '\r\nx-injected: 1',
  '\n',
  '${',
  '${a',
  '%{if',
  '{{',
  '"',
  "'",
  '\\',
  '<![CDATA[',
  ']]>',
  '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
  '&#0;',
  '&amp;',
  '*'.repeat(200),
  '?*'.repeat(100),
  'a'.repeat(70_000),
  '한글'.repeat(1_000),
  '9'.repeat(400),
  '1e400',
  '-0',
  'NaN',
  '0x10',
  '2026-13-45T99:99:99Z',
  'arn:aws:sns:ap-northeast-2:000000000000:name',
  'arn:aws:::',
  'null',
  'true',
  '{}',
  '[]',
  '{"a":',
  '['.repeat(5_000),
  '{"a":'.repeat(5_000),
]

const text = () =>
  fc.oneof(
    fc.constantFrom(...texts),
    fc.string({ unit: 'binary', maxLength: 20 }),
    fc.string({ maxLength: 20 }),
  )

export const hostileText = (g: GeneratorValue): string => g(text)

const number = () =>
  fc.oneof(
    fc.constantFrom(0, -0, -1, 1, 0.5, 2 ** 31, -(2 ** 31), 2 ** 53, 1e21, 1e308, -1e308),
    fc.integer(),
  )

export const hostileNumber = (g: GeneratorValue): number => g(number)

/** One of the values; none may be undefined. */
export function oneOf<T>(g: GeneratorValue, values: readonly T[]): T {
  const chosen = values[g(fc.nat, { max: values.length - 1 })]
  if (chosen === undefined) throw new Error('there is nothing to choose from')
  return chosen
}

/** True once in so many times. */
export const rarely = (g: GeneratorValue, times: number): boolean =>
  g(fc.nat, { max: times - 1 }) === times - 1

/** Any JSON value, with names of prototypes and depth. */
export function hostileJson(g: GeneratorValue, depth = 3): unknown {
  const kind = g(fc.nat, { max: depth > 0 ? 7 : 4 })
  if (kind === 0) return null
  if (kind === 1) return g(fc.boolean)
  if (kind === 2) return hostileNumber(g)
  if (kind <= 4) return hostileText(g)
  const size = g(fc.nat, { max: 3 })
  if (kind <= 5) return Array.from({ length: size }, () => hostileJson(g, depth - 1))
  const entries = Array.from({ length: size }, () => [hostileText(g), hostileJson(g, depth - 1)] as const)
  // Its own property, as `JSON.parse` makes one, even for `__proto__`.
  return Object.fromEntries(entries)
}

/** The bytes with some of them changed, dropped, or repeated. */
export function damaged(g: GeneratorValue, bytes: Uint8Array): Buffer {
  const copy = Buffer.from(bytes)
  if (copy.length === 0) return copy
  const at = g(fc.nat, { max: copy.length - 1 })
  const kind = g(fc.nat, { max: 3 })
  if (kind === 0) return copy.subarray(0, at)
  if (kind === 1) return Buffer.concat([copy.subarray(0, at), copy.subarray(Math.max(0, at - 20))])
  const values = g(fc.uint8Array, { minLength: 1, maxLength: kind === 2 ? 1 : 4 })
  copy.set(values.subarray(0, copy.length - at), at)
  return copy
}
