/**
 * Bounds for what the folder of a stack may make the engine compute. Terraform runs in its own process and may take all of
 * the machine's memory; this engine runs in the process that carries the traffic, on the thread that does. So what is
 * evaluated in one go takes less than 50 ms, and then traffic comes first (`createWork`). A platform stays far below each
 * bound.
 *
 * Values share their parts (`[local.a, local.a]`), so that a few lines can describe a value of 2^60 elements that takes no
 * memory until something walks it. Size and depth therefore count every path to a part, and are kept for each part.
 */
import { setImmediate } from 'node:timers/promises'
import { ExpressionError } from '../model/diagnostics.ts'
import type { Term } from './term.ts'
import { isObject, SetTerm } from './term.ts'

const limits = {
  /** Elements and attributes of one value, at all depths. */
  elements: 20_000,
  /** Characters of one value, in all of its strings together. */
  characters: 4 * 1024 * 1024,
  /** How deep collections may be nested, and expressions in their text. */
  depth: 200,
  /** What is evaluated in one go: each part of an expression is a step, and so is each element that a function is given. */
  steps: 40_000,
  /** Characters that a function is given and that count as one step. */
  charactersPerStep: 64,
  /** Characters of a text whose graphemes are looked for, which takes a microsecond each. */
  graphemes: 16 * 1024,
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

/** What was evaluated since other work of the process had its turn. */
export interface Work {
  steps: number
  /** Gives way to everything else where much was evaluated; call it between expressions. */
  breathe(): Promise<void>
}

/** So many steps take about a millisecond. */
const stepsBetweenBreaths = 1_000

export function createWork(): Work {
  return {
    steps: 0,
    async breathe() {
      if (this.steps < stepsBetweenBreaths) return
      await setImmediate()
      this.steps = 0
    },
  }
}

/** Throws `ExpressionError` where too much would be evaluated in one go. */
export function spend(work: Work | undefined, steps = 1): void {
  if (work === undefined) return
  work.steps += steps
  if (work.steps <= limits.steps) return
  throw new ExpressionError(
    'Expression too expensive',
    `It takes more than ${limits.steps} steps to evaluate, which is the limit of the emulator. Nested \`for\` expressions multiply their lengths: compute the value before the synthesis.`,
  )
}

/** The same for the arguments of a function, by their size. */
export function spendOn(work: Work | undefined, terms: readonly Term[]): void {
  const { elements, characters } = sum(terms)
  spend(work, elements + Math.ceil(characters / limits.charactersPerStep))
}

/** Throws `ExpressionError` for a text that is too long to be taken apart as a reader would. */
export function boundedGraphemes(text: string): void {
  if (text.length > limits.graphemes)
    tooLarge(`more than ${limits.graphemes} characters, some of them not ASCII, to be counted one by one`)
}
