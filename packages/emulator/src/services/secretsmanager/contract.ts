/** What Secrets Manager offers the other services of the emulator. */
import type { Service } from '../../service.ts'

export interface SecretsManager extends Service {
  /** A secret's value by ARN or name, AWSCURRENT where no version is named; undefined when there is none. */
  secretString(
    secretId: string,
    version?: { readonly stage?: string; readonly versionId?: string },
  ): string | undefined
  /** Creates or replaces a secret that another service manages (RDS's master password). Returns its ARN. */
  manage(options: { name: string; secretString: string; owningService: string }): string
  remove(secretId: string): void
}
