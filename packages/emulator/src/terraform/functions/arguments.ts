/** How a function of the table is declared, and how it reads its arguments. */

import { ExpressionError } from '../model/diagnostics.ts'
import { primitiveText, toNumber } from '../value/convert.ts'
import { boundedGraphemes } from '../value/limits.ts'
import type { Term, TermObject } from '../value/term.ts'
import { isObject, Placeholder, SetTerm, typeName } from '../value/term.ts'

/** What functions that look outside are given. */
export interface FunctionContext {
  /** The synthesized stack's folder: `path.module`. */
  readonly folder: string
  /** While planning, `timestamp` and `uuid` are unknown. */
  readonly planning: boolean
  now(): number
  uuid(): string
}

export interface TerraformFunction {
  /** Fewest and most arguments. */
  readonly arity: readonly [least: number, most: number]
  /**
   * `members`: an unknown inside of a collection does not make the result unknown. `own`: the function looks at its
   * arguments one after the other, and at unknown ones itself.
   */
  readonly unknown?: 'members' | 'own'
  /** Null is a value for it; otherwise a null argument is an error. */
  readonly nulls?: true
  call(args: readonly Term[], context: FunctionContext): Term
}

export type FunctionTable = Readonly<Record<string, TerraformFunction>>

/** An argument that the function cannot take. */
export function invalid(detail: string): never {
  throw new ExpressionError('Invalid function argument', detail)
}

export function text(args: readonly Term[], index: number): string {
  const term = args[index] ?? null
  return primitiveText(term) ?? invalid(`Argument ${index + 1} must be a string, not ${typeName(term)}.`)
}

export function number(args: readonly Term[], index: number): number {
  return toNumber(args[index] ?? null)
}

export function integer(args: readonly Term[], index: number): number {
  const value = number(args, index)
  return Number.isInteger(value)
    ? value
    : invalid(`Argument ${index + 1} must be a whole number, not ${value}.`)
}

/** A list or tuple: what has an order. */
export function sequence(args: readonly Term[], index: number): readonly Term[] {
  const term = args[index] ?? null
  if (term instanceof SetTerm)
    invalid(`Argument ${index + 1} is a set, whose elements have no order: use tolist(…).`)
  return list(args, index)
}

/** A list, tuple or set. */
export function list(args: readonly Term[], index: number): readonly Term[] {
  const term = args[index] ?? null
  return items(term) ?? invalid(`Argument ${index + 1} must be a list, not ${typeName(term)}.`)
}

export function items(term: Term): readonly Term[] | undefined {
  if (Array.isArray(term)) return term
  if (term instanceof Placeholder) return [term.element(0)]
  return term instanceof SetTerm ? term.items : undefined
}

/** A map or object. */
export function map(args: readonly Term[], index: number): TermObject {
  const term = args[index] ?? null
  return isObject(term) ? term : invalid(`Argument ${index + 1} must be a map, not ${typeName(term)}.`)
}

export function texts(args: readonly Term[], index: number): string[] {
  return list(args, index).map(
    (item) => primitiveText(item) ?? invalid(`A list of strings holds ${typeName(item)}.`),
  )
}

/** The parts of a text as a reader counts them. */
export function graphemes(value: string): string[] {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: plain ASCII needs no segmenter
  if (/^[\x00-\x7f]*$/.test(value)) return [...value]
  boundedGraphemes(value)
  return [...new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(value)].map(
    (part) => part.segment,
  )
}
