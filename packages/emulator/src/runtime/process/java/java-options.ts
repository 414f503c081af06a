/**
 * What a JVM gets beside its own options, in `JAVA_TOOL_OPTIONS`: the trust store with the emulator's authority, and the
 * task's memory in place of the machine's. What the application has set itself stays as it is, and wins.
 */
import { trustStorePassword } from './trust-store.ts'

export interface JavaLimits {
  readonly trustStore: string
  /** Of the container, or of its task; undefined for one without a limit. */
  readonly memoryMiB?: number | undefined
}

/** `given` is the value that the application has; `commandLine` is what it starts. */
export function javaToolOptions(
  given: string | undefined,
  commandLine: readonly string[],
  { trustStore, memoryMiB }: JavaLimits,
): string {
  const has = (option: string) => [given ?? '', ...commandLine].some((text) => text.includes(option))
  const trust = has('-Djavax.net.ssl.trustStore=')
    ? []
    : [
        `-Djavax.net.ssl.trustStore=${quoted(trustStore)}`,
        `-Djavax.net.ssl.trustStorePassword=${trustStorePassword}`,
      ]
  // A JVM sizes its heap by what it takes for the machine's memory; on Fargate that is the task's.
  const memory = memoryMiB === undefined || has('-XX:MaxRAM=') ? [] : [`-XX:MaxRAM=${memoryMiB}m`]
  return [...(given ? [given] : []), ...trust, ...memory].join(' ')
}

/** The JVM splits the variable at spaces. */
const quoted = (path: string) => (/\s/.test(path) ? `"${path}"` : path)
