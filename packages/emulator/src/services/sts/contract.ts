/** What STS offers the other parts of the emulator: credentials for tasks, and who an access key belongs to. */
import type { FindCredentials } from '../../protocol/signature/verify.ts'
import type { Service } from '../../service.ts'

/** As a container's credential endpoint gives them. */
export interface SessionCredentials {
  readonly RoleArn: string
  readonly AccessKeyId: string
  readonly SecretAccessKey: string
  readonly Token: string
  /** ISO 8601. */
  readonly Expiration: string
}

export interface Sts extends Service {
  /** Credentials of a role for a session; six hours unless said otherwise, as tasks get them. */
  sessionCredentials(roleArn: string, sessionName: string, durationSeconds?: number): SessionCredentials
  /** The secret and the owner of an access key: the administrator's, who is the account's root, or a session's. */
  readonly credentials: FindCredentials
}
