/**
 * Service deployments: the deployments of a service under ECS's own controller, and what can be asked of them.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
 */
import {
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  ListServiceDeploymentsCommand,
  type ServiceDeployment,
  type ServiceDeploymentBrief,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs'
import type { ServiceManifest } from '@baton/config'
import type { Clients } from '../aws/clients.ts'
import { type Clock, startFloorMs } from '../clock.ts'
import { ReleaseError } from '../release-error.ts'
import type { DeploymentOutcome } from './deployment.ts'

export type Ecs = Pick<Clients, 'ecs'>

export interface RollingUpdate {
  readonly manifest: ServiceManifest
  readonly taskDefinition: string
  /** The service has no tasks yet: this update starts them. */
  readonly first: boolean
}

/** How long ECS may take to list an update that has just begun. */
const unlistedMs = 2 * 60_000

/** Begins the update; resolves with the ARN of its service deployment. Throws `deployment-refused`. */
export async function startRollingUpdate(
  clients: Ecs,
  { manifest, taskDefinition, first }: RollingUpdate,
  clock: Clock,
): Promise<string> {
  const before = await serviceDeployments(clients, manifest)
  const other = before.find(isUnderWay)
  if (other) throw refused(manifest, `${other.serviceDeploymentArn} is under way`, 'Wait for it')
  await clients.ecs
    .send(
      new UpdateServiceCommand({
        cluster: manifest.cluster,
        service: manifest.service,
        taskDefinition,
        ...(first ? { desiredCount: manifest.desiredCount } : {}),
      }),
    )
    .catch((cause: unknown) => {
      if (!(cause instanceof Error && '$fault' in cause && cause.$fault === 'client')) throw cause
      throw refused(manifest, `${cause.name}: ${cause.message}`, 'See the reason', cause)
    })
  const known = new Set(before.map(({ serviceDeploymentArn }) => serviceDeploymentArn))
  const giveUpAt = clock.now() + Math.max(clock.toReal(unlistedMs), startFloorMs)
  for (;;) {
    const begun = (await serviceDeployments(clients, manifest)).find(
      ({ serviceDeploymentArn }) => !known.has(serviceDeploymentArn),
    )
    if (begun?.serviceDeploymentArn !== undefined) return begun.serviceDeploymentArn
    if (clock.now() > giveUpAt) throw refused(manifest, 'ECS lists no deployment of it', 'Release again')
    await clock.sleep(2_000)
  }
}

function refused(manifest: ServiceManifest, reason: string, fix: string, cause?: unknown): ReleaseError {
  return new ReleaseError(
    'deployment-refused',
    `ECS refused the deployment of ${manifest.service}: ${reason}.`,
    `${fix}; nothing has been changed.`,
    { cause },
  )
}

/** The deployment that is under way; undefined where none is. */
export async function rollingUpdateUnderWay(
  clients: Ecs,
  manifest: ServiceManifest,
): Promise<ServiceDeploymentBrief | undefined> {
  return (await serviceDeployments(clients, manifest)).find(isUnderWay)
}

/** Newest first. */
async function serviceDeployments(
  { ecs }: Ecs,
  { cluster, service }: ServiceManifest,
): Promise<readonly ServiceDeploymentBrief[]> {
  const { serviceDeployments: found = [] } = await ecs.send(
    new ListServiceDeploymentsCommand({ cluster, service }),
  )
  return found
}

export const isUnderWay = ({ status }: Pick<ServiceDeployment, 'status'>) =>
  /^(PENDING|IN_PROGRESS|.*_REQUESTED|.*_IN_PROGRESS)$/.test(status ?? '')

export async function scaleToZero({ ecs }: Ecs, { cluster, service }: ServiceManifest): Promise<void> {
  await ecs.send(new UpdateServiceCommand({ cluster, service, desiredCount: 0 }))
}

/** Whether there is no release that it takes the place of: only the template of Terraform, or nothing. */
export async function isFirst(
  { ecs }: Ecs,
  { manifest }: { readonly manifest: ServiceManifest },
  { sourceServiceRevisions = [] }: ServiceDeployment,
): Promise<boolean> {
  const serviceRevisionArns = sourceServiceRevisions.flatMap(({ arn }) => arn ?? [])
  if (serviceRevisionArns.length === 0) return true
  const { serviceRevisions = [] } = await ecs.send(
    new DescribeServiceRevisionsCommand({ serviceRevisionArns }),
  )
  return serviceRevisions.every(({ taskDefinition }) =>
    taskDefinition?.includes(`/${manifest.templateFamily}:`),
  )
}

export async function describe({ ecs }: Ecs, arn: string): Promise<ServiceDeployment> {
  const { serviceDeployments: [found] = [] } = await ecs.send(
    new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [arn] }),
  )
  return found ?? {}
}

/** In the words of a CodeDeploy deployment, which everything else reads. */
export function resultOf(
  deployment: ServiceDeployment,
): Pick<DeploymentOutcome, 'status' | 'errorCode' | 'message' | 'rolledBack'> {
  const { status, statusReason, alarms, deploymentCircuitBreaker } = deployment
  if (status === 'SUCCESSFUL') return { status: 'Succeeded', rolledBack: false }
  const alarmed = alarms?.status === 'TRIGGERED'
  const errorCode = alarmed
    ? 'ALARM_ACTIVE'
    : deploymentCircuitBreaker?.status === 'TRIGGERED'
      ? 'CIRCUIT_BREAKER'
      : undefined
  const names = alarmed ? ` (${alarms?.triggeredAlarmNames?.join(', ')})` : ''
  return {
    status: 'Failed',
    ...(errorCode === undefined ? {} : { errorCode }),
    ...(statusReason ? { message: `${statusReason}${names}` } : {}),
    rolledBack: status === 'ROLLBACK_SUCCESSFUL',
  }
}

export async function taskDefinitionOf({ ecs }: Ecs, revision: string | undefined): Promise<string> {
  const { serviceRevisions = [] } = await ecs.send(
    new DescribeServiceRevisionsCommand({ serviceRevisionArns: revision === undefined ? [] : [revision] }),
  )
  return serviceRevisions[0]?.taskDefinition ?? ''
}

export const unwatched = (deploymentId: string, cause: unknown) =>
  new ReleaseError(
    'deployment-unwatched',
    `The deployment ${deploymentId} can no longer be watched: ${cause instanceof Error ? `${cause.name}: ${cause.message}` : cause}.`,
    `It goes on without this command. Sign in again if need be; \`aws ecs describe-service-deployments --service-deployment-arns ${deploymentId}\` shows how it ends.`,
    { cause },
  )
