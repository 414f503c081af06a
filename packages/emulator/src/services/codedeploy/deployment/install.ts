/**
 * Install: creates the replacement task set in the target group that is not the PRIMARY's, and waits until it is
 * steady and healthy, up to an hour of AWS time. Everything that a deployment needs from ECS and the load
 * balancer is checked before a task starts.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html#deployment-steps-what-happens
 */
import type { Clock } from '../../../clock.ts'
import { AwsError } from '../../../protocol/api.ts'
import type { Store } from '../../../store.ts'
import type { Ecs, TaskSetView } from '../../ecs/contract.ts'
import type { Elbv2 } from '../../elbv2/contract.ts'
import { checkRoutes, route } from '../../traffic-shift/listener-weights.ts'
import { DeploymentFailure, ecsUpdateError, neverHealthy, orFail, serviceInvalid } from '../model/failures.ts'
import type { Journal } from '../model/journal.ts'
import type { Deployment, Side } from '../model/model.ts'

const steadyTimeoutAwsMs = 60 * 60_000
/**
 * What AWS itself takes of an Install, apart from the application's start: a Fargate task is provisioned in
 * about half a minute, and a new target is healthy after one pass, up to one interval later. What the parts
 * that do it say of themselves comes first; see `Containers.provisioningMs` and the target group's interval.
 */
const assumedProvisioningAwsMs = 30_000
const assumedHealthIntervalAwsMs = 30_000

export interface InstallDependencies {
  readonly store: Store
  readonly clock: Clock
  readonly ecs: Ecs
  readonly elbv2: Elbv2
  readonly journal: Journal
}

/** Finds the live side and its counterpart; fails where ECS or the load balancer do not fit the group. */
export function findSides(
  { ecs, elbv2 }: Pick<InstallDependencies, 'ecs' | 'elbv2'>,
  { plan }: Deployment,
): { original: Side; idleGroup: { arn: string; name: string }; taskSets: readonly TaskSetView[] } {
  const service = ecs.describeService(plan.clusterName, plan.serviceName)
  if (service === undefined) {
    throw serviceInvalid(plan.serviceName)
  }
  if (service.deploymentController !== 'CODE_DEPLOY') {
    throw new DeploymentFailure(
      'INVALID_ECS_SERVICE',
      "Deployment group's ECSService must be configured for a CODE_DEPLOY deployment controller.",
    )
  }
  const groups = plan.targetGroupNames.map((name) => {
    const group = elbv2.targetGroupByName(name)
    if (group !== undefined) return group
    throw new DeploymentFailure('ELASTIC_LOAD_BALANCING_INVALID', `The target group ${name} cannot be found.`)
  })
  const primary = service.taskSets.find((taskSet) => taskSet.status === 'PRIMARY')
  const live = groups.find((group) => group.arn === primary?.targetGroupArn)
  const idle = groups.find((group) => group.arn !== primary?.targetGroupArn)
  if (primary === undefined || live === undefined || idle === undefined) {
    throw new DeploymentFailure(
      'INVALID_ECS_SERVICE',
      'The PRIMARY task set of the service must use one of the target groups of the deployment group.',
    )
  }
  const original = { taskSetId: primary.id, targetGroupArn: live.arn, targetGroupName: live.name }
  const pair = groups.map((group) => group.arn)
  checkRoutes(elbv2, [...plan.productionListeners, ...plan.testListeners], pair, live.arn)
  return { original, idleGroup: idle, taskSets: service.taskSets }
}

