/**
 * JSON lines to standard output, which the platform sends to CloudWatch, and the same to a file below `LOG_DIR`.
 * Several tasks share that directory (EFS), so each writes below its own. A log that cannot be written never takes the
 * service down, and takes a bounded amount of memory.
 */
import { hostname } from 'node:os'
import { join } from 'node:path'
import pino, { type Logger } from 'pino'
import type { Environment } from './config.ts'
import { openLogDestination } from './log-destination.ts'

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
  const stdout = openLogDestination(1, {
    failed: () => undefined,
    recovered: (lost) => logger.warn({ lost }, 'standard output is written again'),
  })
  const destinations = [stdout]
  if (logDir !== undefined) {
    const path = join(logDir, service, taskDirectory(env), `${service}.log`)
    // Not to the file itself: each failed line would cause another one.
    const reports = pino({ base }, stdout)
    const file = openLogDestination(path, {
      failed: (error) => reports.warn({ err: error }, 'log file not written'),
      recovered: (lost) => reports.warn({ lost }, 'log file is written again'),
    })
    destinations.push(file)
  }
  const logger: Logger = pino({ base }, pino.multistream(destinations.map((stream) => ({ stream }))))
  return {
    logger,
    flush() {
      for (const destination of destinations) destination.close()
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
