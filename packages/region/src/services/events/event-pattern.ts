/**
 * EventBridge's event patterns: every field that the pattern names must be there and match one of its values;
 * fields that it does not name do not matter.
 *
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 */

type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Reads a pattern; throws an error that says what is wrong with it. */
export function eventPattern(json: string): (event: Readonly<Record<string, unknown>>) => boolean {
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
    if (name.startsWith('$'))
      throw new Error(`${at}: this region does not have the operator ${name}. AWS has.`)
    const test = Array.isArray(expected) ? anyOf(expected, at) : nested(expected, at)
    return (value: { [key: string]: unknown }) => test(value[name])
  })
  return (value) => isObject(value) && fields.every((field) => field(value))
}

function nested(expected: Json, path: string): (value: unknown) => boolean {
  if (!isObject(expected)) throw new Error(`${path}: a pattern's values stand in an array`)
  const test = compile(expected as { [key: string]: Json }, path)
  // A pattern over an absent object may still match, where all it asks for is absence.
  return (value) => test(value ?? {})
}

function anyOf(alternatives: readonly Json[], path: string): (value: unknown) => boolean {
  const tests = alternatives.map((alternative) => matcher(alternative, path))
  return (value) =>
    Array.isArray(value) ? tests.some((test) => value.some(test)) : tests.some((test) => test(value))
}

function matcher(expected: Json, path: string): (value: unknown) => boolean {
  if (!isObject(expected)) return (value) => value === expected
  const [[operator, operand] = ['', null]] = Object.entries(expected as { [key: string]: Json })
  const make = OPERATORS[operator]
  if (make === undefined)
    throw new Error(`${path}: this region does not have the operator ${operator}. AWS has.`)
  return make(operand, path)
}

const OPERATORS: Readonly<Record<string, (operand: Json, path: string) => (value: unknown) => boolean>> = {
  prefix: (operand) => (value) => typeof value === 'string' && value.startsWith(String(operand)),
  suffix: (operand) => (value) => typeof value === 'string' && value.endsWith(String(operand)),
  'equals-ignore-case': (operand) => (value) =>
    typeof value === 'string' && value.toLowerCase() === String(operand).toLowerCase(),
  exists: (operand) => (value) => (value !== undefined) === (operand === true),
  'anything-but'(operand, path) {
    const list = Array.isArray(operand) ? operand : [operand]
    const tests = list.map((item) => matcher(item, path))
    return (value) => value !== undefined && !tests.some((test) => test(value))
  },
  wildcard(operand) {
    const source = String(operand)
      .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      .replaceAll('\\*', '.*')
    const pattern = new RegExp(`^${source}$`, 's')
    return (value) => typeof value === 'string' && pattern.test(value)
  },
  numeric(operand, path) {
    const parts = Array.isArray(operand) ? operand : []
    const conditions = Array.from({ length: parts.length / 2 }, (_, index) => {
      const compare = COMPARISONS[String(parts[index * 2])]
      if (compare === undefined) throw new Error(`${path}: ${parts[index * 2]} is no numeric comparison`)
      return (value: number) => compare(value, Number(parts[index * 2 + 1]))
    })
    return (value) => typeof value === 'number' && conditions.every((condition) => condition(value))
  },
}

const COMPARISONS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

const isObject = (value: unknown): value is { [key: string]: unknown } =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
