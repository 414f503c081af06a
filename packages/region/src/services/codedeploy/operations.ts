/** CodeDeploy's API for deployments and their targets; the rest is in operations-groups.ts. */
import type * as codedeploy from '@aws-sdk/client-codedeploy'
import type { Operations } from '../../protocol/operations.ts'
import type { RegionContext } from '../../service.ts'
import type { Containers } from '../ecs/contract.ts'
import { createDeployment, deploymentsOf } from './deployments.ts'
import type { Engine } from './engine.ts'
import * as errors from './errors.ts'
import type { Journal } from './journal.ts'
import { type Deployment, isOver, targetIdOf, targetStatusOf } from './model.ts'
import { groupOperations } from './operations-groups.ts'
import { batch, paginate } from './paging.ts'
import type { State } from './state.ts'
import { deploymentInfo, ecsTarget } from './views.ts'

export interface OperationDependencies {
  readonly state: State
  readonly journal: Journal
  readonly engine: Engine
  readonly containers: Containers
}

export function createOperations(context: RegionContext, dependencies: OperationDependencies) {
  const { state, journal, engine, containers } = dependencies
  const existing = (id: string | undefined): Deployment => {
    if (!id) throw errors.deploymentIdRequired()
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
      containers.describeService(clusterName, serviceName)?.arn ??
      `arn:aws:ecs:${context.region}:${context.accountId}:service/${clusterName}/${serviceName}`
    return ecsTarget(deployment, containers, arn)
  }

  return {
    ...groupOperations(dependencies),
    CreateDeployment: (input) => ({ deploymentId: createDeployment(context, dependencies, input) }),
    GetDeployment: (input) => ({ deploymentInfo: info(existing(input.deploymentId)) }),
    BatchGetDeployments: (input) => ({
      deploymentsInfo: batch(input.deploymentIds, 25)
        .flatMap((id) => journal.find(id) ?? [])
        .map(info),
    }),
    ListDeployments: (input) => {
      const { start, end } = input.createTimeRange ?? {}
      const candidates =
        input.applicationName === undefined
          ? journal.all()
          : input.deploymentGroupName === undefined
            ? journal
                .all()
                .filter((one) => one.applicationName === state.application(input.applicationName).name)
            : deploymentsOf(journal, state.group(input.applicationName, input.deploymentGroupName))
      const found = candidates
        .filter((one) => input.includeOnlyStatuses?.includes(one.status) ?? true)
        .filter((one) => start === undefined || one.createdAt >= start.getTime())
        .filter((one) => end === undefined || one.createdAt <= end.getTime())
        .map((one) => one.id)
        .reverse()
      const { page, nextToken } = paginate(found, input.nextToken, 100)
      return { deployments: page, nextToken }
    },
    StopDeployment: (input) => {
      const deployment = existing(input.deploymentId)
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
    GetDeploymentTarget: (input) => ({
      deploymentTarget: target(existing(input.deploymentId), input.targetId),
    }),
    BatchGetDeploymentTargets: (input) => {
      const deployment = existing(input.deploymentId)
      return { deploymentTargets: batch(input.targetIds, 25).map((id) => target(deployment, id)) }
    },
    ListDeploymentTargets: (input) => {
      const deployment = existing(input.deploymentId)
      const statuses = input.targetFilters?.TargetStatus
      const listed = statuses === undefined || statuses.includes(targetStatusOf(deployment))
      return { targetIds: listed ? [targetIdOf(deployment)] : [] }
    },
    PutLifecycleEventHookExecutionStatus: (input) => {
      const deployment = existing(input.deploymentId)
      if (!input.lifecycleEventHookExecutionId) throw errors.invalidHookExecutionId()
      engine.hooks.answer(deployment.id, input.lifecycleEventHookExecutionId, input.status)
      return { lifecycleEventHookExecutionId: input.lifecycleEventHookExecutionId }
    },
  } satisfies Operations<typeof codedeploy>
}
