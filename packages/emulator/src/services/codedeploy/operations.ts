/** CodeDeploy's API: deployments and their targets here, the rest in separate files. */
import * as codedeploy from '@aws-sdk/client-codedeploy'
import type { Operations } from '../../protocol/operations.ts'
import type { EmulatorContext } from '../../service.ts'
import type { Ecs } from '../ecs/contract.ts'
import { createDeployment } from './deployment/create-deployment.ts'
import type { Engine } from './deployment/engine.ts'
import { groupOperations } from './group/operations.ts'
import { instanceOperations } from './instance-operations.ts'
import * as errors from './model/errors.ts'
import type { Journal } from './model/journal.ts'
import { type Deployment, isOver, targetIdOf, targetStatusOf } from './model/model.ts'
import { batch, paginate } from './model/paging.ts'
import type { State } from './model/state.ts'
import type { ResourceTags } from './model/tags.ts'
import { deploymentInfo, ecsTarget } from './model/views.ts'
import { revisionOperations } from './revision/operations.ts'

const statuses: readonly string[] = Object.values(codedeploy.DeploymentStatus)

export interface OperationDependencies {
  readonly state: State
  readonly journal: Journal
  readonly engine: Engine
  readonly ecs: Ecs
  readonly tags: ResourceTags
}

export function createOperations(context: EmulatorContext, dependencies: OperationDependencies) {
  const { state, journal, engine, ecs, tags } = dependencies
  const existing = (id: string | undefined): Deployment => {
    if (!id) throw errors.deploymentIdRequired()
    if (!/^d-[A-Z0-9]{9}$/.test(id)) throw errors.invalidDeploymentId(id)
    const found = journal.find(id)
    if (found === undefined) throw errors.deploymentDoesNotExist(id)
    return found
  }
  const info = (deployment: Deployment) => {
    const owner = state.applications().some((one) => one.name === deployment.applicationName)
    const group = owner
      ? state
          .groups(deployment.applicationName)
          .find((one) => one.deploymentGroupId === deployment.deploymentGroupId)
      : undefined
    return deploymentInfo(deployment, group)
  }
  const target = (deployment: Deployment, id: string | undefined) => {
    if (!id) throw errors.targetIdRequired()
    if (id !== targetIdOf(deployment)) throw errors.targetDoesNotExist(id)
    const { clusterName, serviceName } = deployment.plan
    const arn =
      ecs.describeService(clusterName, serviceName)?.arn ??
      `arn:aws:ecs:${context.region}:${context.accountId}:service/${clusterName}/${serviceName}`
    return ecsTarget(deployment, ecs, arn)
  }

  return {
    ...groupOperations(dependencies, tags),
    ...tags.operations,
    ...revisionOperations(context, dependencies),
    ...instanceOperations(existing),
    CreateDeployment: (input) => ({ deploymentId: createDeployment(context, dependencies, input) }),
    GetDeployment: (input) => ({ deploymentInfo: info(existing(input.deploymentId)) }),
    BatchGetDeployments: (input) => ({
      deploymentsInfo: batch(input.deploymentIds, 25)
        .flatMap((id) => journal.find(id) ?? [])
        .map(info),
    }),
    ListDeployments: (input) => {
      const { start, end } = input.createTimeRange ?? {}
      if (start && end && start > end) throw errors.invalidTimeRange()
      if (input.deploymentGroupName && !input.applicationName) throw errors.applicationNameRequired()
      const unknown = input.includeOnlyStatuses?.find((one) => !statuses.includes(one))
      if (unknown !== undefined) throw errors.invalidDeploymentStatus(unknown)
      const candidates =
        input.applicationName === undefined
          ? journal.all()
          : input.deploymentGroupName === undefined
            ? journal
                .all()
                .filter((one) => one.applicationName === state.application(input.applicationName).name)
            : journal.ofGroup(state.group(input.applicationName, input.deploymentGroupName).deploymentGroupId)
      const found = candidates
        .filter((one) => !input.includeOnlyStatuses?.length || input.includeOnlyStatuses.includes(one.status))
        .filter((one) => start === undefined || one.createdAt >= start.getTime())
        .filter((one) => end === undefined || one.createdAt <= end.getTime())
        .map((one) => one.id)
        .reverse()
      const { page, nextToken } = paginate(found, input.nextToken, 100)
      return { deployments: page, nextToken }
    },
    StopDeployment: (input) => {
      const deployment = existing(input.deploymentId)
      // "Subsequent calls to stop the deployment return a status of succeeded":
      // https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html#deployment-stop-fail-ecs
      if (deployment.status === 'Stopped') return { status: 'Succeeded' }
      if (isOver(deployment)) throw errors.deploymentAlreadyCompleted(deployment.id)
      engine.stop(deployment.id, input.autoRollbackEnabled)
      return { status: 'Pending', statusMessage: `Deployment ${deployment.id} is being stopped` }
    },
    ContinueDeployment: (input) => {
      const deployment = existing(input.deploymentId)
      if (isOver(deployment)) throw errors.deploymentAlreadyCompleted(deployment.id)
      engine.continue(deployment.id, input.deploymentWaitType)
      return {}
    },
    // The older name for the end of the termination wait.
    SkipWaitTimeForInstanceTermination: (input) => {
      const deployment = existing(input.deploymentId)
      if (isOver(deployment)) throw errors.deploymentAlreadyCompleted(deployment.id)
      engine.continue(deployment.id, 'TERMINATION_WAIT')
      return {}
    },
    GetDeploymentTarget: (input) => ({
      deploymentTarget: target(existing(input.deploymentId), input.targetId),
    }),
    BatchGetDeploymentTargets: (input) => {
      const deployment = existing(input.deploymentId)
      const { targetIds = [] } = input
      if (targetIds.length === 0) throw errors.targetIdRequired()
      if (targetIds.length > 25) throw errors.targetListSizeExceeded(25)
      return { deploymentTargets: targetIds.map((id) => target(deployment, id)) }
    },
    ListDeploymentTargets: (input) => {
      const deployment = existing(input.deploymentId)
      const filters = input.targetFilters ?? {}
      const filter = Object.keys(filters).find((name) => name !== 'TargetStatus')
      if (filter !== undefined) throw errors.invalidTargetFilterName(filter)
      const listed = filters.TargetStatus?.includes(targetStatusOf(deployment)) ?? true
      const { page, nextToken } = paginate(listed ? [targetIdOf(deployment)] : [], input.nextToken, 100)
      return { targetIds: page, nextToken }
    },
    PutLifecycleEventHookExecutionStatus: (input) => {
      const deployment = existing(input.deploymentId)
      if (!input.lifecycleEventHookExecutionId) throw errors.invalidHookExecutionId()
      engine.hooks.answer(deployment.id, input.lifecycleEventHookExecutionId, input.status)
      return { lifecycleEventHookExecutionId: input.lifecycleEventHookExecutionId }
    },
  } satisfies Operations<typeof codedeploy>
}
