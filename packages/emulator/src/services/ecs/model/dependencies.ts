/** The services and the runtime that ECS depends on. */
import type { TaskCredentials, TaskRuntime } from '../../../runtime/index.ts'
import type { CloudWatch } from '../../cloudwatch/contract.ts'
import type { Ecr } from '../../ecr/contract.ts'
import type { Efs } from '../../efs/contract.ts'
import type { Elbv2 } from '../../elbv2/contract.ts'
import type { CloudWatchLogs } from '../../logs/contract.ts'
import type { SecretsManager } from '../../secretsmanager/contract.ts'
import type { Ssm } from '../../ssm/contract.ts'

export interface EcsDependencies {
  readonly elbv2: Elbv2
  readonly ecr: Pick<Ecr, 'image'>
  readonly logs: CloudWatchLogs
  readonly secretsManager: SecretsManager
  readonly ssm: Ssm
  readonly runtime: TaskRuntime
  /** Without it, a task with an EFS volume fails to start. */
  readonly efs?: Efs
  /** Without it, no utilization is measured, and no alarm fails a deployment. */
  readonly cloudWatch?: CloudWatch
  /** The content of an object in S3, for environment files; undefined for a missing object. */
  objects?(bucket: string, key: string): Promise<string | undefined>
  /** The Availability Zone of a subnet; without it, the first of the region. */
  zoneOf?(subnetId: string): string | undefined
  /** The URL of the emulator's API; undefined until it listens. */
  apiEndpoint(): string | undefined
  /** The temporary credentials of a task's role. */
  taskCredentials(roleArn: string, taskId: string): TaskCredentials
}
