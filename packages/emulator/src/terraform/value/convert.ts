/**
 * Conversions between Terraform's primitive types, and the spelling of numbers.
 * https://developer.hashicorp.com/terraform/language/expressions/types#type-conversion
 *
 * Numbers are doubles here, where Terraform computes with 512 bits: fractions are rounded to 15 digits, so that
 * 0.1 + 0.2 is 0.3 in both, and 1/3 has fewer digits here.
 */
import { ExpressionError } from '../model/diagnostics.ts'
import type { Term } from './term.ts'
import { Placeholder, typeName } from './term.ts'

/** Decimal digits without an exponent, as Terraform writes numbers into strings. */
export function numberText(number: number): string {
  if (Number.isInteger(number)) return BigInt(number).toString()
  const text = String(number)
  const [mantissa = '', exponent] = text.split('e')
  if (exponent === undefined) return text
  const [whole = '', fraction = ''] = mantissa.replace('-', '').split('.')
  const digits = '0'.repeat(Math.max(0, -Number(exponent) - whole.length + 1)) + whole + fraction
  return `${number < 0 ? '-' : ''}0.${digits.slice(1)}`
}

/** Rounds off what the doubles add to a decimal result. */
export function roundNumber(number: number): number {
  return Number.isInteger(number) ? number : Number(number.toPrecision(15))
}

/** Text of a string, number or bool; undefined for anything else. */
export function primitiveText(term: Term): string | undefined {
  if (typeof term === 'string') return term
  if (typeof term === 'number') return numberText(term)
  if (typeof term === 'boolean') return String(term)
  return term instanceof Placeholder && term.attributes === undefined ? term.address : undefined
}

export function toText(term: Term): string {
  const text = primitiveText(term)
  if (text === undefined)
    throw new ExpressionError('Invalid value', `A string is required, not ${typeName(term)}.`)
  return text
}

export function toNumber(term: Term): number {
  if (typeof term === 'number') return term
  if (typeof term === 'string' && /^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$/.test(term))
    return exactNumber(term)
  const shown = typeof term === 'string' ? JSON.stringify(term) : typeName(term)
  throw new ExpressionError('Invalid value', `A number is required, not ${shown}.`)
}

/** Refuses a whole number with more digits than a double holds: it would be another number here. */
export function exactNumber(written: string): number {
  const number = Number(written)
  if (/^[-+]?\d+$/.test(written) && !Number.isSafeInteger(number) && BigInt(number) !== BigInt(written))
    throw new ExpressionError(
      'Number too large',
      `${written} has more digits than the emulator can keep: write it as a string.`,
    )
  return number
}

export function toBool(term: Term): boolean {
  if (typeof term === 'boolean') return term
  if (term === 'true' || term === '1') return true
  if (term === 'false' || term === '0') return false
  const shown = typeof term === 'string' ? JSON.stringify(term) : typeName(term)
  throw new ExpressionError('Invalid value', `A bool is required, not ${shown}.`)
}
