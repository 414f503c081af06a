/** Reads an input: checks all of it, completes it, or throws one error with everything that is wrong. */
import { completePlatform } from './complete.ts'
import type { Platform } from './platform.ts'
import { ConfigurationError } from './problems.ts'
import { platformSchema } from './schema.ts'

/** Throws `ConfigurationError`. `rootDir` is the folder that relative paths start from. */
export function resolvePlatform(input: unknown, rootDir: string): Platform {
  const parsed = platformSchema.safeParse(input)
  if (!parsed.success) {
    throw new ConfigurationError(
      parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message, fix: '' })),
    )
  }
  return completePlatform(parsed.data, rootDir)
}
