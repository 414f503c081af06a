/** The deployments of a service that AWS knows: the one that is under way, and what it releases. */
import {
  ApplicationDoesNotExistException,
  DeploymentGroupDoesNotExistException,
  type DeploymentInfo,
  DeploymentStatus,
  GetDeploymentCommand,
  ListDeploymentsCommand,
} from '@aws-sdk/client-codedeploy'
import type { ServiceManifest } from '@baton/config'
import type { Clients } from '../aws/clients.ts'
import { ReleaseError } from '../release-error.ts'
import { rollingUpdateUnderWay } from './service-deployment.ts'

export interface DeploymentUnderWay {
  readonly id: string
  /** CodeDeploy's word: `InProgress`, `Ready` (waits for an approval), … */
  readonly status: string
  readonly createdAt?: Date
  /** Undefined for a deployment that Baton has not begun, and for a rollback. */
  readonly version?: string
  /** The deployment that this one takes back. */
  readonly rollsBack?: string
}

const open = [
  DeploymentStatus.CREATED,
  DeploymentStatus.QUEUED,
  DeploymentStatus.IN_PROGRESS,
  DeploymentStatus.READY,
  DeploymentStatus.BAKING,
]

/** There is one at a time; undefined where none is under way. */
export async function deploymentUnderWay(
  clients: Pick<Clients, 'codedeploy' | 'ecs'>,
  manifest: ServiceManifest,
): Promise<DeploymentUnderWay | undefined> {
  if (manifest.controller === 'ECS') {
    const update = await rollingUpdateUnderWay(clients, manifest)
    if (update?.serviceDeploymentArn === undefined) return undefined
    const { serviceDeploymentArn: id, status = '', createdAt } = update
    const rollsBack = status.startsWith('ROLLBACK_') ? { rollsBack: id } : {}
    return { id, status, ...(createdAt ? { createdAt } : {}), ...rollsBack }
  }
  const [id] = await deploymentsOf(clients, manifest, open)
  if (id === undefined) return undefined
  const info = await describeDeployment(clients, id)
  const version = versionOf(info)
  const rollsBack = info.rollbackInfo?.rollbackTriggeringDeploymentId
  return {
    id,
    status: info.status ?? '',
    ...(info.createTime ? { createdAt: info.createTime } : {}),
    ...(version === undefined ? {} : { version }),
    ...(rollsBack ? { rollsBack } : {}),
  }
}

/** The same, for commands that need one. Throws `nothing-under-way`. */
export async function requireDeploymentUnderWay(
  clients: Pick<Clients, 'codedeploy' | 'ecs'>,
  manifest: ServiceManifest,
): Promise<DeploymentUnderWay> {
  const found = await deploymentUnderWay(clients, manifest)
  if (found) return found
  throw new ReleaseError(
    'nothing-under-way',
    `No deployment of ${manifest.service} is under way.`,
    'See what ran last: baton releases.',
  )
}

/** Ids of the deployments, newest first; none before the platform is applied. */
async function deploymentsOf(
  { codedeploy }: Pick<Clients, 'codedeploy'>,
  manifest: ServiceManifest,
  includeOnlyStatuses: DeploymentStatus[],
): Promise<readonly string[]> {
  try {
    const { deployments = [] } = await codedeploy.send(
      new ListDeploymentsCommand({
        applicationName: manifest.codedeployApplication,
        deploymentGroupName: manifest.codedeployDeploymentGroup,
        includeOnlyStatuses,
      }),
    )
    return deployments
  } catch (error) {
    const unknown = [ApplicationDoesNotExistException, DeploymentGroupDoesNotExistException]
    if (unknown.some((kind) => error instanceof kind)) return []
    throw error
  }
}

export async function describeDeployment(
  { codedeploy }: Pick<Clients, 'codedeploy'>,
  deploymentId: string,
): Promise<DeploymentInfo> {
  const { deploymentInfo } = await codedeploy.send(new GetDeploymentCommand({ deploymentId }))
  return deploymentInfo ?? {}
}

/** As `createDeployment` describes it. */
const versionOf = ({ description }: DeploymentInfo) => /^baton (\S+)$/.exec(description ?? '')?.[1]