export async function install(
  dependencies: InstallDependencies,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const { ecs, journal } = dependencies
  const replacement = journal.get(id).replacement ?? createReplacement(dependencies, journal.get(id))
  const { original, plan } = journal.get(id)
  if (original === undefined)
    throw new Error(`invariant: deployment ${id} knows its original task set at Install`)
  const from = dependencies.clock.now()
  const over = new AbortController()
  const timeout = dependencies.clock
    .sleepReal(patienceMs(dependencies, steadyTimeoutAwsMs), over.signal)
    .then(
      () => over.abort(neverHealthy()),
      () => undefined,
    )
  let steady = false
  try {
    const either = AbortSignal.any([signal, over.signal])
    await ecs.taskSetSteady(plan.clusterName, plan.serviceName, replacement.taskSetId, either)
    steady = true
  } catch (error) {
    // The service was deleted, or its new task set: there is nothing to wait for.
    throw error instanceof AwsError ? serviceInvalid(plan.serviceName) : error
  } finally {
    over.abort()
    await timeout
    bookInstall(dependencies, id, replacement, dependencies.clock.now() - from, steady)
  }
}

/**
 * How long to wait, in wall-clock milliseconds, for tasks to become steady: AWS's time, but never less than an
 * application may take to start, which no speed makes faster.
 */
export const patienceMs = (
  { clock, ecs }: Pick<InstallDependencies, 'clock' | 'ecs'>,
  awsMs: number,
): number => Math.max(clock.toReal(awsMs), Math.min(awsMs, ecs.startingMs ?? 0))

function createReplacement(dependencies: InstallDependencies, deployment: Deployment): Side {
  const { ecs, journal, elbv2, store } = dependencies
  const { appSpec, plan } = deployment
  if (appSpec === undefined) throw new Error(`invariant: deployment ${deployment.id} has read its AppSpec`)
  const { original, idleGroup, taskSets } = findSides(dependencies, deployment)
  checkTaskDefinition(ecs, appSpec)
  // What an earlier deployment left behind without a rollback must not share the idle group with the new tasks.
  const listeners = [...plan.productionListeners, ...plan.testListeners]
  for (const left of taskSets.filter((taskSet) => taskSet.status === 'ACTIVE')) {
    route(elbv2, listeners, { from: idleGroup.arn, to: original.targetGroupArn, percent: 100 })
    ecs.deleteTaskSet(plan.clusterName, plan.serviceName, left.id).catch(() => undefined)
  }
  // In one, so that there is no task set that its deployment does not know.
  return store.transaction(() => {
    const taskSet = orFail(
      () =>
        ecs.createTaskSet({
          cluster: plan.clusterName,
          service: plan.serviceName,
          taskDefinition: appSpec.taskDefinition,
          targetGroupArn: idleGroup.arn,
          containerName: appSpec.containerName,
          containerPort: appSpec.containerPort,
          externalId: deployment.id,
          platformVersion: appSpec.platformVersion,
          network: appSpec.network,
          capacityProviderStrategy: appSpec.capacityProviderStrategy,
        }),
      ecsUpdateError,
    )
    const { arn, name } = idleGroup
    const replacement = { taskSetId: taskSet.id, targetGroupArn: arn, targetGroupName: name }
    journal.update(deployment.id, { replacement })
    return replacement
  })
}

function checkTaskDefinition(
  ecs: Ecs,
  appSpec: { taskDefinition: string; containerName: string; containerPort: number },
): void {
  if (!ecs.taskDefinitionExists(appSpec.taskDefinition)) throw ecsUpdateError('TaskDefinition not found.')
  if (ecs.hasContainerPort(appSpec.taskDefinition, appSpec.containerName, appSpec.containerPort)) return
  throw ecsUpdateError(
    `The container ${appSpec.containerName} did not have a container port ${appSpec.containerPort} defined.`,
  )
}

/** Of an Install that ended, AWS had its own part; one that was given up was waited for at AWS's pace throughout. */
function bookInstall(
  { clock, ecs, elbv2, journal }: InstallDependencies,
  id: string,
  side: Side,
  realMs: number,
  steady: boolean,
) {
  const provisioning = ecs.provisioningMs ?? assumedProvisioningAwsMs
  const interval =
    elbv2.targetGroupByName(side.targetGroupName)?.healthCheckIntervalMs ?? assumedHealthIntervalAwsMs
  const wholly = realMs * clock.speed
  const awsMs = steady ? Math.min(provisioning + interval, wholly) : wholly
  journal.bookAws(id, clock.toReal(awsMs), awsMs)
}
