/**
 * The documents of the deployment history: the deployments of a service under the rolling controller, and the
 * revisions that they deployed.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
 */
import type { ServiceDeploymentStatus } from '@aws-sdk/client-ecs'
import type { ServiceRecord } from './model.ts'

export interface ServiceRevisionRecord {
  readonly arn: string
  readonly taskSetId: string
  readonly createdAt: number
  /** The service when the revision was created. */
  readonly service: ServiceRecord
}

export interface ServiceDeploymentRecord {
  readonly arn: string
  readonly serviceArn: string
  readonly clusterName: string
  readonly serviceName: string
  readonly status: ServiceDeploymentStatus
  readonly statusReason?: string
  readonly createdAt: number
  readonly updatedAt: number
  readonly finishedAt?: number
  readonly stoppedAt?: number
  readonly targetRevisionArn: string
  readonly sourceRevisionArns: readonly string[]
  /** The task set whose result is the deployment's: the target's, or the source's during a rollback. */
  readonly taskSetId: string
  readonly failedTasks: number
  /** The alarms that watch the deployment, and those that failed it. */
  readonly alarms?: { readonly names: readonly string[]; readonly triggered: readonly string[] }
  readonly rollback?: {
    readonly reason: string
    readonly startedAt: number
    readonly serviceRevisionArn: string
  }
}
