/** What Secrets Manager offers the other services of the region. */
import type { Service } from '../../service.ts'

export interface Secrets extends Service {
  /** The current value (AWSCURRENT) of a secret by ARN or name; undefined when there is none. */
  secretString(secretId: string): string | undefined
  /** Creates or replaces a secret that another service manages (RDS's master password). Returns its ARN. */
  manage(options: { name: string; secretString: string; owningService: string }): string
  remove(secretId: string): void
}
