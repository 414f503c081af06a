/** What RDS keeps: instances with their servers' data, and the groups that they refer to. */

import type { ProcessIdentity } from '../../runtime/index.ts'
import type { EmulatorContext } from '../../service.ts'
import type { Collection } from '../../store.ts'

export interface InstanceRecord {
  readonly identifier: string
  readonly arn: string
  readonly resourceId: string
  readonly address: string
  /** The port as AWS counts it. */
  readonly port: number
  readonly status: 'creating' | 'available' | 'modifying' | 'rebooting' | 'deleting'
  readonly engine: string
  readonly engineVersion: string
  readonly instanceClass: string
  readonly allocatedStorage: number
  readonly maxAllocatedStorage: number | undefined
  readonly storageType: string
  readonly storageEncrypted: boolean
  readonly multiAz: boolean
  readonly publiclyAccessible: boolean
  readonly deletionProtection: boolean
  readonly backupRetentionPeriod: number
  readonly backupWindow: string
  readonly maintenanceWindow: string
  readonly dbName: string | undefined
  readonly username: string
  readonly subnetGroup: string
  readonly parameterGroup: string
  readonly securityGroups: readonly string[]
  readonly caCertificateIdentifier: string
  readonly masterSecretArn?: string
  readonly createdAt: number
  readonly dataDir: string
  readonly adminPassword: string
  readonly certificate: { readonly key: string; readonly cert: string }
  readonly process?: ProcessIdentity
  readonly tags: Readonly<Record<string, string>>
}

export type Tags = Readonly<Record<string, string>>

export interface SubnetGroupRecord {
  readonly name: string
  readonly arn: string
  readonly description: string
  readonly subnetIds: readonly string[]
  readonly tags?: Tags
}

export interface ParameterGroupRecord {
  readonly name: string
  readonly arn: string
  readonly family: string
  readonly description: string
  readonly parameters: readonly {
    readonly name: string
    readonly value: string
    readonly applyMethod: string
  }[]
  readonly tags?: Tags
}

export interface OptionGroupRecord {
  readonly name: string
  readonly arn: string
  readonly engineName: string
  readonly majorEngineVersion: string
  readonly description: string
  readonly tags?: Tags
}

/** An instance as it is asked for. */
export type NewInstance = Omit<
  InstanceRecord,
  | 'arn'
  | 'resourceId'
  | 'address'
  | 'status'
  | 'createdAt'
  | 'dataDir'
  | 'adminPassword'
  | 'certificate'
  | 'process'
  | 'masterSecretArn'
> & {
  /** The master's password; without one, RDS creates and keeps one itself. */
  readonly password: string | undefined
}

export interface RdsState {
  readonly instances: Collection<InstanceRecord>
  readonly subnetGroups: Collection<SubnetGroupRecord>
  readonly parameterGroups: Collection<ParameterGroupRecord>
  readonly optionGroups: Collection<OptionGroupRecord>
  arn(kind: string, name: string): string
  /** The account's part of every endpoint: `<identifier>.<this>.<region>.rds.amazonaws.com`. */
  address(identifier: string): string
}

export function createState(context: EmulatorContext): RdsState {
  const collection = <T>(noun: string) => context.store.collection<T>(`rds.${noun}`)
  const account = collection<string>('account')
  return {
    instances: collection('instances'),
    subnetGroups: collection('subnet-groups'),
    parameterGroups: collection('parameter-groups'),
    optionGroups: collection('option-groups'),
    arn: (kind, name) => `arn:aws:rds:${context.region}:${context.accountId}:${kind}:${name}`,
    address(identifier) {
      if (!account.has('endpoint')) account.put('endpoint', context.ids.hex('c', 11))
      return `${identifier}.${account.get('endpoint')}.${context.region}.rds.amazonaws.com`
    },
  }
}
