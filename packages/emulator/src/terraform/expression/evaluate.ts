/**
 * Evaluates the syntax tree of an expression in a scope. Values that are known only after the apply travel
 * through: whatever depends on one is unknown, collections stay known around unknown members.
 */

import type { FunctionContext } from '../functions/arguments.ts'
import { costOf } from '../functions/costs.ts'
import { callFunction } from '../functions/index.ts'
import { parseString } from '../hcl/expression.ts'
import type { ForNode, Node, TemplateForNode } from '../hcl/syntax.ts'
import { SPLAT } from '../hcl/syntax.ts'
import { ExpressionError } from '../model/diagnostics.ts'
import { attributeOf, elementOf, entriesOf } from '../value/access.ts'
import { primitiveText, toBool } from '../value/convert.ts'
import { bounded, boundedCharacters, spend, spendOn, type Work } from '../value/limits.ts'
import type { Term, TermObject } from '../value/term.ts'
import { hasUnknown, SetTerm, typeName, UNKNOWN, Unknown } from '../value/term.ts'
import { unify } from '../value/unify.ts'
import { applyBinary, applyUnary } from './operators.ts'

export interface Scope {
  /** The value of a reference; throws `ExpressionError` for what is not declared. */
  resolve(address: string, root: string): Term
  readonly functions: FunctionContext
  /** Names bound by `for`, and the iterators of dynamic blocks. */
  readonly bindings?: Bindings | undefined
  /** What was evaluated in one go; absent where nothing bounds it. */
  readonly work?: Work
}

export interface Bindings {
  readonly name: string
  readonly value: Term
  readonly outer: Bindings | undefined
}

const charactersParsedPerStep = 4

/** A string of the JSON syntax. An error quotes the whole string. */
export function evaluateString(source: string, scope: Scope): Term {
  if (!source.includes('${') && !source.includes('%{')) return source.normalize('NFC')
  try {
    spend(scope.work, Math.ceil(source.length / charactersParsedPerStep))
    return evaluate(parseString(source), scope)
  } catch (error) {
    if (!(error instanceof ExpressionError) || error.expression !== undefined) throw error
    throw new ExpressionError(error.summary, error.message, source)
  }
}

/** Any JSON where an expression is allowed. Comment members (`//`) are left out. */
export function evaluateJson(json: unknown, scope: Scope): Term {
  if (typeof json === 'string') return evaluateString(json, scope)
  if (Array.isArray(json)) return bounded(json.map((item) => evaluateJson(item, scope)))
  if (typeof json === 'object' && json !== null) {
    const result: TermObject = {}
    for (const [key, item] of Object.entries(json)) {
      if (key === '//') continue
      const name = evaluateString(key, scope)
      if (name instanceof Unknown) return UNKNOWN
      result[primitiveText(name) ?? key] = evaluateJson(item, scope)
    }
    return bounded(result)
  }
  return typeof json === 'number' || typeof json === 'boolean' ? json : null
}

function evaluate(node: Node, scope: Scope): Term {
  spend(scope.work)
  switch (node.kind) {
    case 'literal':
      return node.value
    case 'template':
      return template(node.parts, scope)
    case 'tuple':
      return bounded(node.items.map((item) => evaluate(item, scope)))
    case 'object':
      return object(node.items, scope)
    case 'for':
      return forExpression(node, scope)
    case 'reference':
      return reference(node.address, node.root, scope)
    case 'bound':
      return boundValue(node.name, scope) ?? null
    case 'attribute':
      return attributeOf(evaluate(node.of, scope), node.name)
    case 'index':
      return elementOf(evaluate(node.of, scope), evaluate(node.key, scope))
    case 'splat':
      return splat(evaluate(node.of, scope), node.each, scope)
    case 'unary':
      return applyUnary(node.operator, evaluate(node.operand, scope))
    case 'binary':
      return binary(node, scope)
    case 'conditional':
      return conditional(node, scope)
    case 'call':
      return call(node, scope)
    case 'templateIf':
    case 'templateFor':
      return templateText(node, scope) ?? UNKNOWN
  }
}

function binary({ operator, left, right }: Extract<Node, { kind: 'binary' }>, scope: Scope): Term {
  const first = evaluate(left, scope)
  return applyBinary(operator, first, () => {
    const second = evaluate(right, scope)
    if (operator === '==' || operator === '!=') spendOn(scope.work, [first, second])
    return second
  })
}

function reference(address: string, root: string, scope: Scope): Term {
  const iterator = boundValue(root, scope)
  if (iterator === undefined) return scope.resolve(address, root)
  const name = address.slice(root.length + 1)
  return name === '' ? iterator : attributeOf(iterator, name)
}

function boundValue(name: string, scope: Scope): Term | undefined {
  for (let binding = scope.bindings; binding !== undefined; binding = binding.outer) {
    if (binding.name === name) return binding.value
  }
  return undefined
}

/** The scope with one more name in it. */
export function bind(scope: Scope, name: string | undefined, value: Term): Scope {
  return name === undefined ? scope : { ...scope, bindings: { name, value, outer: scope.bindings } }
}

function template(parts: readonly Node[], scope: Scope): Term {
  let text = ''
  let known = true
  for (const part of parts) {
    const piece = templateText(part, scope)
    if (piece === undefined) known = false
    else text += piece
    boundedCharacters(text.length)
  }
  return known ? text : UNKNOWN
}

