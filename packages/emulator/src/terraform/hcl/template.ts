/**
 * Templates: text with `${…}` interpolations and `%{if}`/`%{for}` directives. In Terraform's JSON syntax every
 * string is one; inside expressions a quoted string is one, with backslash escapes on top.
 * https://developer.hashicorp.com/terraform/language/expressions/strings#string-templates
 */
import type { Cursor } from './cursor.ts'
import type { Expressions } from './expressions.ts'
import type { Node } from './syntax.ts'

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '"': '"', '\\': '\\' }

interface Parts {
  readonly parts: Node[]
  /** The directive that ended it: `else`, `endif`, `endfor`. */
  readonly end: string | undefined
}

/** Parses up to the end of the source, or, `quoted`, up to and past the closing quote. */
export function parseTemplate(cursor: Cursor, quoted: boolean, expressions: Expressions): Node {
  const { parts, end } = parseParts(cursor, quoted, expressions)
  if (end !== undefined) cursor.fail(`"%{ ${end} }" has no beginning`)
  if (quoted && !cursor.take('"')) cursor.fail('A closing quote is expected')
  return join(parts)
}

function join(parts: readonly Node[]): Node {
  const [only] = parts
  if (only === undefined) return { kind: 'literal', value: '' }
  if (parts.length === 1 && only.kind !== 'templateIf' && only.kind !== 'templateFor') return only
  return { kind: 'template', parts }
}

function parseParts(cursor: Cursor, quoted: boolean, expressions: Expressions): Parts {
  const parts: Node[] = []
  let text = ''
  let trimNext = false
  const flush = (trimEnd: boolean) => {
    if (trimNext) text = text.trimStart()
    if (trimEnd) text = text.trimEnd()
    // As in Terraform, equal texts are equal however their characters are composed.
    if (text !== '') parts.push({ kind: 'literal', value: text.normalize('NFC') })
    text = ''
    trimNext = false
  }
  while (!cursor.done && !(quoted && cursor.at('"'))) {
    if (cursor.take('$${')) text += '${'
    else if (cursor.take('%%{')) text += '%{'
    else if (cursor.take('${')) {
      flush(cursor.take('~'))
      parts.push(expressions.expression())
      trimNext = closeSequence(cursor)
    } else if (cursor.take('%{')) {
      flush(cursor.take('~'))
      const word = cursor.skip().match(/[a-z]+/y) ?? cursor.fail('A directive is expected')
      if (word !== 'if' && word !== 'for') {
        const trimBefore = closeSequence(cursor)
        return { parts: trimBefore ? [...parts, TRIM] : parts, end: word }
      }
      const directive = word === 'if' ? parseIf : parseFor
      const { node, trimAfter } = directive(cursor, quoted, expressions)
      parts.push(node)
      trimNext = trimAfter
    } else if (quoted && cursor.take('\\')) text += parseEscape(cursor)
    else {
      const plain = cursor.match(quoted ? /[^"\\$%]+/y : /[^$%]+/y)
      if (plain === undefined) text += cursor.source[cursor.position++] ?? ''
      else text += plain
    }
  }
  flush(false)
  return { parts, end: undefined }
}

/** Stands behind the parts when the directive that ended them trims the text after it. */
const TRIM: Node = { kind: 'literal', value: null }

function body(parts: Parts): { node: Node; trimAfter: boolean } {
  const trimAfter = parts.parts.at(-1) === TRIM
  const own = trimAfter ? parts.parts.slice(0, -1) : parts.parts
  return { node: { kind: 'template', parts: own }, trimAfter }
}

function trimFirst(node: Node): Node {
  if (node.kind !== 'template') return node
  const [first, ...rest] = node.parts
  if (first?.kind !== 'literal' || typeof first.value !== 'string') return node
  return { kind: 'template', parts: [{ kind: 'literal', value: first.value.trimStart() }, ...rest] }
}

function parseIf(cursor: Cursor, quoted: boolean, expressions: Expressions) {
  const condition = expressions.expression()
  const trimThen = closeSequence(cursor)
  const first = parseParts(cursor, quoted, expressions)
  let then = body(first)
  let otherwise: ReturnType<typeof body> | undefined
  if (first.end === 'else') {
    const second = parseParts(cursor, quoted, expressions)
    if (second.end !== 'endif') cursor.fail('"%{ endif }" is expected')
    otherwise = body(second)
    if (then.trimAfter) otherwise = { ...otherwise, node: trimFirst(otherwise.node) }
  } else if (first.end !== 'endif') cursor.fail('"%{ endif }" is expected')
  if (trimThen) then = { ...then, node: trimFirst(then.node) }
  const node: Node = { kind: 'templateIf', condition, whenTrue: then.node, whenFalse: otherwise?.node }
  return { node, trimAfter: (otherwise ?? then).trimAfter }
}

function parseFor(cursor: Cursor, quoted: boolean, expressions: Expressions) {
  const { keyName, valueName, collection } = expressions.forIntroduction()
  const trimBody = closeSequence(cursor)
  const parts = expressions.binding([keyName, valueName], () => parseParts(cursor, quoted, expressions))
  if (parts.end !== 'endfor') cursor.fail('"%{ endfor }" is expected')
  const own = body(parts)
  const inner = trimBody ? trimFirst(own.node) : own.node
  const node: Node = { kind: 'templateFor', keyName, valueName, collection, body: inner }
  return { node, trimAfter: own.trimAfter }
}

/** Moves past the closing brace; true if the white space after it goes. */
function closeSequence(cursor: Cursor): boolean {
  const trim = cursor.skip().take('~')
  if (!cursor.take('}')) cursor.fail('"}" is expected at the end of the interpolation')
  return trim
}

function parseEscape(cursor: Cursor): string {
  const code = cursor.match(/u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}/y)
  if (code !== undefined) return String.fromCodePoint(Number.parseInt(code.slice(1), 16))
  const letter = cursor.match(/[nrt"\\]/y) ?? cursor.fail('An escape sequence is expected')
  return ESCAPES[letter] ?? letter
}
