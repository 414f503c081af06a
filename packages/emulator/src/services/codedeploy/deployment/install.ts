/**
 * Install: creates the replacement task set in the target group that is not the PRIMARY's, and waits until it is
 * steady and healthy, up to an hour of AWS time. Everything that a deployment needs from ECS and the load
 * balancer is checked before a task starts.
 *
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html#deployment-steps-what-happens
 */

import { AwsError } from '../../../aws-error.ts'
import type { Clock } from '../../../clock.ts'
import type { Store } from '../../../store.ts'
import type { CloudWatch } from '../../cloudwatch/contract.ts'
import type { Ecs, TaskSetView } from '../../ecs/contract.ts'
import type { Elbv2 } from '../../elbv2/contract.ts'
import { steadyTimeoutMs } from '../../traffic-shift/time-limits.ts'
import {
  DeploymentFailure,
  ecsUpdateError,
  mapError,
  neverHealthy,
  serviceInvalid,
} from '../model/failures.ts'
import type { Journal } from '../model/journal.ts'
import type { Deployment, Plan, TaskSetPlacement } from '../model/model.ts'
import { throwOnAlarm } from './alarms.ts'
import { checkPlanListeners, setListenerWeights } from './traffic.ts'

const steadyLimitAwsMs = 60 * 60_000
/**
 * What AWS itself takes of an Install, apart from the application's start: a Fargate task is provisioned in
 * about half a minute, and a new target is healthy after one pass, up to one interval later. The actual values come
 * first, where ECS and the target group have them: `Ecs.provisioningMs` and the health-check interval.
 */
const assumedProvisioningAwsMs = 30_000
const assumedHealthIntervalAwsMs = 30_000

export interface InstallDependencies {
  readonly store: Store
  readonly clock: Clock
  readonly ecs: Ecs
  readonly elbv2: Elbv2
  readonly cloudWatch: CloudWatch
  readonly journal: Journal
}

export async function install(
  dependencies: InstallDependencies,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const { cloudWatch, journal } = dependencies
  const { plan, replacement: adopted } = journal.get(id)
  // After a restart the replacement exists: it is waited for, and nothing is looked up a second time.
  const sides = adopted === undefined ? findBlueAndGreen(dependencies, plan) : undefined
  // Stored before alarms are looked at: an alarm that stops the deployment now rolls it back.
  if (sides !== undefined) journal.update(id, { original: sides.blue })
  throwOnAlarm(cloudWatch, plan.alarms)
  if (sides !== undefined) createReplacement(dependencies, journal.get(id), sides)
  await waitUntilSteady(dependencies, id, signal)
}

interface BlueAndGreen {
  /** The PRIMARY task set, which has the live target group. */
  readonly blue: TaskSetPlacement
  /** The target group that the replacement gets. */
  readonly greenGroup: { readonly arn: string; readonly name: string }
  /** Task sets that an earlier deployment left. */
  readonly leftovers: readonly TaskSetView[]
}

/** Fails where ECS or the load balancer do not fit the deployment group. */
function findBlueAndGreen(
  { ecs, elbv2 }: Pick<InstallDependencies, 'ecs' | 'elbv2'>,
  plan: Plan,
): BlueAndGreen {
  const service = ecs.describeService(plan.clusterName, plan.serviceName)
  if (service === undefined) throw serviceInvalid(plan.serviceName)
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
  const greenGroup = groups.find((group) => group.arn !== primary?.targetGroupArn)
  if (primary === undefined || live === undefined || greenGroup === undefined) {
    throw new DeploymentFailure(
      'INVALID_ECS_SERVICE',
      'The PRIMARY task set of the service must use one of the target groups of the deployment group.',
    )
  }
  const pair = groups.map((group) => group.arn)
  checkPlanListeners(elbv2, plan, pair, live.arn)
  return {
    blue: { taskSetId: primary.id, targetGroupArn: live.arn, targetGroupName: live.name },
    greenGroup,
    leftovers: service.taskSets.filter((taskSet) => taskSet.status === 'ACTIVE'),
  }
}

function createReplacement(
  dependencies: InstallDependencies,
  { id, appSpec, plan }: Deployment,
  { blue, greenGroup, leftovers }: BlueAndGreen,
): void {
  const { ecs, journal, elbv2, store } = dependencies
  if (appSpec === undefined) throw new Error(`invariant: deployment ${id} has read its AppSpec`)
  checkTaskDefinition(ecs, appSpec)
  // What an earlier deployment left without a rollback must not share the target group with the new tasks.
  const listeners = [...plan.productionListeners, ...plan.testListeners]
  for (const leftover of leftovers) {
    setListenerWeights(elbv2, listeners, { from: greenGroup.arn, to: blue.targetGroupArn, percent: 100 })
    ecs.deleteTaskSet(plan.clusterName, plan.serviceName, leftover.id).catch(() => undefined)
  }
  // In one transaction, so that no task set exists that its deployment does not know.
  store.transaction(() => {
    const taskSet = mapError(
      () =>
        ecs.createTaskSet({
          cluster: plan.clusterName,
          service: plan.serviceName,
          taskDefinition: appSpec.taskDefinition,
          targetGroupArn: greenGroup.arn,
          containerName: appSpec.containerName,
          containerPort: appSpec.containerPort,
          externalId: id,
          platformVersion: appSpec.platformVersion,
          network: appSpec.network,
          capacityProviderStrategy: appSpec.capacityProviderStrategy,
        }),
      ecsUpdateError,
    )
    const { arn, name } = greenGroup
    journal.update(id, {
      replacement: { taskSetId: taskSet.id, targetGroupArn: arn, targetGroupName: name },
    })
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

async function waitUntilSteady(
  dependencies: InstallDependencies,
  id: string,
  signal: AbortSignal,
): Promise<void> {
  const { clock, ecs, journal } = dependencies
  const { plan, replacement } = journal.get(id)
  if (replacement === undefined) throw new Error(`invariant: deployment ${id} has created its task set`)
  const from = clock.now()
  const over = new AbortController()
  const timeout = clock.sleepReal(steadyTimeoutMs(clock, steadyLimitAwsMs, ecs.startingMs), over.signal).then(
    () => over.abort(neverHealthy()),
    () => undefined,
  )
  let steady = false
  try {
    const either = AbortSignal.any([signal, over.signal])
    await ecs.taskSetSteady(plan.clusterName, plan.serviceName, replacement.taskSetId, either)
    steady = true
  } catch (error) {
    // The service or its new task set was deleted: there is nothing to wait for.
    throw error instanceof AwsError ? serviceInvalid(plan.serviceName) : error
  } finally {
    over.abort()
    await timeout
    recordInstall(dependencies, id, replacement, clock.now() - from, steady)
  }
}

/** Of an Install that succeeded, AWS takes its own part; one that did not was waited for at AWS's pace throughout. */
function recordInstall(
  { clock, ecs, elbv2, journal }: InstallDependencies,
  id: string,
  { targetGroupName }: TaskSetPlacement,
  realMs: number,
  steady: boolean,
): void {
  const provisioning = ecs.provisioningMs ?? assumedProvisioningAwsMs
  const interval =
    elbv2.targetGroupByName(targetGroupName)?.healthCheckIntervalMs ?? assumedHealthIntervalAwsMs
  const whole = realMs * clock.speed
  const awsMs = steady ? Math.min(provisioning + interval, whole) : whole
  journal.recordSimulatedWait(id, clock.toReal(awsMs), awsMs)
}
