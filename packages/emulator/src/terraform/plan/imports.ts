/**
 * `import` blocks: what exists outside of the state is brought into it by the plan, and changed like any other instance
 * from then on. An address that the state has already is left as it is.
 * https://developer.hashicorp.com/terraform/language/block/import
 */
import type { EvaluationContext } from '../config/evaluation-context.ts'
import type { ImportBlock } from '../model/configuration.ts'
import type { Attributes, Value } from '../type/resource-type.ts'
import { isObject } from '../value/term.ts'
import type { Session } from './session.ts'
import { applyContext } from './session.ts'

/** Adds to the instances of the session; the result is what was added. Problems go into the diagnostics. */
export async function importInstances(
  session: Session,
  evaluation: EvaluationContext,
): Promise<readonly ImportBlock[]> {
  const imported: ImportBlock[] = []
  for (const block of session.configuration.imports) {
    if (session.instances.has(block.to) || session.isCheck) continue
    if (await importInstance(session, evaluation, block)) imported.push(block)
  }
  return imported
}

async function importInstance(
  session: Session,
  evaluation: EvaluationContext,
  { to: address, id }: ImportBlock,
): Promise<boolean> {
  const fail = (summary: string, detail: string) => {
    session.diagnostics.error({ address }, summary, detail)
    return false
  }
  const block = session.configuration.resources.get(address)
  if (block === undefined) {
    return fail(
      'It cannot be imported',
      'There is no resource block with this address, which must be of one instance.',
    )
  }
  const type = session.types.resources.get(block.type)
  if (type?.import === undefined)
    return fail('Its import is not rehearsed', `The emulator does not import ${block.type}.`)
  const { region, defaultTags } = session.provider(block, evaluation)
  const found = await type.import(id, applyContext(session, address, region))
  if (found === undefined)
    return fail('Cannot import non-existent remote object', `There is no ${block.type} with the id ${id}.`)
  const attributes: Attributes = { ...found, region }
  if (isObject(found.tags_all)) {
    const own = Object.entries(found.tags_all).filter(([name, value]) => defaultTags[name] !== value)
    attributes.tags = own.length === 0 ? null : (Object.fromEntries(own) as Value)
  }
  session.instances.set(address, {
    address,
    resource: address,
    type: block.type,
    key: null,
    region,
    attributes,
    dependencies: [],
    createBeforeDestroy: false,
    preventDestroy: false,
    inert: false,
    deposed: [],
  })
  return true
}
