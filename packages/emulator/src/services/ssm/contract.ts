/** What the Parameter Store offers the other services of the emulator. */
import type { Service } from '../../service.ts'

export interface Ssm extends Service {
  /** A parameter's value by ARN or name; undefined when there is none. */
  parameter(nameOrArn: string): string | undefined
}
