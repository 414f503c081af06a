/** What CloudWatch Logs offers the other services of the emulator. */
import type { Service } from '../../service.ts'

export interface LogEvent {
  /** Milliseconds since the epoch. */
  readonly timestamp: number
  readonly message: string
}

export interface CloudWatchLogs extends Service {
  /** Appends to a stream, which is made when it does not exist. False when the group does not exist. */
  put(group: string, stream: string, events: readonly LogEvent[]): boolean
}
