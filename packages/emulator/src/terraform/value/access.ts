/** Attributes and elements of terms, with Terraform's errors for those that are not there. */
import { ExpressionError } from '../model/diagnostics.ts'
import { primitiveText, toNumber } from './convert.ts'
import type { Term } from './term.ts'
import { isObject, Placeholder, SetTerm, sortedKeys, typeName, UNKNOWN, Unknown } from './term.ts'

/** `of.name` */
export function attributeOf(of: Term, name: string): Term {
  if (of instanceof Unknown) return UNKNOWN
  if (of instanceof Placeholder) return of.attribute(name)
  if (isObject(of)) {
    if (Object.hasOwn(of, name)) return of[name] ?? null
    const known = sortedKeys(of)
    const shown = known.length > 12 ? `${known.slice(0, 12).join(', ')}, …` : known.join(', ')
    throw new ExpressionError(
      'Unsupported attribute',
      `There is no attribute "${name}". There are: ${shown || 'none'}.`,
    )
  }
  if (of === null) throw new ExpressionError('Attribute of null', `The value before ".${name}" is null.`)
  const hint =
    Array.isArray(of) || of instanceof SetTerm ? ' Choose an element first, e.g. with one(…) or [0].' : ''
  throw new ExpressionError('Unsupported attribute', `${typeName(of)} has no attribute "${name}".${hint}`)
}

/** `of[key]` */
export function elementOf(of: Term, key: Term): Term {
  if (of instanceof Unknown || key instanceof Unknown) return UNKNOWN
  if (of instanceof Placeholder) return of.element(typeof key === 'number' ? key : (primitiveText(key) ?? ''))
  if (key === null) throw new ExpressionError('Invalid index', 'The index is null.')
  if (Array.isArray(of)) {
    const index = toNumber(key)
    const element = of[index]
    if (element !== undefined) return element
    const size = of.length === 0 ? 'The list is empty' : `The list has ${of.length} elements, counted from 0`
    throw new ExpressionError('Invalid index', `${size}: there is no element ${index}.`)
  }
  if (of instanceof SetTerm) {
    throw new ExpressionError('Invalid index', 'Elements of a set have no index: use tolist(…) or one(…).')
  }
  const name = primitiveText(key)
  if (isObject(of) && name !== undefined) {
    if (Object.hasOwn(of, name)) return of[name] ?? null
    throw new ExpressionError('Invalid index', `There is no element with the key "${name}".`)
  }
  throw new ExpressionError('Invalid index', `${typeName(of)} has no elements.`)
}

/** Pairs of key and value, as `for` and `for_each` see them. */
export function entriesOf(collection: Term): [key: Term, value: Term][] {
  if (Array.isArray(collection)) return collection.map((value, index) => [index, value])
  if (collection instanceof SetTerm) return collection.items.map((value) => [value, value])
  if (isObject(collection)) return sortedKeys(collection).map((key) => [key, collection[key] ?? null])
  if (collection instanceof Placeholder) return []
  throw new ExpressionError(
    'Iteration over something else',
    `It is ${typeName(collection)}, not a list, set or map.`,
  )
}
