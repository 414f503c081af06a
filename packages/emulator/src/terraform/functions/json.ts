/**
 * JSON as Terraform writes it: keys sorted, no spaces, and, as Go's encoder does for HTML, `<`, `>`, `&` and the
 * two line separators escaped. https://developer.hashicorp.com/terraform/language/functions/jsonencode
 */

import { ExpressionError } from '../model/diagnostics.ts'
import { exactNumber, numberText } from '../value/convert.ts'
import type { Term, TermObject } from '../value/term.ts'
import { isObject, Placeholder, SetTerm, sortedKeys } from '../value/term.ts'
import { invalid } from './arguments.ts'

export function jsonText(term: Term): string {
  if (typeof term === 'number') return numberText(term)
  if (typeof term === 'string') return quote(term)
  if (Array.isArray(term)) return `[${term.map(jsonText).join(',')}]`
  if (term instanceof SetTerm) return `[${term.items.map(jsonText).join(',')}]`
  if (term instanceof Placeholder) return jsonText(term.toTerm())
  if (isObject(term)) {
    return `{${sortedKeys(term)
      .map((key) => `${quote(key)}:${jsonText(term[key] ?? null)}`)
      .join(',')}}`
  }
  return String(term)
}

function quote(text: string): string {
  return JSON.stringify(text).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

export function parseJson(text: string): Term {
  try {
    return toTerm(JSON.parse(text, keepingDigits))
  } catch (error) {
    if (error instanceof ExpressionError || error instanceof RangeError) throw error
    return invalid(`It is not JSON: ${error instanceof Error ? error.message : String(error)}.`)
  }
}

const keepingDigits = (_key: string, value: unknown, context?: { source?: string }): unknown =>
  typeof value === 'number' && context?.source !== undefined ? exactNumber(context.source) : value

function toTerm(json: unknown): Term {
  if (Array.isArray(json)) return json.map(toTerm)
  if (typeof json === 'object' && json !== null) {
    const entries = Object.entries(json).map(([key, value]): [string, Term] => [key, toTerm(value)])
    return Object.fromEntries(entries) satisfies TermObject
  }
  return typeof json === 'string' || typeof json === 'number' || typeof json === 'boolean' ? json : null
}
