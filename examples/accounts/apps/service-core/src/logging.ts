/**
 * JSON lines to standard output, which the platform sends to CloudWatch, and the same to a file below `LOG_DIR`.
 * Several tasks share that directory (EFS), so each writes below one of its own. A log that cannot be written
 * never takes the service down.
 */
import { hostname } from 'node:os'
import { join } from 'node:path'
import pino, { type Logger } from 'pino'
import type { Environment } from './config.ts'

export interface ServiceLog {
  readonly logger: Logger
  /** Writes out what is still buffered. */
  flush(): void
}

/** The log of one task of a service. */
export function createLog(
  service: string,
  version: string,
  logDir: string | undefined,
  env: Environment,
): ServiceLog {
  const base = { service, version }
  const stdout = pino.destination({ dest: 1, sync: false })
  const destinations = [stdout]
  if (logDir !== undefined) {
    const file = pino.destination({
      dest: join(logDir, service, taskDirectory(env), `${service}.log`),
      mkdir: true,
      sync: false,
    })
    file.on('error', (error: Error) => logger.warn({ err: error }, 'log file not written'))
    destinations.push(file)
  }
  const logger: Logger = pino({ base }, pino.multistream(destinations.map((stream) => ({ stream }))))
  return {
    logger,
    flush() {
      for (const destination of destinations) {
        try {
          destination.flushSync()
        } catch {
          // Not opened yet, or gone: there is nothing left to tell it to.
        }
      }
    },
  }
}

/**
 * The task's id, which ends the address of its metadata, else this host and process.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-metadata-endpoint-v4-fargate.html
 */
function taskDirectory(env: Environment): string {
  const id = env.ECS_CONTAINER_METADATA_URI_V4?.split('/').pop()
  return id?.replace(/[^\w-]/g, '') || `${hostname()}-${process.pid}`
}
