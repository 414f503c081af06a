/**
 * What a service reads from its environment, all of it at the start: a task that lacks something should say so and
 * end at once, while the release still waits for it, and not at its first request.
 */

export interface ServiceConfig {
  readonly host: string
  readonly port: number
  /** The release that runs; every answer carries it as `x-app-version`. */
  readonly version: string
  /** Directory for log files besides standard output, e.g. an EFS mount; undefined for none. */
  readonly logDir: string | undefined
  /** How long requests may still run after SIGTERM. Below the task's `stopTimeout` (30 s by default). */
  readonly shutdownTimeoutMs: number
  /** Base-2 logarithm of scrypt's cost, see `passwords.ts`. */
  readonly passwordCost: number
}

export type Environment = Readonly<Record<string, string | undefined>>

/** Reads and checks the environment; throws one error that names everything that is wrong with it. */
export function readServiceConfig(env: Environment): ServiceConfig {
  const problems: string[] = []
  const whole = (name: string, fallback: number, min: number, max: number) => {
    const text = env[name]
    if (text === undefined || text === '') return fallback
    const value = Number(text)
    if (Number.isInteger(value) && value >= min && value <= max) return value
    problems.push(`${name} must be a whole number from ${min} to ${max}, not "${text}"`)
    return fallback
  }
  const config: ServiceConfig = {
    host: env.HOST || '0.0.0.0',
    port: whole('PORT', 8080, 0, 65_535),
    version: env.APP_VERSION || 'dev',
    logDir: env.LOG_DIR || undefined,
    shutdownTimeoutMs: whole('SHUTDOWN_TIMEOUT_SECONDS', 25, 1, 110) * 1000,
    passwordCost: whole('PASSWORD_COST', 10, 10, 17),
  }
  if (problems.length > 0) throw new Error(`The environment is not complete:\n  ${problems.join('\n  ')}`)
  return config
}
