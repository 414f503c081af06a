/** What ECS builds upon. */
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
  /** Without it, EFS volumes fail their tasks. */
  readonly efs?: Efs
  /** Without it, utilization is not measured, and no alarm fails a deployment. */
  readonly cloudWatch?: CloudWatch
  /** Content of an object in S3, for files of variables; undefined when there is none. */
  objects?(bucket: string, key: string): Promise<string | undefined>
  /** Availability Zone of a subnet; without it, the region's first. */
  zoneOf?(subnetId: string): string | undefined
  /** URL of the emulator's API; undefined until it listens. */
  apiEndpoint(): string | undefined
  /** Temporary credentials of a task's role. */
  taskCredentials(roleArn: string, taskId: string): TaskCredentials
}
