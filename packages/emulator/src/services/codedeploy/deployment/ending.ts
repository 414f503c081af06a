/** The end of a deployment, of a rollback's too: the one place that gives it a final status. */
import type { Clock } from '../../../clock.ts'
import { DeploymentFailure, DeploymentStop } from '../model/failures.ts'
import type { Journal } from '../model/journal.ts'

export type Outcome =
  | 'succeeded'
  | {
      readonly failure: DeploymentFailure | DeploymentStop
      /** The rollback that follows. */
      readonly rollback?: { readonly id: string; readonly message: string } | undefined
    }

/** Also ends its life-cycle events: the one in progress fails, those that have not started are skipped. */
export function endDeployment(
  { clock, journal }: { readonly clock: Clock; readonly journal: Journal },
  id: string,
  outcome: Outcome,
): void {
  if (outcome === 'succeeded') {
    journal.setStatus(id, 'Succeeded')
    return
  }
  const { failure, rollback } = outcome
  const { code, message } = failure
  const diagnostics = failure instanceof DeploymentFailure ? failure.diagnostics : undefined
  for (const event of journal.get(id).events) {
    if (event.status === 'InProgress') {
      journal.setEvent(id, event.name, { status: 'Failed', endedAt: clock.now(), message, ...diagnostics })
    } else if (event.status === 'Pending') journal.setEvent(id, event.name, { status: 'Skipped' })
  }
  journal.setStatus(id, failure instanceof DeploymentStop ? 'Stopped' : 'Failed', {
    error: { code, message },
    ...(rollback === undefined ? {} : { rollback: { deploymentId: rollback.id, message: rollback.message } }),
  })
}
