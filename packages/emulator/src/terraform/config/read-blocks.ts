/** The smaller blocks of a folder: `lifecycle`, `variable`, `moved`, `removed`, `import`. */
import type {
  Condition,
  ImportBlock,
  Json,
  JsonObject,
  Lifecycle,
  MovedBlock,
  RemovedBlock,
  VariableBlock,
} from '../model/configuration.ts'
import type { Diagnostics } from '../model/diagnostics.ts'
import { blocks, strings } from './json-blocks.ts'

/** References stand bare (`aws_vpc.main`) or as a template (`${aws_vpc.main}`). */
const bare = (reference: string) => /^\$\{(.*)\}$/s.exec(reference)?.[1]?.trim() ?? reference

const flag = (json: Json) => json === true || json === 'true'

export function readLifecycle(body: JsonObject): Lifecycle {
  const ignored = body.ignore_changes
  const all = ignored === 'all' || (Array.isArray(ignored) && ignored.length === 1 && ignored[0] === 'all')
  return {
    createBeforeDestroy: flag(body.create_before_destroy),
    preventDestroy: flag(body.prevent_destroy),
    ignoreChanges: all ? 'all' : strings(ignored).map(bare),
    replaceTriggeredBy: strings(body.replace_triggered_by).map(bare),
    preconditions: readConditions(body.precondition),
    postconditions: readConditions(body.postcondition),
  }
}

export function readVariable(name: string, body: JsonObject): VariableBlock {
  return {
    name,
    type: typeof body.type === 'string' ? bare(body.type) : undefined,
    default: body.default,
    nullable: body.nullable !== false,
    validations: readConditions(body.validation),
  }
}

export function readMoved(body: JsonObject): MovedBlock[] {
  if (typeof body.from !== 'string' || typeof body.to !== 'string') return []
  return [{ from: bare(body.from), to: bare(body.to) }]
}

export function readRemoved(body: JsonObject): RemovedBlock[] {
  if (typeof body.from !== 'string') return []
  return [{ from: bare(body.from), destroy: blocks(body.lifecycle)[0]?.destroy !== false }]
}

export function readImport(body: JsonObject, diagnostics: Diagnostics): ImportBlock[] {
  const { to, id, for_each } = body
  const isLiteral = typeof to === 'string' && typeof id === 'string' && !id.includes('${')
  if (isLiteral && for_each === undefined) return [{ to: bare(to), id }]
  diagnostics.error(
    { address: typeof to === 'string' ? bare(to) : 'import' },
    'This import is not rehearsed',
    'It must have an address and an id that is written out, and no for_each.',
  )
  return []
}

export function readConditions(json: Json): Condition[] {
  return blocks(json).map((body) => ({ condition: body.condition, errorMessage: body.error_message }))
}
