/**
 * What an expression evaluates to. Beyond plain data there are values that are not known before the apply, sets
 * (a list without order, whose members have no index), and placeholders for types that are not rehearsed.
 */
import type { Value } from '../type/resource-type.ts'

export type Term =
  | null
  | boolean
  | number
  | string
  | Term[]
  | { [key: string]: Term }
  | Unknown
  | SetTerm
  | Placeholder
export type TermObject = { [key: string]: Term }

/** Known only after the apply. There is one of it: `UNKNOWN`. */
export class Unknown {
  toJSON(): string {
    return '(known after apply)'
  }
}
export const UNKNOWN = new Unknown()

/** Distinct members; strings and numbers in their natural order, as Terraform iterates them. */
export class SetTerm {
  readonly items: readonly Term[]
  constructor(items: readonly Term[]) {
    // Two members that are not known yet may be the same, or not: both are kept.
    const key = (item: Term, index: number) => `${canonical(item)}${hasUnknown(item) ? ` ${index}` : ''}`
    const distinct = new Map(items.map((item, index) => [key(item, index), item]))
    this.items = [...distinct.entries()].sort(byMember).map(([, item]) => item)
  }
  toJSON(): readonly Term[] {
    return this.items
  }
}

function byMember([aKey, a]: [string, Term], [bKey, b]: [string, Term]): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  return compareText(aKey, bKey)
}

/**
 * An instance of a type that is not rehearsed, or any part of one. Whatever is asked of it is another of these; where
 * data is needed, a part is its own address as a text, such as `aws_kinesis_stream.main.arn`.
 */
export class Placeholder {
  readonly address: string
  /** What the configuration says of the instance; undefined for a part. */
  readonly attributes: TermObject | undefined
  constructor(address: string, attributes?: TermObject) {
    this.address = address
    this.attributes = attributes
  }
  attribute(name: string): Term {
    const own =
      this.attributes !== undefined && Object.hasOwn(this.attributes, name) ? this.attributes[name] : null
    return own ?? new Placeholder(`${this.address}.${name}`)
  }
  element(key: string | number): Term {
    return new Placeholder(`${this.address}[${JSON.stringify(key)}]`)
  }
  toTerm(): TermObject | string {
    return this.attributes ?? this.address
  }
}

export function isObject(term: Term | undefined): term is TermObject {
  return (
    typeof term === 'object' &&
    term !== null &&
    !Array.isArray(term) &&
    !(term instanceof Unknown) &&
    !(term instanceof SetTerm) &&
    !(term instanceof Placeholder)
  )
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Keys in the order in which Terraform walks maps and objects. */
export const sortedKeys = (object: TermObject): string[] => Object.keys(object).sort(compareText)

/** True if anything in it is known only after the apply. */
export function hasUnknown(term: Term): boolean {
  if (typeof term !== 'object' || term === null) return false
  if (term instanceof Unknown) return true
  if (Array.isArray(term)) return term.some(hasUnknown)
  if (term instanceof SetTerm) return term.items.some(hasUnknown)
  if (term instanceof Placeholder) return false
  return Object.values(term).some(hasUnknown)
}

/** A text that is equal for equal terms, whatever the order of their keys. */
export function canonical(term: Term): string {
  if (term instanceof Unknown) return '?'
  if (term instanceof SetTerm) return `s[${term.items.map(canonical).sort().join(',')}]`
  if (term instanceof Placeholder) return canonical(term.toTerm())
  if (Array.isArray(term)) return `[${term.map(canonical).join(',')}]`
  if (typeof term === 'object' && term !== null) {
    return `{${sortedKeys(term)
      .map((key) => `${JSON.stringify(key)}:${canonical(term[key] ?? null)}`)
      .join(',')}}`
  }
  return JSON.stringify(term)
}

/** Plain data; what is unknown becomes null. */
export function toValue(term: Term): Value {
  if (term instanceof Unknown) return null
  if (term instanceof SetTerm) return term.items.map(toValue)
  if (term instanceof Placeholder) return toValue(term.toTerm())
  if (Array.isArray(term)) return term.map(toValue)
  if (typeof term === 'object' && term !== null) {
    return Object.fromEntries(Object.entries(term).map(([key, item]) => [key, toValue(item)]))
  }
  return term
}

/** As messages call it. */
export function typeName(term: Term): string {
  if (term === null) return 'null'
  if (term instanceof Unknown) return 'a value known only after apply'
  if (term instanceof SetTerm) return 'a set'
  if (Array.isArray(term)) return 'a list'
  if (typeof term === 'boolean') return 'a bool'
  return typeof term === 'object' ? 'an object' : `a ${typeof term}`
}
