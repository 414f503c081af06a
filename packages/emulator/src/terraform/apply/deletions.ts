/**
 * What an apply deletes: what the configuration no longer has, what a replacement leaves, and what an earlier apply could not
 * take away any more.
 */
import type { Store } from '../../store.ts'
import type { Change } from '../model/results.ts'
import type { ExecutablePlan } from '../plan/plan.ts'
import type { Session } from '../plan/session.ts'
import { applyContext } from '../plan/session.ts'
import type { Deletion } from './steps.ts'

export function listDeletions({ removals, session }: ExecutablePlan): Deletion[] {
  const deletions: Deletion[] = []
  for (const { instance, action } of removals) {
    if (action === 'forget') continue
    const { createBeforeDestroy } = instance
    deletions.push({ id: `delete ${instance.address}`, instance, kind: 'orphan', createBeforeDestroy })
  }
  for (const plan of session.plans.values()) {
    if (plan.action !== 'replace' || plan.prior === undefined) continue
    deletions.push({
      id: `delete ${plan.address}`,
      instance: plan.prior,
      kind: 'replaced',
      createBeforeDestroy: plan.createBeforeDestroy,
    })
  }
  for (const instance of session.instances.values()) {
    for (const { key } of instance.deposed) {
      deletions.push({
        id: `delete ${instance.address} (${key})`,
        instance,
        deposed: key,
        kind: 'deposed',
        createBeforeDestroy: true,
      })
    }
  }
  return deletions
}

/** Deletes it, and strikes it from the state in the same transaction where its type works synchronously. */
export async function removeInstance(store: Store, session: Session, deletion: Deletion): Promise<Change> {
  const { instance, kind } = deletion
  const { instances } = session.state
  const stored = instances.get(instance.address)
  const type = session.types.resources.get(instance.type)
  // A replacement that came first has left its predecessor among the deposed, last.
  const isLeft = kind === 'replaced' && deletion.createBeforeDestroy
  const left = isLeft ? stored?.deposed.at(-1) : instance.deposed.find(({ key }) => key === deletion.deposed)
  const attributes = kind === 'deposed' || isLeft ? left?.attributes : instance.attributes
  const strike = () => {
    if (stored === undefined) return
    if (left === undefined) instances.delete(instance.address)
    else
      instances.put(instance.address, {
        ...stored,
        deposed: stored.deposed.filter(({ key }) => key !== left.key),
      })
  }
  const finished = store.transaction(() => {
    const result =
      attributes && !instance.inert
        ? type?.delete?.(attributes, applyContext(session, instance.address, instance.region))
        : undefined
    if (!(result instanceof Promise)) strike()
    return result
  })
  if (finished instanceof Promise) {
    await finished
    strike()
  }
  return { address: instance.address, action: 'delete' }
}
