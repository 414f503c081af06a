/**
 * The parser of Terraform's expression language: recursive descent, straight from the text. Line ends count as
 * white space throughout, which is right inside of `${…}`, where all expressions of the JSON syntax live.
 * https://developer.hashicorp.com/terraform/language/expressions
 */

import { exactNumber } from '../value/convert.ts'
import { parseForIntroduction, parseObjectOrFor, parseTupleOrFor } from './collections.ts'
import { Cursor } from './cursor.ts'
import type { Expressions } from './expressions.ts'
import type { BinaryOperator, Node } from './syntax.ts'
import { SPLAT } from './syntax.ts'
import { parseTemplate } from './template.ts'

const IDENTIFIER = /[\p{L}_][\p{L}\p{N}_-]*/uy

/** By precedence, loosest first. https://developer.hashicorp.com/terraform/language/expressions/operators */
const PRECEDENCE: readonly (readonly BinaryOperator[])[] = [
  ['||'],
  ['&&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['+', '-'],
  ['*', '/', '%'],
]

/** How many names of a traversal belong to what is declared: `data.aws_region.current` has two after the root. */
const NAMES_AFTER_ROOT: Readonly<Record<string, number>> = { self: 0, data: 2, ephemeral: 2 }

const templates = new Map<string, Node>()

/** A string of the JSON syntax, which is a template. Parsed once per text. */
export function parseString(source: string): Node {
  const known = templates.get(source)
  if (known !== undefined) return known
  const expressions = createExpressions(source)
  const node = parseTemplate(expressions.cursor, false, expressions)
  if (templates.size > 50_000) templates.clear()
  templates.set(source, node)
  return node
}

/** A bare expression, as in `depends_on`, `replace_triggered_by` or a type constraint. */
export function parseExpression(source: string): Node {
  const expressions = createExpressions(source)
  const node = expressions.expression()
  if (!expressions.cursor.skip().done) expressions.cursor.fail('The expression should end here')
  return node
}

function createExpressions(source: string): Expressions {
  const cursor = new Cursor(source)
  const bound: string[] = []

  const expressions: Expressions = {
    cursor,
    expression: () => conditional(),
    forIntroduction: () => parseForIntroduction(expressions),
    binding(names, parse) {
      const added = names.filter((name) => name !== undefined)
      bound.push(...added)
      const result = parse()
      bound.length -= added.length
      return result
    },
    identifier: (what) => cursor.skip().match(IDENTIFIER) ?? cursor.fail(`${what} is expected`),
  }

  function conditional(): Node {
    const condition = binary(0)
    if (!cursor.skip().take('?')) return condition
    const whenTrue = conditional()
    cursor.expect(':', 'in the conditional')
    return { kind: 'conditional', condition, whenTrue, whenFalse: conditional() }
  }

  function binary(level: number): Node {
    const operators = PRECEDENCE[level]
    if (operators === undefined) return unary()
    let left = binary(level + 1)
    for (;;) {
      cursor.skip()
      const operator = operators.find((candidate) => cursor.take(candidate))
      if (operator === undefined) return left
      left = { kind: 'binary', operator, left, right: binary(level + 1) }
    }
  }

  function unary(): Node {
    cursor.skip()
    for (const operator of ['-', '!'] as const) {
      if (cursor.take(operator)) return { kind: 'unary', operator, operand: unary() }
    }
    return traversal(primary(), false)
  }

  /** Attributes, indexes and splats that follow; within an attribute splat only attributes belong to it. */
  function traversal(start: Node, attributesOnly: boolean): Node {
    let node = start
    for (;;) {
      if (cursor.at('...')) return node
      if (cursor.take('.')) {
        if (cursor.take('*')) node = { kind: 'splat', of: node, each: traversal(splatElement(), true) }
        else node = step(node)
      } else if (!attributesOnly && cursor.take('[')) {
        if (cursor.skip().match(/\*\s*\]/y) !== undefined) {
          node = { kind: 'splat', of: node, each: traversal(splatElement(), false) }
        } else {
          const key = conditional()
          cursor.expect(']', 'after the index')
          node = { kind: 'index', of: node, key }
        }
      } else return node
    }
  }

  /** `.name`, or `.0`, the old spelling of an index. */
  function step(of: Node): Node {
    const index = cursor.match(/\d+/y)
    if (index !== undefined) return { kind: 'index', of, key: { kind: 'literal', value: Number(index) } }
    return { kind: 'attribute', of, name: expressions.identifier('An attribute name') }
  }

  function primary(): Node {
    cursor.skip()
    if (cursor.take('"')) return parseTemplate(cursor, true, expressions)
    if (cursor.take('(')) {
      const inner = conditional()
      cursor.expect(')', 'after the parenthesis')
      return inner
    }
    if (cursor.take('[')) return parseTupleOrFor(expressions)
    if (cursor.take('{')) return parseObjectOrFor(expressions)
    const number = cursor.match(/\d+(\.\d+)?([eE][-+]?\d+)?/y)
    if (number !== undefined) return { kind: 'literal', value: exactNumber(number) }
    if (cursor.at('<<')) cursor.fail('Heredocs are not part of the JSON syntax: write a string')
    return named(expressions.identifier('An expression'))
  }

  function named(name: string): Node {
    if (name === 'true' || name === 'false') return { kind: 'literal', value: name === 'true' }
    if (name === 'null') return { kind: 'literal', value: null }
    let functionName = name
    while (cursor.take('::')) functionName += `::${expressions.identifier('A function name')}`
    if (cursor.take('(')) return call(functionName)
    if (bound.includes(name)) return { kind: 'bound', name }
    let address = name
    for (let count = NAMES_AFTER_ROOT[name] ?? 1; count > 0 && cursor.at('.'); count--) {
      cursor.take('.')
      address += `.${expressions.identifier('A name')}`
    }
    return { kind: 'reference', root: name, address }
  }

  function call(name: string): Node {
    const args: Node[] = []
    let expandLast = false
    while (!cursor.skip().take(')')) {
      args.push(conditional())
      expandLast = cursor.skip().take('...')
      if (!cursor.skip().take(',') && !cursor.at(')'))
        cursor.fail('"," or ")" is expected after the argument')
    }
    return { kind: 'call', name, args, expandLast }
  }

  return expressions
}

const splatElement = (): Node => ({ kind: 'bound', name: SPLAT })
