/** A synthesized stack's folder after reading: blocks by address, expressions still as they stand in the JSON. */

export type Json = unknown
export type JsonObject = Readonly<Record<string, Json>>

export type Mode = 'managed' | 'data' | 'ephemeral'

export interface ResourceBlock {
  readonly mode: Mode
  /** `aws_vpc.main`, `data.aws_region.current`, `ephemeral.aws_secretsmanager_random_password.owner`. */
  readonly address: string
  readonly type: string
  readonly name: string
  /** The arguments without the meta-arguments. */
  readonly body: JsonObject
  readonly count: Json
  readonly forEach: Json
  readonly dependsOn: readonly string[]
  /** `aws` or `aws.edge`. */
  readonly provider: string | undefined
  readonly lifecycle: Lifecycle
}

export interface Lifecycle {
  readonly createBeforeDestroy: boolean
  readonly preventDestroy: boolean
  readonly ignoreChanges: 'all' | readonly string[]
  readonly replaceTriggeredBy: readonly string[]
  readonly preconditions: readonly Condition[]
  readonly postconditions: readonly Condition[]
}

export interface Condition {
  readonly condition: Json
  readonly errorMessage: Json
}

export interface VariableBlock {
  readonly name: string
  /** Type constraint as written: `string`, `list(object({…}))`. */
  readonly type: string | undefined
  readonly default: Json
  readonly nullable: boolean
  readonly validations: readonly Condition[]
}

export interface OutputBlock {
  readonly name: string
  readonly value: Json
  readonly sensitive: boolean
  readonly preconditions: readonly Condition[]
}

export interface ProviderBlock {
  /** `aws`, or `aws.edge` for the one with that alias. */
  readonly key: string
  readonly body: JsonObject
}

export interface MovedBlock {
  readonly from: string
  readonly to: string
}

export interface ImportBlock {
  readonly to: string
  readonly id: string
}

export interface RemovedBlock {
  readonly from: string
  /** False: forget it, and leave it where it is. */
  readonly destroy: boolean
}

export interface Configuration {
  /** Absolute path of the folder. */
  readonly folder: string
  readonly variables: ReadonlyMap<string, VariableBlock>
  readonly locals: ReadonlyMap<string, Json>
  readonly outputs: ReadonlyMap<string, OutputBlock>
  readonly resources: ReadonlyMap<string, ResourceBlock>
  readonly providers: ReadonlyMap<string, ProviderBlock>
  readonly moved: readonly MovedBlock[]
  readonly removed: readonly RemovedBlock[]
  readonly imports: readonly ImportBlock[]
  readonly checks: ReadonlyMap<string, readonly Condition[]>
}
