/** The end of a deployment that did not succeed: what it says of itself, and whether it is rolled back. */
import type { EmulatorContext } from '../../../service.ts'
import { DeploymentFailure, DeploymentStop } from '../model/failures.ts'
import type { Journal } from '../model/journal.ts'
import { planRollback } from './rollback.ts'

/** Writes it into the journal; returns the id of the rollback's deployment where its configuration asks for one. */
export function endUnsuccessful(
  context: EmulatorContext,
  journal: Journal,
  id: string,
  reason: unknown,
): string | undefined {
  const now = context.clock.now()
  const stop = reason instanceof DeploymentStop ? reason : undefined
  const failure =
    reason instanceof DeploymentFailure || reason instanceof DeploymentStop
      ? reason
      : new DeploymentFailure('INTERNAL_ERROR', `There was an internal error: ${String(reason)}`)
  const diagnostics = failure instanceof DeploymentFailure ? failure.diagnostics : undefined
  for (const event of journal.get(id).events) {
    if (event.status === 'InProgress') {
      const patch = { status: 'Failed' as const, endedAt: now, message: failure.message, ...diagnostics }
      journal.setEvent(id, event.name, patch)
    } else if (event.status === 'Pending') journal.setEvent(id, event.name, { status: 'Skipped' })
  }
  const rollback = planRollback(context, journal, id, stop)
  journal.setStatus(id, stop === undefined ? 'Failed' : 'Stopped', {
    error: { code: failure.code, message: failure.message },
    ...(rollback === undefined ? {} : { rollback: { deploymentId: rollback.id, message: rollback.message } }),
  })
  return rollback?.id
}
