/** What ECS builds upon. */
import type { TaskCredentials, TaskRuntime } from '../../../runtime/index.ts'
import type { Metrics } from '../../cloudwatch/contract.ts'
import type { Registry } from '../../ecr/contract.ts'
import type { FileSystems } from '../../efs/contract.ts'
import type { LoadBalancing } from '../../elbv2/contract.ts'
import type { Logs } from '../../logs/contract.ts'
import type { Secrets } from '../../secretsmanager/contract.ts'
import type { Parameters } from '../../ssm/contract.ts'

export interface EcsDependencies {
  readonly loadBalancing: LoadBalancing
  readonly registry: Registry
  readonly logs: Logs
  readonly secrets: Secrets
  readonly parameters: Parameters
  readonly runtime: TaskRuntime
  /** Without it, EFS volumes fail their tasks. */
  readonly fileSystems?: FileSystems
  /** Without it, utilization is not measured, and no alarm fails a deployment. */
  readonly metrics?: Metrics
  /** Content of an object in S3, for files of variables; undefined when there is none. */
  objects?(bucket: string, key: string): Promise<string | undefined>
  /** Availability Zone of a subnet; without it, the region's first. */
  zoneOf?(subnetId: string): string | undefined
  /** URL of the emulator's API; undefined until it listens. */
  apiEndpoint(): string | undefined
  /** Temporary credentials of a task's role. */
  taskCredentials(roleArn: string, taskId: string): TaskCredentials
}
