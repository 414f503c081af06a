/**
 * A CodeDeploy deployment, from its creation to its end, its rollback included. CodeDeploy would wait an hour
 * for tasks that never become healthy; this stops it as soon as the release gives up.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html
 */
import { createHash } from 'node:crypto'
import {
  CreateDeploymentCommand,
  DeploymentAlreadyCompletedException,
  type DeploymentInfo,
  DeploymentLimitExceededException,
  DeploymentNotStartedException,
  type DeploymentTarget,
  DeploymentTargetDoesNotExistException,
  GetDeploymentCommand,
  GetDeploymentTargetCommand,
  ListDeploymentTargetsCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-codedeploy'
import type { ServiceManifest } from '@baton/config'
import type { Clients } from '../aws/clients.ts'
import { retryTransientErrors } from '../aws/retry-transient-errors.ts'
import { type Clock, startFloorMs } from '../clock.ts'
import { ReleaseError } from '../release-error.ts'

export interface LifecycleStep {
  /** `BeforeInstall`, `Install`, … */
  readonly name: string
  readonly status: string
  readonly startedAt?: number
  readonly endedAt?: number
}

export interface DeploymentOutcome {
  readonly deploymentId: string
  /** CodeDeploy's word: `Succeeded`, `Failed`, `Stopped`. */
  readonly status: string
  readonly errorCode?: string
  readonly message?: string
  readonly rolledBack: boolean
  readonly rollbackDeploymentId?: string
  /** Of the rollback, once it has ended. */
  readonly rollbackSteps?: readonly LifecycleStep[]
  /** Why this release stopped it: its tasks did not become healthy in time, or its caller was interrupted. */
  readonly stopped?: 'gave-up' | 'interrupted'
  readonly steps: readonly LifecycleStep[]
  /** Wall-clock milliseconds from creation to the end, a rollback included. */
  readonly durationMs: number
}

export interface DeploymentRequest {
  readonly manifest: ServiceManifest
  readonly taskDefinition: string
  readonly version: string
  /**
   * The first one: all at once, whatever the group says, and without the smoke test, because the service has no
   * tasks yet that could answer it.
   */
  readonly first?: boolean
}

const ended = new Set(['Succeeded', 'Failed', 'Stopped'])

/** Creates the deployment and returns its id. Throws `deployment-refused` with CodeDeploy's reason. */
export async function createDeployment(clients: Clients, request: DeploymentRequest): Promise<string> {
  const { manifest } = request
  const content = JSON.stringify({
    version: 0.0,
    Resources: [
      {
        TargetService: {
          Type: 'AWS::ECS::Service',
          Properties: {
            TaskDefinition: request.taskDefinition,
            LoadBalancerInfo: {
              ContainerName: manifest.containerName,
              ContainerPort: manifest.containerPort,
            },
          },
        },
      },
    ],
    ...(manifest.smokeTest && !request.first
      ? { Hooks: [{ AfterAllowTestTraffic: manifest.smokeTest }] }
      : {}),
  })
  try {
    const { deploymentId } = await clients.codedeploy.send(
      new CreateDeploymentCommand({
        applicationName: manifest.codedeployApplication,
        deploymentGroupName: manifest.codedeployDeploymentGroup,
        ...(request.first ? { deploymentConfigName: 'CodeDeployDefault.ECSAllAtOnce' } : {}),
        description: `baton ${request.version}`,
        revision: { revisionType: 'AppSpecContent', appSpecContent: { content } },
      }),
    )
    return deploymentId ?? ''
  } catch (cause) {
    if (cause instanceof DeploymentLimitExceededException) {
      const own = await underWay(clients, cause.message, content)
      if (own !== undefined) return own
    }
    if (!(cause instanceof Error && '$fault' in cause && cause.$fault === 'client')) throw cause
    throw new ReleaseError(
      'deployment-refused',
      `CodeDeploy refused the deployment of ${manifest.service}: ${cause.name}: ${cause.message}`,
      cause.name === 'DeploymentLimitExceededException'
        ? 'Wait for the deployment that is under way, or stop it.'
        : 'See the reason; nothing has been changed.',
      { cause },
    )
  }
}

/**
 * The deployment that a refusal names, where it is the very one that was asked for: the call has no token, so when its
 * answer gets lost the client asks again, and is refused for what it has begun itself.
 */
async function underWay(clients: Clients, refusal: string, content: string): Promise<string | undefined> {
  const [id] = /\bd-[A-Z0-9]+\b/.exec(refusal) ?? []
  if (id === undefined) return undefined
  const info = await deploymentInfo(clients, id).catch(() => undefined)
  const { appSpecContent } = info?.revision ?? {}
  const sha256 = createHash('sha256').update(content).digest('hex')
  // The revision is new with each release, so no other deployment names it.
  return appSpecContent?.content === content || appSpecContent?.sha256 === sha256 ? id : undefined
}

/** Watches a deployment to its end and, where CodeDeploy rolls it back, to the end of that. */
export async function watchDeployment(
  clients: Clients,
  deploymentId: string,
  options: {
    readonly giveUpAfterMs: number
    readonly clock: Clock
    readonly onStep?: (step: LifecycleStep) => void
    readonly signal?: AbortSignal
  },
): Promise<DeploymentOutcome> {
  const { clock } = options
  const startedAt = clock.now()
  const giveUpAt = startedAt + Math.max(clock.toReal(options.giveUpAfterMs), startFloorMs)
  let stopped: DeploymentOutcome['stopped']
  let awaited = false
  let steps: readonly LifecycleStep[] = []
  const watch = { clock, signal: options.signal, lost: (cause: unknown) => unwatched(deploymentId, cause) }
  for (;;) {
    const info = await retryTransientErrors(() => deploymentInfo(clients, deploymentId), watch)
    steps = await retryTransientErrors(() => lifecycle(clients, deploymentId, steps, options.onStep), watch)
    if (ended.has(info.status ?? '')) {
      const rollbackDeploymentId = info.rollbackInfo?.rollbackDeploymentId
      const rollback = rollbackDeploymentId
        ? await endOfRollback(clients, rollbackDeploymentId, watch)
        : { rolledBack: false }
      return {
        deploymentId,
        status: info.status ?? '',
        ...(info.errorInformation?.code ? { errorCode: info.errorInformation.code } : {}),
        ...(info.errorInformation?.message ? { message: info.errorInformation.message } : {}),
        ...rollback,
        ...(rollbackDeploymentId ? { rollbackDeploymentId } : {}),
        ...(stopped ? { stopped } : {}),
        steps,
        durationMs: clock.now() - startedAt,
      }
    }
    const installed = steps.some((step) => step.name === 'Install' && step.status === 'Succeeded')
    // The group asks for an approval: new tasks are up and tested, production traffic waits for an approval.
    if (info.status === 'Ready' && !awaited) {
      awaited = true
      options.onStep?.({
        name: 'Approval',
        status: `aws deploy continue-deployment --deployment-id ${deploymentId}`,
      })
    }
    if (!stopped && (options.signal?.aborted || (!installed && clock.now() >= giveUpAt))) {
      stopped = options.signal?.aborted ? 'interrupted' : 'gave-up'
      await stopDeployment(clients, deploymentId)
    }
    await clock.sleep(5_000)
  }
}

/** Stops and rolls back; a deployment that ended in between needs neither. */
export async function stopDeployment(clients: Clients, deploymentId: string): Promise<void> {
  try {
    await clients.codedeploy.send(new StopDeploymentCommand({ deploymentId, autoRollbackEnabled: true }))
  } catch (error) {
    if (!(error instanceof DeploymentAlreadyCompletedException)) throw error
  }
}

async function deploymentInfo(clients: Clients, deploymentId: string): Promise<DeploymentInfo> {
  const { deploymentInfo: info } = await clients.codedeploy.send(new GetDeploymentCommand({ deploymentId }))
  return info ?? {}
}

async function endOfRollback(
  clients: Clients,
  deploymentId: string,
  watch: Parameters<typeof retryTransientErrors>[1],
): Promise<{ rolledBack: boolean; rollbackSteps: readonly LifecycleStep[] }> {
  for (;;) {
    const { status } = await retryTransientErrors(() => deploymentInfo(clients, deploymentId), watch)
    if (ended.has(status ?? '')) {
      const rollbackSteps = await retryTransientErrors(() => lifecycle(clients, deploymentId, []), watch)
      return { rolledBack: status === 'Succeeded', rollbackSteps }
    }
    await watch.clock.sleep(5_000)
  }
}

const unwatched = (deploymentId: string, cause: unknown) =>
  new ReleaseError(
    'deployment-unwatched',
    `The deployment ${deploymentId} can no longer be watched: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : cause}.`,
    `It goes on without this command. Sign in again if need be; \`aws deploy get-deployment --deployment-id ${deploymentId}\` tells how it ends, and the next release resumes scaling.`,
    { cause },
  )

async function lifecycle(
  clients: Clients,
  deploymentId: string,
  before: readonly LifecycleStep[],
  onStep?: (step: LifecycleStep) => void,
): Promise<readonly LifecycleStep[]> {
  const deploymentTarget = await targetOf(clients, deploymentId)
  if (deploymentTarget === undefined) return before
  const steps = (deploymentTarget.ecsTarget?.lifecycleEvents ?? []).map((event) => ({
    name: event.lifecycleEventName ?? '',
    status: event.status ?? '',
    ...(event.startTime ? { startedAt: event.startTime.getTime() } : {}),
    ...(event.endTime ? { endedAt: event.endTime.getTime() } : {}),
  }))
  for (const step of steps) {
    const known = before.find((candidate) => candidate.name === step.name)
    if (known?.status !== step.status) onStep?.(step)
  }
  return steps
}

/** Undefined until the deployment has started: CodeDeploy answers with an error before. */
async function targetOf(clients: Clients, deploymentId: string): Promise<DeploymentTarget | undefined> {
  try {
    const { targetIds } = await clients.codedeploy.send(new ListDeploymentTargetsCommand({ deploymentId }))
    const targetId = targetIds?.[0]
    if (!targetId) return undefined
    const { deploymentTarget } = await clients.codedeploy.send(
      new GetDeploymentTargetCommand({ deploymentId, targetId }),
    )
    return deploymentTarget
  } catch (error) {
    if (error instanceof DeploymentNotStartedException) return undefined
    if (error instanceof DeploymentTargetDoesNotExistException) return undefined
    throw error
  }
}
