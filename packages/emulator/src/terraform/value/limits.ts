/**
 * Bounds for what the folder of a stack may make the engine compute. Terraform runs in its own process and may take all of
 * the machine's memory; this engine runs in the process that carries the traffic. A platform stays far below each bound.
 *
 * Values share their parts (`[local.a, local.a]`), so that a few lines can describe a value of 2^60 elements that takes no
 * memory until something walks it. Size and depth therefore count every path to a part, and are kept for each part.
 */
import { ExpressionError } from '../model/diagnostics.ts'
import type { Term } from './term.ts'
import { isObject, SetTerm } from './term.ts'

const limits = {
  /** Elements and attributes of one value, at all depths. */
  elements: 200_000,
  /** Characters of one value, in all of its strings together. */
  characters: 64 * 1024 * 1024,
  /** How deep collections may be nested, and expressions in their text. */
  depth: 200,
  /** Evaluated parts of one expression: each element of a `for` counts. */
  steps: 500_000,
} as const

interface Size {
  readonly elements: number
  readonly characters: number
  readonly depth: number
}

const leaf: Size = { elements: 1, characters: 0, depth: 0 }
const sizes = new WeakMap<object, Size>()

/** The value itself; throws `ExpressionError` for one that is too large. Call it for every collection and text that is made. */
export function bounded<T extends Term>(term: T): T {
  check(sizeOf(term))
  return term
}

/** The same for the arguments of a function, before they are joined to one result. */
export const boundedTogether = (terms: readonly Term[]): void => check(sum(terms))

/** Throws `ExpressionError` where a result would have that many elements. */
export function boundedElements(elements: number): void {
  check({ ...leaf, elements })
}

/** Throws `ExpressionError` where a text would have that many characters. */
export function boundedCharacters(characters: number): void {
  check({ ...leaf, characters })
}

/** For texts that are put together piece by piece. */
export function boundedText(pieces: Iterable<string>, separator = ''): string {
  let characters = 0
  const parts: string[] = []
  for (const piece of pieces) {
    characters += piece.length + separator.length
    boundedCharacters(characters)
    parts.push(piece)
  }
  return parts.join(separator)
}

function check({ elements, characters, depth }: Size): void {
  if (elements > limits.elements) tooLarge(`more than ${limits.elements} elements`)
  if (characters > limits.characters) tooLarge(`more than ${limits.characters / 1024 / 1024} Mi characters`)
  if (depth > limits.depth) tooLarge(`more than ${limits.depth} levels of collections in each other`)
}

function tooLarge(what: string): never {
  throw new ExpressionError(
    'Value too large',
    `It would have ${what}, which is the limit of the emulator. Compute it before the synthesis, or make it smaller.`,
  )
}

function sizeOf(term: Term): Size {
  if (typeof term === 'string') return { ...leaf, characters: term.length }
  if (typeof term !== 'object' || term === null) return leaf
  const known = sizes.get(term)
  if (known !== undefined) return known
  const size = Array.isArray(term)
    ? sum(term)
    : term instanceof SetTerm
      ? sum(term.items)
      : isObject(term)
        ? sum(Object.values(term), Object.keys(term))
        : leaf
  sizes.set(term, size)
  return size
}

function sum(terms: readonly Term[], keys: readonly string[] = []): Size {
  let [elements, characters, depth] = [1, 0, 0]
  for (const key of keys) characters += key.length
  for (const term of terms) {
    const size = sizeOf(term)
    elements += size.elements
    characters += size.characters
    depth = Math.max(depth, size.depth)
  }
  return { elements, characters, depth: depth + 1 }
}

/** Counts the steps of one expression. */
export interface Budget {
  steps: number
}

export function spend(budget: Budget): void {
  budget.steps += 1
  if (budget.steps <= limits.steps) return
  throw new ExpressionError(
    'Expression too expensive',
    `It takes more than ${limits.steps} steps to evaluate, which is the limit of the emulator. Nested \`for\` expressions multiply their lengths: compute the value before the synthesis.`,
  )
}
