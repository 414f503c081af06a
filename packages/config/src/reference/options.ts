/**
 * The options of a configuration as data, read from the schema: what the reference page and the type with its
 * comments are written from. Only what the schema uses is walked; anything else is an invariant that failed.
 */
import { z } from 'zod'
import { platformSchema } from '../schema.ts'

/** What may be written at a place. */
export type Shape =
  | { readonly kind: 'value'; readonly type: 'string' | 'number' | 'boolean'; readonly allowed: string }
  | { readonly kind: 'choice'; readonly values: readonly string[] }
  /** A text of fixed and free parts, as TypeScript writes it: `sites.${string}.host`. */
  | { readonly kind: 'pattern'; readonly text: string }
  | { readonly kind: 'list'; readonly item: Shape; readonly allowed: string }
  | { readonly kind: 'record'; readonly key: string; readonly value: Described }
  | ObjectShape
  | { readonly kind: 'either'; readonly shapes: readonly Described[] }

export interface ObjectShape {
  readonly kind: 'object'
  readonly options: readonly Option[]
  /** Name of its type, where it has one for itself. */
  readonly typeName?: string | undefined
  /** Objects whose options are among its own. */
  readonly parts: readonly Described[]
}

export interface Described {
  readonly description: string
  /** What it becomes in the Terraform. */
  readonly becomes?: string | undefined
  readonly shape: Shape
}

export interface Option extends Described {
  readonly key: string
  readonly required: boolean
  /** As it is written in TypeScript; undefined where there is none, or where the options inside have theirs. */
  readonly default?: string | undefined
}

type Schema = z.core.$ZodType

/** The parts of zod's definitions that are read here. */
interface Definition {
  readonly type: string
  readonly innerType?: Schema
  readonly defaultValue?: unknown
  readonly in?: Schema
  readonly shape?: Readonly<Record<string, Schema>>
  readonly element?: Schema
  readonly keyType?: Schema
  readonly valueType?: Schema
  readonly options?: readonly Schema[]
  readonly parts?: readonly (string | Schema)[]
  readonly entries?: Readonly<Record<string, string>>
  readonly values?: readonly string[]
  readonly checks?: readonly { readonly _zod: { readonly def: Check } }[]
  readonly error?: (issue: object) => unknown
  readonly check?: string
  readonly format?: string
}

interface Check {
  readonly check?: string
  readonly value?: number
  readonly minimum?: number
  readonly maximum?: number
  readonly inclusive?: boolean
  readonly format?: string
  readonly prefix?: string
  readonly error?: (issue: object) => unknown
}

const definition = (schema: Schema) => schema._zod.def as unknown as Definition

/** All options, in the order of the schema. */
export function platformOptions(): readonly Option[] {
  const { shape } = described(platformSchema)
  if (shape.kind !== 'object') throw new Error('a platform is an object')
  return shape.options
}

function described(schema: Schema): Described {
  const { description = '', becomes } = metaOf(schema)
  return { description, becomes, shape: shapeOf(unwrap(schema)) }
}

/** What is said of the schema, or of what it wraps. */
function metaOf(schema: Schema): z.core.GlobalMeta {
  const meta = z.globalRegistry.get(schema)
  const inner = innerOf(schema)
  return meta?.description === undefined && inner !== undefined ? metaOf(inner) : (meta ?? {})
}

const innerOf = (schema: Schema): Schema | undefined => definition(schema).innerType ?? definition(schema).in

function unwrap(schema: Schema): Schema {
  const inner = innerOf(schema)
  return inner === undefined ? schema : unwrap(inner)
}

function optionOf([key, schema]: readonly [string, Schema]): Option {
  const { type, defaultValue } = definition(schema)
  return {
    key,
    ...described(schema),
    required: !['default', 'prefault', 'optional'].includes(type),
    default: type === 'default' ? written(defaultValue) : undefined,
  }
}

/** As TypeScript: `'text'`, `['a', 'b']`, `{ kind: 'canary', percent: 10 }`. */
function written(value: unknown): string {
  if (typeof value === 'string') return `'${value}'`
  if (Array.isArray(value)) return `[${value.map(written).join(', ')}]`
  if (typeof value !== 'object' || value === null) return String(value)
  const members = Object.entries(value).map(([key, member]) => `${key}: ${written(member)}`)
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`
}

function shapeOf(schema: Schema): Shape {
  const def = definition(schema)
  const list = (schemas: readonly Schema[] | undefined) => (schemas ?? []).map(described)
  switch (def.type) {
    case 'object':
      return {
        kind: 'object',
        options: Object.entries(def.shape ?? {}).map(optionOf),
        typeName: z.globalRegistry.get(schema)?.typeName,
        parts: list(z.globalRegistry.get(schema)?.parts as readonly Schema[] | undefined),
      }
    case 'record':
      return { kind: 'record', key: allowed(part(def.keyType)), value: described(part(def.valueType)) }
    case 'array':
      return { kind: 'list', item: shapeOf(unwrap(part(def.element))), allowed: allowed(schema) }
    case 'union':
      return { kind: 'either', shapes: list(def.options) }
    case 'enum':
      return { kind: 'choice', values: Object.values(def.entries ?? {}) }
    case 'template_literal':
      return { kind: 'pattern', text: (def.parts ?? []).map(partOf).join('') }
    case 'literal':
      return { kind: 'choice', values: def.values ?? [] }
    case 'string':
    case 'number':
    case 'boolean':
      return { kind: 'value', type: def.type, allowed: allowed(schema) }
    default:
      throw new Error(`the reference cannot describe a schema of the type ${def.type}`)
  }
}

const partOf = (piece: string | Schema) => (typeof piece === 'string' ? piece : '${string}')

function part(schema: Schema | undefined): Schema {
  if (schema === undefined) throw new Error('the schema lacks a part that its type has')
  return schema
}

/** What a value must be, in words; empty where its type says all. */
function allowed(schema: Schema): string {
  const { checks = [], error } = definition(schema)
  const defs = checks.map((check) => check._zod.def)
  const bounds = boundsOf([definition(schema), ...defs], definition(schema).type)
  const own = [error, ...defs.map((def) => def.error)].flatMap((message) => message?.({}) ?? [])
  return [bounds, ...own.map(String)].filter(Boolean).join(' ')
}

function boundsOf(checks: readonly Check[], type: string): string {
  const find = (name: string) => checks.find(({ check }) => check === name)
  if (type === 'number') {
    const [low, high] = [find('greater_than'), find('less_than')]
    const whole = checks.some(({ format }) => format === 'safeint') ? 'A whole number' : 'A number'
    const from = low && `${low.inclusive ? 'from' : 'above'} ${low.value}`
    const to = high && `${high.inclusive ? (low ? 'to' : 'up to') : 'below'} ${high.value}`
    return `${[whole, from, to].filter(Boolean).join(' ')}.`
  }
  const [least, most] = [find('min_length')?.minimum, find('max_length')?.maximum]
  if (type === 'array') {
    if (least === undefined) return ''
    return most === undefined ? `At least ${least}.` : `${least} to ${most} entries.`
  }
  return most === undefined ? '' : `At most ${most} characters.`
}
