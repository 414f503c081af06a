/** What STS offers the other parts of the emulator: credentials for tasks, and who an access key belongs to. */
import type { Principal } from '../../protocol/api.ts'
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
  /**
   * Who an access key belongs to: the wire layer's lookup. Temporary keys (`ASIA…`) have to be known; any other
   * key is the account's root. Throws `ExpiredToken` for a session that is over.
   */
  principal(accessKeyId: string): Principal | undefined
}
