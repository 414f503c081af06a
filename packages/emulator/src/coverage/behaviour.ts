/**
 * The behaviours that AWS documents, as docs/coverage lists them. One that the emulator has is proven by a test of
 * that name, with its page of AWS's documentation in the comment right above: the list is read from the tests, so
 * that nothing is called done which no test proves. A test that is skipped proves nothing, neither does one in a
 * suite that is skipped; only a test that other systems than Linux skip counts, because CI runs it. What is otherwise
 * on purpose, or missing, a service says in its `behaviours.ts`.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type CallExpression, type Comment, type Expression, type ObjectExpression, parse } from 'acorn'
import { ancestor, simple } from 'acorn-walk'

/** A documented behaviour that a test proves. */
export interface ProvenBehaviour {
  readonly behaviour: string
  readonly page: string
  /** Path of the test from the root of the repository. */
  readonly test: string
}

const root = fileURLToPath(new URL('../../../../', import.meta.url))

/** What the tests of a file prove, in the order in which they stand. */
export function provenIn(text: string, test: string): ProvenBehaviour[] {
  const comments: Comment[] = []
  // Stripped, the types leave blanks: every line stays where it is.
  const program = parse(stripTypeScriptTypes(text), {
    ecmaVersion: 'latest',
    sourceType: 'module',
    locations: true,
    onComment: comments,
  })
  const lineComments = new Map(
    comments
      .filter(({ type }) => type === 'Line')
      .map((comment) => [comment.loc?.start.line ?? 0, comment.value]),
  )
  const proven: (ProvenBehaviour & { readonly line: number })[] = []
  ancestor(program, {
    CallExpression(call, _state, ancestors) {
      const line = call.loc?.start.line ?? 0
      const page = pageAbove(line, lineComments)
      const behaviour = nameOf(call)
      if (page === undefined || behaviour === undefined || !isCallOf(call, ['test', 'it'])) return
      const suites = ancestors.filter((node): node is CallExpression => node.type === 'CallExpression')
      if (suites.some(isSkipped)) return
      proven.push({ behaviour, page, test, line })
    },
  })
  return proven.sort((a, b) => a.line - b.line).map(({ line: _, ...rest }) => rest)
}

/** The address of AWS's documentation in the line comments that end right above a line. */
function pageAbove(line: number, comments: ReadonlyMap<number, string>): string | undefined {
  for (let above = line - 1; comments.has(above); above--) {
    const page = /(https:\/\/(?:docs|repost)\.aws\S*?)[.,:;]?(?:\s|$)/.exec(comments.get(above) ?? '')?.[1]
    if (page !== undefined) return page
  }
  return undefined
}

/** Calls of `test(…)`, and of `t.test(…)`; not of `test.skip(…)`. */
function isCallOf({ callee }: CallExpression, names: readonly string[]): boolean {
  if (callee.type === 'Identifier') return names.includes(callee.name)
  return (
    callee.type === 'MemberExpression' &&
    callee.property.type === 'Identifier' &&
    callee.property.name === 'test'
  )
}

/** The name of a test, where the source tells it. */
function nameOf({ arguments: [name] }: CallExpression): string | undefined {
  if (name?.type === 'Literal' && typeof name.value === 'string') return name.value
  if (name?.type === 'TemplateLiteral' && name.expressions.length === 0)
    return name.quasis[0]?.value.cooked ?? undefined
  return undefined
}

/** Whether a test or suite is not run, always or on some condition, its own body's `t.skip()` included. */
function isSkipped(call: CallExpression): boolean {
  const { callee } = call
  if (callee.type === 'MemberExpression' && callee.property.type === 'Identifier') {
    if (['skip', 'todo'].includes(callee.property.name)) return true
  }
  if (!isCallOf(call, ['test', 'it', 'describe', 'suite'])) return false
  const options = call.arguments.filter((argument) => argument.type === 'ObjectExpression')
  return options.some((argument) => leavesOut(argument)) || call.arguments.some(skipsItself)
}

function leavesOut(options: ObjectExpression): boolean {
  return options.properties.some((property) => {
    if (property.type !== 'Property' || property.key.type !== 'Identifier') return true
    return ['skip', 'todo'].includes(property.key.name) && !runsOnLinux(property.value)
  })
}

/** `false`, and `process.platform !== 'linux' && 'why'`. */
function runsOnLinux(skip: Expression): boolean {
  if (skip.type === 'Literal') return skip.value === false
  if (skip.type !== 'LogicalExpression' || skip.operator !== '&&') return false
  return isOtherThanLinux(skip.left)
}

function isOtherThanLinux(condition: Expression): boolean {
  if (condition.type !== 'BinaryExpression' || condition.operator !== '!==') return false
  const { left, right } = condition
  return (
    left.type === 'MemberExpression' &&
    left.property.type === 'Identifier' &&
    left.property.name === 'platform' &&
    right.type === 'Literal' &&
    right.value === 'linux'
  )
}

/** Whether the body of a test calls `t.skip()` or `t.todo()`, on any other condition than the system. */
function skipsItself(body: CallExpression['arguments'][number]): boolean {
  if (body.type !== 'ArrowFunctionExpression' && body.type !== 'FunctionExpression') return false
  const [context] = body.params
  if (context?.type !== 'Identifier') return false
  const excused = new Set<unknown>()
  let skips = false
  simple(body.body, {
    IfStatement({ test, consequent }) {
      if (!isOtherThanLinux(test)) return
      simple(consequent, { CallExpression: (call) => void excused.add(call) })
    },
  })
  simple(body.body, {
    CallExpression(call) {
      const { callee } = call
      if (callee.type !== 'MemberExpression' || callee.property.type !== 'Identifier') return
      if (callee.object.type !== 'Identifier' || callee.object.name !== context.name) return
      if (['skip', 'todo'].includes(callee.property.name) && !excused.has(call)) skips = true
    },
  })
  return skips
}

/** What the tests below a service's folder prove, in the order in which they stand. */
export function provenBehaviours(folder: string): ProvenBehaviour[] {
  const below = `packages/emulator/src/services/${folder}`
  return readdirSync(join(root, below), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.test.ts'))
    .sort()
    .flatMap((file) => provenIn(readFileSync(join(root, below, file), 'utf8'), `${below}/${file}`))
}
