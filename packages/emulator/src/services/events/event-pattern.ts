/**
 * EventBridge's event patterns: every field that the pattern names must exist and match one of its values;
 * fields that it does not name do not matter. `$or` holds patterns of which one must match.
 *
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */
import { BlockList, isIP } from 'node:net'
import { isObject } from '../../json-object.ts'
import { compileWildcard } from '../../matching/wildcard.ts'

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Reads a pattern; throws an error that says what is wrong with it. */
export function eventPattern(json: string): (event: unknown) => boolean {
  let pattern: unknown
  try {
    pattern = JSON.parse(json)
  } catch (error) {
    throw new Error(`the event pattern is not JSON: ${(error as Error).message}`, { cause: error })
  }
  if (!isObject(pattern)) throw new Error('an event pattern is an object')
  return compile(pattern as { [key: string]: Json }, '')
}

function compile(pattern: { [key: string]: Json }, path: string): (value: unknown) => boolean {
  const fields = Object.entries(pattern).map(([name, expected]) => {
    const at = path === '' ? name : `${path}.${name}`
    if (isAlternative(name, expected)) {
      const tests = expected.map((alternative) => compile(alternative, path))
      return (value: { [key: string]: unknown }) => tests.some((test) => test(value))
    }
    const test = Array.isArray(expected) ? anyOf(expected, at) : nested(expected, at)
    return (value: { [key: string]: unknown }) => test(value[name])
  })
  return (value) => isObject(value) && fields.every((field) => field(value))
}

/**
 * A field of this name is an operator only with two patterns or more, none of which reads like an operator itself.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-complex-example-or
 */
const isAlternative = (name: string, expected: Json): expected is { [key: string]: Json }[] =>
  name === '$or' &&
  Array.isArray(expected) &&
  expected.length > 1 &&
  expected.every((each) => isObject(each) && !Object.keys(each).some((key) => Object.hasOwn(OPERATORS, key)))

function nested(expected: Json, path: string): (value: unknown) => boolean {
  if (!isObject(expected)) throw new Error(`${path}: a pattern's values must be an array`)
  const test = compile(expected as { [key: string]: Json }, path)
  // A pattern over an absent object matches where it requires only that fields are absent.
  return (value) => test(value ?? {})
}

function anyOf(alternatives: readonly Json[], path: string): (value: unknown) => boolean {
  if (alternatives.length === 0) throw new Error(`${path}: Empty arrays are not allowed`)
  const tests = alternatives.map((alternative) => matcher(alternative, path))
  return (value) =>
    Array.isArray(value) ? tests.some((test) => value.some(test)) : tests.some((test) => test(value))
}

function matcher(expected: Json, path: string): (value: unknown) => boolean {
  if (!isObject(expected)) return (value) => value === expected
  const [[operator, operand] = ['', null]] = Object.entries(expected as { [key: string]: Json })
  const make = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined
  if (make === undefined) throw new Error(`${path}: Unrecognized match type ${operator}`)
  return make(operand, path)
}

/** The start or the end of a text; upper and lower case are equal where the operand says so. */
function affix(matches: (value: string, part: string) => boolean) {
  return (operand: Json) => {
    const folded = isObject(operand) ? operand['equals-ignore-case'] : undefined
    const part = String(folded ?? operand)
    if (folded === undefined) return (value: unknown) => typeof value === 'string' && matches(value, part)
    const lower = part.toLowerCase()
    return (value: unknown) => typeof value === 'string' && matches(value.toLowerCase(), lower)
  }
}

const OPERATORS: Readonly<Record<string, (operand: Json, path: string) => (value: unknown) => boolean>> = {
  prefix: affix((value, part) => value.startsWith(part)),
  suffix: affix((value, part) => value.endsWith(part)),
  'equals-ignore-case': (operand) => (value) =>
    typeof value === 'string' && value.toLowerCase() === String(operand).toLowerCase(),
  exists: (operand) => (value) => (value !== undefined) === (operand === true),
  'anything-but'(operand, path) {
    const tests = excluded(operand).map((item) => matcher(item, path))
    return (value) => value !== undefined && !tests.some((test) => test(value))
  },
  cidr(operand, path) {
    const [address = '', bits = ''] = String(operand).split('/')
    const range = new BlockList()
    try {
      range.addSubnet(address, Number(bits || Number.NaN), familyOf(address))
    } catch (cause) {
      throw new Error(`${path}: ${operand} is not a range of addresses`, { cause })
    }
    return (value) => typeof value === 'string' && isIP(value) !== 0 && range.check(value, familyOf(value))
  },
  wildcard(operand, path) {
    const matches = compileWildcard(checkedWildcard(operand, path), { escapable: '*\\' })
    return (value) => typeof value === 'string' && matches(value)
  },
  numeric(operand, path) {
    const parts = Array.isArray(operand) ? operand : []
    const conditions = Array.from({ length: parts.length / 2 }, (_, index) => {
      const compare = COMPARISONS[String(parts[index * 2])]
      if (compare === undefined) throw new Error(`${path}: ${parts[index * 2]} is not a numeric comparison`)
      return (value: number) => compare(value, Number(parts[index * 2 + 1]))
    })
    return (value) => typeof value === 'number' && conditions.every((condition) => condition(value))
  },
}

/**
 * A backslash makes `*` and itself literal and is allowed before nothing else; two `*` in a row are refused.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html#eb-filtering-wildcard-matching
 */
function checkedWildcard(operand: Json, path: string): string {
  if (typeof operand !== 'string') throw new Error(`${path}: wildcard match pattern must be a string`)
  const plain = operand.replace(/\\[*\\]/g, '')
  if (plain.includes('\\')) throw new Error(`${path}: Invalid escape character in ${operand}`)
  if (operand.replace(/\\[*\\]/g, '__').includes('**')) {
    throw new Error(`${path}: Consecutive wildcard characters in ${operand}`)
  }
  return operand
}

/** One value, several, or several for one operator: `{"prefix": ["a", "b"]}`. */
function excluded(operand: Json): Json[] {
  if (Array.isArray(operand)) return operand
  if (!isObject(operand)) return [operand]
  return Object.entries(operand as { [key: string]: Json }).flatMap(([operator, of]) =>
    (Array.isArray(of) ? of : [of]).map((each) => ({ [operator]: each })),
  )
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4')

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}