/** Undefined while unknown. */
function templateText(part: Node, scope: Scope): string | undefined {
  if (part.kind === 'templateIf') {
    const condition = evaluate(part.condition, scope)
    if (condition instanceof Unknown) return undefined
    const chosen = toBool(condition) ? part.whenTrue : part.whenFalse
    return chosen === undefined ? '' : templateText(chosen, scope)
  }
  if (part.kind === 'templateFor') return templateFor(part, scope)
  const term = evaluate(part, scope)
  if (term instanceof Unknown) return undefined
  const text = primitiveText(term)
  if (text !== undefined) return text
  throw new ExpressionError(
    'Invalid template interpolation',
    `The value is ${typeName(term)}, and only strings, numbers and bools can stand in a text. Use jsonencode or join.`,
  )
}

function templateFor(node: TemplateForNode, scope: Scope): string | undefined {
  const collection = evaluate(node.collection, scope)
  if (collection instanceof Unknown) return undefined
  let text = ''
  let isKnown = true
  for (const [key, value] of entriesOf(collection)) {
    const piece = templateText(node.body, bind(bind(scope, node.keyName, key), node.valueName, value))
    if (piece === undefined) isKnown = false
    else text += piece
    boundedCharacters(text.length)
  }
  return isKnown ? text : undefined
}

function object(items: readonly { key: Node; value: Node }[], scope: Scope): Term {
  const result: TermObject = {}
  for (const { key, value } of items) {
    const name = evaluate(key, scope)
    if (name instanceof Unknown) return UNKNOWN
    const text = primitiveText(name)
    if (text === undefined)
      throw new ExpressionError('Invalid object key', `A key cannot be ${typeName(name)}.`)
    result[text] = evaluate(value, scope)
  }
  return bounded(result)
}

function forExpression(node: ForNode, scope: Scope): Term {
  const collection = evaluate(node.collection, scope)
  if (collection instanceof Unknown) return UNKNOWN
  const list: Term[] = []
  const result: TermObject = {}
  const groups = new Map<string, Term[]>()
  for (const [key, value] of entriesOf(collection)) {
    const inner = bind(bind(scope, node.keyName, key), node.valueName, value)
    if (node.condition !== undefined) {
      const condition = evaluate(node.condition, inner)
      if (condition instanceof Unknown) return UNKNOWN
      if (!toBool(condition)) continue
    }
    const item = evaluate(node.value, inner)
    if (node.key === undefined) {
      list.push(item)
      continue
    }
    const name = evaluate(node.key, inner)
    if (name instanceof Unknown) return UNKNOWN
    const text = primitiveText(name)
    if (text === undefined)
      throw new ExpressionError('Invalid object key', `A key cannot be ${typeName(name)}.`)
    if (node.grouping) {
      const group = groups.get(text) ?? []
      group.push(item)
      groups.set(text, group)
      result[text] = group
    } else if (Object.hasOwn(result, text)) {
      throw new ExpressionError(
        'Duplicate object key',
        `Two elements have the key "${text}": group them with "...".`,
      )
    } else result[text] = item
  }
  return bounded(node.key === undefined ? list : result)
}

function splat(of: Term, each: Node, scope: Scope): Term {
  if (of instanceof Unknown) return UNKNOWN
  const items = of === null ? [] : Array.isArray(of) ? of : of instanceof SetTerm ? of.items : [of]
  return bounded(items.map((item) => evaluate(each, bind(scope, SPLAT, item))))
}

function conditional(node: Extract<Node, { kind: 'conditional' }>, scope: Scope): Term {
  const condition = evaluate(node.condition, scope)
  if (condition instanceof Unknown) return UNKNOWN
  const [chosen, other] = toBool(condition)
    ? [node.whenTrue, node.whenFalse]
    : [node.whenFalse, node.whenTrue]
  const result = evaluate(chosen, scope)
  const unused = tryEvaluate(other, scope)
  if (unused === undefined) return result
  spendOn(scope.work, [result, unused])
  try {
    return unify([result, unused])[0] ?? null
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error
    throw new ExpressionError('Inconsistent conditional result types', error.message)
  }
}

function tryEvaluate(node: Node, scope: Scope): Term | undefined {
  try {
    return evaluate(node, scope)
  } catch (error) {
    if (error instanceof ExpressionError) return undefined
    throw error
  }
}

/** Whether something succeeds is known only when all of it is. */
function attempt(name: 'can' | 'try', args: readonly Node[], scope: Scope): Term {
  for (const arg of args) {
    const result = tryEvaluate(arg, scope)
    if (result === undefined) continue
    if (hasUnknown(result)) return UNKNOWN
    return name === 'can' ? true : result
  }
  if (name === 'can') return false
  throw new ExpressionError('Error in function call', 'try(): none of its expressions succeeded.')
}

function call(node: Extract<Node, { kind: 'call' }>, scope: Scope): Term {
  if (node.name === 'can' || node.name === 'try') return attempt(node.name, node.args, scope)
  const args = node.args.map((arg) => evaluate(arg, scope))
  if (node.expandLast) {
    const last = args.pop()
    if (last instanceof Unknown) return UNKNOWN
    args.push(...entriesOf(last ?? null).map(([, value]) => value))
  }
  spendOn(scope.work, args)
  spend(scope.work, costOf(node.name, args))
  return callFunction(node.name, args, scope.functions)
}
