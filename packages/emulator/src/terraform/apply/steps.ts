/**
 * The order of an apply: which step needs which. What is made waits for what it refers to; what is deleted waits
 * for the deletion of what refers to it. A replaced resource is deleted before it is created again, and what used it
 * is changed afterwards; with `create_before_destroy` it is the other way round.
 * https://developer.hashicorp.com/terraform/internals/graph#building-the-graph
 */
import type { Graph } from '../config/graph.ts'
import type { InstancePlan } from '../plan/session.ts'
import type { StateInstance } from '../state/state.ts'

/** Something that goes: an orphan, what a replacement leaves, or what an earlier apply left. */
export interface Deletion {
  readonly id: string
  readonly instance: StateInstance
  /** Key of the deposed object; absent for the instance itself. */
  readonly deposed?: string
  readonly kind: 'orphan' | 'replaced' | 'deposed'
  readonly createBeforeDestroy: boolean
}

export const applyId = (address: string) => `apply ${address}`
export const readId = (address: string) => `read ${address}`

/** What each step needs. `resources` are those with a step of their own: managed ones by instance, data by block. */
export function orderSteps(
  graph: Graph,
  plans: readonly InstancePlan[],
  reads: readonly string[],
  deletions: readonly Deletion[],
): Map<string, Set<string>> {
  const needs = new Map<string, Set<string>>()
  const idsOf = new Map<string, string[]>()
  for (const plan of plans) append(idsOf, plan.block.address, applyId(plan.address))
  for (const address of reads) append(idsOf, address, readId(address))
  const upstream = (address: string) =>
    [...graph.dependencies(address)].flatMap((dependency) => idsOf.get(dependency) ?? [])
  for (const plan of plans) needs.set(applyId(plan.address), new Set(upstream(plan.block.address)))
  for (const address of reads) needs.set(readId(address), new Set(upstream(address)))

  const deletionsOf = new Map<string, Deletion[]>()
  for (const deletion of deletions) append(deletionsOf, deletion.instance.resource, deletion)
  for (const deletion of deletions) needs.set(deletion.id, new Set())
  const late = lateDeletions(deletions)
  for (const dependent of deletions) {
    for (const deletion of deletionsIn(dependent.instance.dependencies, deletionsOf))
      add(needs, deletion.id, dependent.id)
  }
  for (const plan of plans) {
    const own = applyId(plan.address)
    const used = new Set([...graph.dependencies(plan.block.address), ...(plan.prior?.dependencies ?? [])])
    for (const deletion of deletionsIn([...used], deletionsOf)) {
      if (late.has(deletion.id)) add(needs, deletion.id, own)
      else add(needs, own, deletion.id)
    }
    for (const deletion of deletionsOf.get(plan.block.address) ?? []) {
      if (deletion.kind !== 'replaced' || deletion.instance.address !== plan.address) continue
      if (late.has(deletion.id)) add(needs, deletion.id, own)
      else add(needs, own, deletion.id)
    }
  }
  return needs
}

/**
 * Deletions that come after the changes: replacements with `create_before_destroy`, what was deposed, and whatever
 * such a one still refers to.
 */
function lateDeletions(deletions: readonly Deletion[]): Set<string> {
  const late = new Set(
    deletions.filter((deletion) => deletion.createBeforeDestroy).map((deletion) => deletion.id),
  )
  for (let grown = true; grown; ) {
    grown = false
    for (const deletion of deletions) {
      if (deletion.kind !== 'orphan' || late.has(deletion.id)) continue
      const isUsed = deletions.some(
        (other) => late.has(other.id) && other.instance.dependencies.includes(deletion.instance.resource),
      )
      if (!isUsed) continue
      late.add(deletion.id)
      grown = true
    }
  }
  return late
}

function deletionsIn(resources: readonly string[], deletionsOf: ReadonlyMap<string, Deletion[]>): Deletion[] {
  return resources.flatMap((resource) => deletionsOf.get(resource) ?? [])
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key)
  if (list === undefined) lists.set(key, [item])
  else list.push(item)
}

function add(needs: Map<string, Set<string>>, id: string, needed: string): void {
  if (id !== needed) needs.get(id)?.add(needed)
}
