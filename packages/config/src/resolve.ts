/** Reads an input: checks and completes it, or throws one error with everything that is wrong. */
import { checks } from './checks/index.ts'
import { completePlatform } from './complete.ts'
import type { Platform } from './platform.ts'
import { ConfigurationError } from './problems.ts'
import { follows, isObject, repair } from './repair.ts'
import { platformSchema } from './schema.ts'
import { type Finding, findings } from './schema-problems.ts'

/** A repair may lead to the next finding (a missing key in an object that had a wrong one): at most this often. */
const repairs = 8

/** Throws `ConfigurationError`. `rootDir` is the folder that relative paths start from. */
export function resolvePlatform(input: unknown, rootDir: string): Platform {
  if (!isObject(input)) {
    const message = 'a platform is an object'
    throw new ConfigurationError([{ path: '', message, fix: 'Write definePlatform({ project: …, … }).' }])
  }
  const found: Finding[] = []
  let candidate: unknown = input
  for (let attempt = 0; attempt <= repairs; attempt++) {
    const parsed = platformSchema.safeParse(candidate, { reportInput: true })
    if (!parsed.success) {
      const next = findings(parsed.error.issues)
      found.push(...next.filter(({ problem }) => !follows(problem, found)))
      candidate = repair(candidate, next)
      continue
    }
    const platform = completePlatform(parsed.data, rootDir)
    const whole = checks.flatMap((check) => check(platform, parsed.data))
    const problems = [
      ...found.map(({ problem }) => problem),
      ...whole.filter((problem) => !follows(problem, found)),
    ]
    if (problems.length > 0) throw new ConfigurationError(problems)
    return platform
  }
  throw new ConfigurationError(found.map(({ problem }) => problem))
}
