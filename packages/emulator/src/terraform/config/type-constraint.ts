/** Type constraints of variables. https://developer.hashicorp.com/terraform/language/expressions/type-constraints */

import { items } from '../functions/arguments.ts'
import { parseExpression } from '../hcl/expression.ts'
import type { Node } from '../hcl/syntax.ts'
import { ExpressionError } from '../model/diagnostics.ts'
import { primitiveText, toBool, toNumber, toText } from '../value/convert.ts'
import type { Term, TermObject } from '../value/term.ts'
import { isObject, SetTerm, typeName } from '../value/term.ts'
import { unify } from '../value/unify.ts'

/** Converts a value to the type; throws `ExpressionError` that says where it does not fit. */
export function convertTo(constraint: string, value: Term): Term {
  return convert(parseExpression(constraint), value)
}

function convert(type: Node, value: Term): Term {
  if (value === null) return null
  if (type.kind === 'reference') return convertPrimitive(type.root, value)
  if (type.kind !== 'call')
    return wrong('Invalid type constraint', 'It is neither a type nor a constructor of one.')
  const [argument] = type.args
  if (argument === undefined) return wrong('Invalid type constraint', `${type.name}() names no type.`)
  switch (type.name) {
    case 'list':
      return unify(members(value, 'a list').map((member) => convert(argument, member)))
    case 'set':
      return new SetTerm(unify(members(value, 'a set').map((member) => convert(argument, member))))
    case 'map':
      return mapValues(object(value, 'a map'), (member) => convert(argument, member))
    case 'tuple':
      return convertTuple(argument, value)
    case 'object':
      return convertObject(argument, object(value, 'an object'))
    default:
      return wrong('Invalid type constraint', `There is no type constructor "${type.name}".`)
  }
}

function convertPrimitive(name: string, value: Term): Term {
  if (name === 'any') return value
  if (name === 'string') return toText(value)
  if (name === 'number') return toNumber(value)
  if (name === 'bool') return toBool(value)
  return wrong('Invalid type constraint', `There is no type "${name}".`)
}

function convertTuple(type: Node, value: Term): Term {
  const types = type.kind === 'tuple' ? type.items : []
  const values = members(value, 'a tuple')
  if (values.length !== types.length)
    wrong('Invalid value', `A tuple of ${types.length} elements is required.`)
  return types.map((member, index) => convert(member, values[index] ?? null))
}

function convertObject(type: Node, value: TermObject): Term {
  const attributes = type.kind === 'object' ? type.items : []
  const result: TermObject = {}
  for (const { key, value: declared } of attributes) {
    const name = key.kind === 'literal' ? String(key.value) : ''
    const isOptional = declared.kind === 'call' && declared.name === 'optional'
    const [inner, fallback] = isOptional ? declared.args : [declared]
    if (inner === undefined) continue
    const given = Object.hasOwn(value, name) ? (value[name] ?? null) : null
    if (given === null && !isOptional && !Object.hasOwn(value, name)) {
      wrong('Invalid value', `The attribute "${name}" is required.`)
    }
    result[name] = convert(inner, given ?? (fallback === undefined ? null : literal(fallback)))
  }
  return result
}

/** The default of an `optional(…)` attribute. */
function literal(node: Node): Term {
  if (node.kind === 'literal') return node.value
  if (node.kind === 'tuple') return node.items.map(literal)
  if (node.kind !== 'object')
    return wrong('Invalid type constraint', 'The default of optional() must be a literal.')
  return Object.fromEntries(
    node.items.map(({ key, value }) => [primitiveText(literal(key)) ?? '', literal(value)]),
  )
}

function members(value: Term, wanted: string): readonly Term[] {
  return items(value) ?? wrong('Invalid value', `${wanted} is required, not ${typeName(value)}.`)
}

function object(value: Term, wanted: string): TermObject {
  return isObject(value) ? value : wrong('Invalid value', `${wanted} is required, not ${typeName(value)}.`)
}

function mapValues(of: TermObject, change: (member: Term) => Term): TermObject {
  return Object.fromEntries(Object.entries(of).map(([key, member]) => [key, change(member)]))
}

function wrong(summary: string, detail: string): never {
  throw new ExpressionError(summary, detail)
}
