/** The part of the parser for `[…]`, `{…}` and the `for` expressions inside of them. */
import type { Expressions } from './expressions.ts'
import type { Node } from './syntax.ts'

/** After `[`. */
export function parseTupleOrFor(expressions: Expressions): Node {
  const { cursor } = expressions
  if (takeFor(expressions)) return parseFor(expressions, ']')
  const items: Node[] = []
  while (!cursor.skip().take(']')) {
    items.push(expressions.expression())
    if (!cursor.skip().take(',') && !cursor.at(']')) cursor.fail('"," or "]" is expected after the element')
  }
  return { kind: 'tuple', items }
}

/** After `{`. */
export function parseObjectOrFor(expressions: Expressions): Node {
  const { cursor } = expressions
  if (takeFor(expressions)) return parseFor(expressions, '}')
  const items: { key: Node; value: Node }[] = []
  while (!cursor.skip().take('}')) {
    const key = parseKey(expressions)
    if (!cursor.skip().take('=') && !cursor.take(':')) cursor.fail('"=" is expected after the key')
    items.push({ key, value: expressions.expression() })
    cursor.skip().take(',')
  }
  return { kind: 'object', items }
}

/** A bare name is the key itself; anything else is an expression. */
function parseKey(expressions: Expressions): Node {
  const name = expressions.cursor.skip().match(/[\p{L}_][\p{L}\p{N}_-]*(?=\s*(=(?!=)|:(?!:)))/uy)
  return name === undefined ? expressions.expression() : { kind: 'literal', value: name }
}

const takeFor = (expressions: Expressions) => expressions.cursor.skip().match(/for(?=\s)/y) !== undefined

/** After `for`: `k, v in collection` or `v in collection`. */
export function parseForIntroduction(expressions: Expressions) {
  const { cursor } = expressions
  let valueName = expressions.identifier('A name')
  let keyName: string | undefined
  if (cursor.skip().take(',')) {
    keyName = valueName
    valueName = expressions.identifier('A name')
  }
  if (expressions.identifier('"in"') !== 'in') cursor.fail('"in" is expected')
  return { keyName, valueName, collection: expressions.expression() }
}

function parseFor(expressions: Expressions, close: ']' | '}'): Node {
  const { cursor } = expressions
  const { keyName, valueName, collection } = parseForIntroduction(expressions)
  cursor.expect(':', 'after the collection')
  return expressions.binding([keyName, valueName], () => {
    let value = expressions.expression()
    let key: Node | undefined
    if (close === '}') {
      cursor.expect('=>', 'between key and value')
      key = value
      value = expressions.expression()
    }
    const grouping = cursor.skip().take('...')
    const condition =
      cursor.skip().match(/if(?=[\s(!])/y) === undefined ? undefined : expressions.expression()
    cursor.expect(close, 'at the end of the for expression')
    return { kind: 'for', keyName, valueName, collection, key, value, condition, grouping }
  })
}
