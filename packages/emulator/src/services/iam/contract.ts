/** What IAM offers the other services of the emulator: who may become what, and what they may do then. */
import type { Service } from '../../service.ts'

export interface Role {
  readonly name: string
  readonly arn: string
  /** JSON. */
  readonly assumeRolePolicy: string
  readonly maxSessionSeconds: number
}

/** A policy of a role; `document` (JSON) is undefined for AWS managed policies, whose text is not known here. */
export interface RolePolicy {
  readonly name: string
  readonly arn?: string
  readonly document: string | undefined
}

export interface Iam extends Service {
  /** By name or ARN. */
  role(nameOrArn: string): Role | undefined
  /** Inline and attached policies of a role. */
  rolePolicies(roleName: string): RolePolicy[]
}
