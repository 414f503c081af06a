/** Which keys the schema knows at a place, so that a mistyped one can be answered with the right one. */
import type { z } from 'zod'

type Schema = z.core.$ZodType

/** Keys that the object at `path` may have; empty where it may have any (a record) or none. */
export function knownKeys(schema: Schema, path: readonly PropertyKey[]): string[] {
  return [...new Set(schemasAt(schema, path).flatMap((each) => Object.keys(shapeOf(each))))]
}

function schemasAt(schema: Schema, path: readonly PropertyKey[]): Schema[] {
  return path.reduce<Schema[]>(
    (schemas, key) => schemas.flatMap((each) => childrenOf(each, String(key))).flatMap(alternatives),
    alternatives(schema),
  )
}

/** What a value may be: a default is looked through, a union spread out. */
function alternatives(schema: Schema): Schema[] {
  const { def } = schema._zod as unknown as { def: Definition }
  if (def.options !== undefined) return def.options.flatMap(alternatives)
  const inner = def.innerType ?? (def.type === 'pipe' ? def.in : undefined)
  return inner === undefined ? [schema] : alternatives(inner)
}

function childrenOf(schema: Schema, key: string): Schema[] {
  const { def } = schema._zod as unknown as { def: Definition }
  const child = def.type === 'array' ? def.element : (def.valueType ?? shapeOf(schema)[key])
  return child === undefined ? [] : [child]
}

const shapeOf = (schema: Schema): Readonly<Record<string, Schema>> =>
  (schema._zod as unknown as { def: Definition }).def.shape ?? {}

/** The parts of zod's definitions that are walked here. */
interface Definition {
  readonly type: string
  readonly shape?: Readonly<Record<string, Schema>>
  readonly innerType?: Schema
  readonly in?: Schema
  readonly element?: Schema
  readonly valueType?: Schema
  readonly options?: readonly Schema[]
}
