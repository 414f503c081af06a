/**
 * A CodeDeploy deployment, from its creation to its end, its rollback included. CodeDeploy would wait an hour
 * for tasks that never become healthy; this stops it as soon as the release gives up.
 * https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html
 */
import {
  CreateDeploymentCommand,
  DeploymentAlreadyCompletedException,
  type DeploymentInfo,
  GetDeploymentCommand,
  GetDeploymentTargetCommand,
  ListDeploymentTargetsCommand,
  StopDeploymentCommand,
} from '@aws-sdk/client-codedeploy'
import type { ServiceManifest } from '@baton/config'
import type { Clients } from './clients.ts'
import { type Pace, startFloorMs } from './pace.ts'
import { ReleaseError } from './release-error.ts'

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
  /** Why this release stopped it: its tasks did not become healthy in time, or whoever asked for it gave up. */
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

/** Watches a deployment to its end and, where CodeDeploy rolls it back, to the end of that. */
export async function watchDeployment(
  clients: Clients,
  deploymentId: string,
  options: {
    readonly giveUpAfterMs: number
    readonly pace: Pace
    readonly onStep?: (step: LifecycleStep) => void
    readonly signal?: AbortSignal
  },
): Promise<DeploymentOutcome> {
  const { pace } = options
  const startedAt = pace.now()
  const giveUpAt = startedAt + Math.max(pace.toReal(options.giveUpAfterMs), startFloorMs)
  let stopped: DeploymentOutcome['stopped']
  let awaited = false
  let steps: readonly LifecycleStep[] = []
  for (;;) {
    const info = await deploymentInfo(clients, deploymentId)
    steps = await lifecycle(clients, deploymentId, steps, options.onStep)
    if (ended.has(info.status ?? '')) {
      const rollbackDeploymentId = info.rollbackInfo?.rollbackDeploymentId
      const rolledBack =
        rollbackDeploymentId !== undefined && (await succeeded(clients, rollbackDeploymentId, pace))
      return {
        deploymentId,
        status: info.status ?? '',
        ...(info.errorInformation?.code ? { errorCode: info.errorInformation.code } : {}),
        ...(info.errorInformation?.message ? { message: info.errorInformation.message } : {}),
        rolledBack,
        ...(rollbackDeploymentId ? { rollbackDeploymentId } : {}),
        ...(stopped ? { stopped } : {}),
        steps,
        durationMs: pace.now() - startedAt,
      }
    }
    const installed = steps.some((step) => step.name === 'Install' && step.status === 'Succeeded')
    // The group asks for an approval: new tasks are up and tested, production traffic waits for somebody's yes.
    if (info.status === 'Ready' && !awaited) {
      awaited = true
      options.onStep?.({
        name: 'Approval',
        status: `aws deploy continue-deployment --deployment-id ${deploymentId}`,
      })
    }
    if (!stopped && (options.signal?.aborted || (!installed && pace.now() >= giveUpAt))) {
      stopped = options.signal?.aborted ? 'interrupted' : 'gave-up'
      await stop(clients, deploymentId)
    }
    await pace.sleep(5_000)
  }
}

/** Stops and rolls back; a deployment that ended in between needs neither. */
async function stop(clients: Clients, deploymentId: string): Promise<void> {
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

async function succeeded(clients: Clients, deploymentId: string, pace: Pace): Promise<boolean> {
  for (;;) {
    const { status } = await deploymentInfo(clients, deploymentId)
    if (ended.has(status ?? '')) return status === 'Succeeded'
    await pace.sleep(5_000)
  }
}

async function lifecycle(
  clients: Clients,
  deploymentId: string,
  before: readonly LifecycleStep[],
  onStep?: (step: LifecycleStep) => void,
): Promise<readonly LifecycleStep[]> {
  const { targetIds } = await clients.codedeploy.send(new ListDeploymentTargetsCommand({ deploymentId }))
  const targetId = targetIds?.[0]
  if (!targetId) return before
  const { deploymentTarget } = await clients.codedeploy.send(
    new GetDeploymentTargetCommand({ deploymentId, targetId }),
  )
  const steps = (deploymentTarget?.ecsTarget?.lifecycleEvents ?? []).map((event) => ({
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
