/**
 * Reads a block of Terraform JSON: by path, with literals in place of references, and with one shape for what
 * Terraform accepts as one object or as a list of them. What only an apply knows stays `${…}`.
 */
import { embeddedValue } from './embedded.ts'

export type Body = Readonly<Record<string, unknown>>
export type Path = readonly (string | number)[]

/** What references of a stack point at. */
export interface Scope {
  find(address: string): Resource | undefined
  /** Value of `var.x` (its default) or `local.x`. */
  value(name: string): unknown
}

export interface Block {
  readonly body: Body
  /** The value as written. A name after a list reads its first element. */
  at(...path: Path): unknown
  /** A string with literals in place of references; numbers and booleans as text. */
  text(...path: Path): string | undefined
  number(...path: Path): number | undefined
  flag(...path: Path): boolean | undefined
  /** The texts of a list, or of a single value. */
  texts(...path: Path): string[]
  /** Nested blocks, whether written as one object or as a list. */
  blocks(...path: Path): Block[]
  /** JSON in a string, or in `jsonencode(…)`, with references left in its strings; undefined if unreadable. */
  embedded(...path: Path): unknown
  /** Every resource that the value refers to, directly or behind a literal. */
  references(...path: Path): readonly Resource[]
}

/** A block with an address. */
export interface Resource extends Block {
  readonly stack: string
  /** `aws_lb.main`, `data.aws_route53_zone.main`. */
  readonly address: string
  readonly kind: 'resource' | 'data' | 'ephemeral'
  readonly type: string
  readonly id: string
}

/** Whether all of a text is known before an apply. */
export const isKnown = (text: string): boolean => !/(?<!\$)\$\{/.test(text)

const isBody = (value: unknown): value is Body =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const reference = /^((?:data\.|ephemeral\.)?[a-z]\w*\.[\w-]+)\.([\w.]+)$/
const mentioned = /(?:data\.|ephemeral\.)?[a-z]\w*_\w+\.[\w-]+/g

export function createBlock(body: Body, scope: Scope): Block {
  const cache = new Map<string, readonly Resource[]>()
  const at = (...path: Path) => walk(body, path)
  const resolveText = (value: unknown): string | undefined => {
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
    return typeof value === 'string' ? resolve(value, scope, 0) : undefined
  }
  const text = (...path: Path) => resolveText(at(...path))
  return {
    body,
    at,
    text,
    number(...path) {
      const found = text(...path)
      return found === undefined || found.trim() === '' || Number.isNaN(Number(found))
        ? undefined
        : Number(found)
    },
    flag(...path) {
      const found = text(...path)
      return found === 'true' ? true : found === 'false' ? false : undefined
    },
    texts: (...path) => asList(at(...path)).flatMap((value) => resolveText(value) ?? []),
    blocks: (...path) =>
      asList(at(...path))
        .filter(isBody)
        .map((nested) => createBlock(nested, scope)),
    embedded: (...path) => embeddedValue(at(...path)),
    references(...path) {
      // Rules look up the same references many times, such as the load balancer of a listener.
      const key = path.join('.')
      const before = cache.get(key)
      if (before !== undefined) return before
      const found = new Set<Resource>()
      for (const string of strings(at(...path))) {
        if (isKnown(string)) continue
        for (const written of [string, resolve(string, scope, 0)]) {
          for (const [address] of written.matchAll(mentioned)) {
            const resource = scope.find(address)
            if (resource !== undefined) found.add(resource)
          }
        }
      }
      const result = [...found]
      cache.set(key, result)
      return result
    },
  }
}

const asList = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]

function walk(value: unknown, path: Path): unknown {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (Array.isArray(value)) return typeof key === 'number' ? walk(value[key], rest) : walk(value[0], path)
  // A single block may be written without its list.
  if (key === 0 && isBody(value)) return walk(value, rest)
  return isBody(value) ? walk(value[key], rest) : undefined
}

/** References form chains, by mistake also loops: eight steps are more than a configuration has. */
function resolve(text: string, scope: Scope, depth: number): string {
  if (depth > 8 || !text.includes('${')) return text
  return text.replace(/(?<!\$)\$\{([^{}]+)\}/g, (written: string, expression: string) => {
    const value = lookUp(expression.trim(), scope)
    if (typeof value === 'number' || typeof value === 'boolean') return String(value)
    return typeof value === 'string' ? resolve(value, scope, depth + 1) : written
  })
}

function lookUp(expression: string, scope: Scope): unknown {
  if (/^(var|local)\.[\w-]+$/.test(expression)) return scope.value(expression)
  const [, address = '', attribute = ''] = reference.exec(expression) ?? []
  return scope
    .find(address)
    ?.at(...attribute.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key)))
}

function* strings(value: unknown): Generator<string> {
  if (typeof value === 'string') yield value
  else if (typeof value === 'object' && value !== null)
    for (const each of Object.values(value)) yield* strings(each)
}
