/** CreateDeployment: from a group and a revision to a deployment that runs. */
import type { CreateDeploymentInput } from '@aws-sdk/client-codedeploy'
import type { EmulatorContext } from '../../../service.ts'
import { deploymentGroupNameRequired, deploymentLimitExceeded, notForEcs } from '../model/errors.ts'
import { checkAlarms, checkAutoRollback, planOf } from '../model/group-rules.ts'
import type { Journal } from '../model/journal.ts'
import { type Deployment, eventNames, isOver, newEvents } from '../model/model.ts'
import type { State } from '../model/state.ts'
import { checkRevision } from '../revision/revisions.ts'
import type { Engine } from './engine.ts'
import { deploymentId } from './rollback.ts'

export function createDeployment(
  { clock, ids }: EmulatorContext,
  { journal, state, engine }: { journal: Journal; state: State; engine: Engine },
  input: CreateDeploymentInput,
): string {
  const application = state.application(input.applicationName)
  if (!input.deploymentGroupName) throw deploymentGroupNameRequired()
  const group = state.group(application.name, input.deploymentGroupName)
  const configuration = state.configuration(input.deploymentConfigName ?? group.deploymentConfigName)
  const revision = checkRevision(input.revision)
  refuseInstanceOptions(input)
  checkAlarms(input.overrideAlarmConfiguration)
  checkAutoRollback(input.autoRollbackConfiguration)
  const earlier = journal.ofGroup(group.deploymentGroupId)
  const active = earlier.find((deployment) => !isOver(deployment))
  if (active !== undefined) throw deploymentLimitExceeded(group.deploymentGroupName, active.id)
  const previous = earlier.findLast((deployment) => deployment.status === 'Succeeded')
  const now = clock.now()
  const plan = planOf(group, configuration, {
    alarms: input.overrideAlarmConfiguration,
    autoRollback: input.autoRollbackConfiguration,
  })
  const deployment: Deployment = {
    id: deploymentId(ids),
    applicationName: application.name,
    deploymentGroupName: group.deploymentGroupName,
    deploymentGroupId: group.deploymentGroupId,
    deploymentConfigName: configuration.name,
    creator: 'user',
    ...(input.description === undefined ? {} : { description: input.description }),
    revision,
    ...(previous === undefined ? {} : { previousRevision: previous.revision }),
    ...(input.overrideAlarmConfiguration === undefined
      ? {}
      : { overrideAlarmConfiguration: input.overrideAlarmConfiguration }),
    plan,
    status: 'Created',
    createdAt: now,
    updatedAt: now,
    events: newEvents(eventNames),
    replacementWeight: 0,
    shiftedSteps: 0,
    ready: !plan.stopWhenUnattended,
    awsWaits: { realMs: 0, awsMs: 0 },
  }
  journal.add(deployment)
  engine.run(deployment.id)
  return deployment.id
}

/** Options that only deployments to instances have. */
function refuseInstanceOptions(input: CreateDeploymentInput): void {
  if (input.fileExistsBehavior !== undefined)
    throw notForEcs('InvalidFileExistsBehavior', 'fileExistsBehavior')
  if (input.targetInstances !== undefined) throw notForEcs('InvalidTargetInstances', 'targetInstances')
  if (input.updateOutdatedInstancesOnly)
    throw notForEcs('InvalidUpdateOutdatedInstancesOnlyValue', 'updateOutdatedInstancesOnly')
  if (input.ignoreApplicationStopFailures)
    throw notForEcs('InvalidIgnoreApplicationStopFailuresValue', 'ignoreApplicationStopFailures')
}
