/** Turns what the schema found into problems: where, what is wrong, how to fix it. */
import type { z } from 'zod'
import type { Problem } from './problems.ts'
import { renamedOption } from './renamed.ts'
import { platformSchema } from './schema.ts'
import { knownKeys } from './schema-keys.ts'
import { didYouMean } from './suggest.ts'

export type Issue = z.core.$ZodIssue

/** One finding of the schema: the problem, and the place whose value cannot be used. */
export interface Finding {
  readonly problem: Problem
  readonly at: readonly PropertyKey[]
  /** `unknown` keys can be left out without changing what the rest means. */
  readonly kind: 'unknown' | 'missing' | 'wrong'
}

export const pathText = (path: readonly PropertyKey[]): string => path.map(String).join('.')

/** Parse with `reportInput`, so that a message can show what was written. */
export function findings(issues: readonly Issue[], base: readonly PropertyKey[] = []): Finding[] {
  return issues.flatMap((issue): Finding[] => {
    const at = [...base, ...issue.path]
    const path = pathText(at)
    switch (issue.code) {
      case 'unrecognized_keys':
        return issue.keys.map((key) => unknownKey(at, key))
      case 'invalid_union':
        return unionFindings(issue, at)
      case 'invalid_key': {
        const fix = issue.issues[0]?.message ?? 'Use another name.'
        return [{ at, kind: 'wrong', problem: { path, message: 'this name cannot be used', fix } }]
      }
      default: {
        const missing = issue.code === 'invalid_type' && issue.input === undefined
        const problem = missing
          ? { path, message: 'is missing', fix: missingFix(path, issue.expected) }
          : { path, ...describe(issue) }
        return [{ at, kind: missing ? 'missing' : 'wrong', problem }]
      }
    }
  })
}

function unknownKey(at: readonly PropertyKey[], key: string): Finding {
  const known = knownKeys(platformSchema, at)
  const path = pathText([...at, key])
  const renamed = renamedOption(path)
  if (renamed !== undefined) {
    const problem = { path, message: 'this option has another name now', fix: renamed }
    return { at: [...at, key], kind: 'unknown', problem }
  }
  return {
    at: [...at, key],
    kind: 'unknown',
    problem: {
      path: pathText([...at, key]),
      message: 'there is no option of this name',
      fix: didYouMean(key, known, `Remove it. Options here: ${known.join(', ')}.`),
    },
  }
}

/** A health check of a container has no command where it was meant for the load balancer. */
const missingFix = (path: string, expected: string): string =>
  path.endsWith('.healthCheck.command')
    ? "Add command: ['CMD', …], which runs in the container. The load balancer's check is health."
    : `Add ${nounOf(expected)}.`

/** zod's own words for a union that no alternative fits. */
const invalid = 'Invalid input'

/** The alternative that the value comes closest to is the one that was meant. */
function unionFindings(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  at: readonly PropertyKey[],
): Finding[] {
  const own = issue.message === invalid ? undefined : issue.message
  if (own !== undefined && issue.errors.flat().every(({ path }) => path.length === 0)) {
    const message = `${JSON.stringify(issue.input) ?? 'undefined'} cannot be used`
    return [{ at, kind: 'wrong', problem: { path: pathText(at), message, fix: own } }]
  }
  const meant = issue.errors.find((errors) =>
    errors.every(({ path, code }) => path.length > 0 || code !== 'invalid_type'),
  )
  if (meant !== undefined) return findings(meant, at)
  const options: readonly string[] =
    'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : []
  const fix = options.length > 0 ? `Use one of: ${options.join(', ')}.` : 'Write a folder, or an object.'
  const message = 'is not one of the allowed values'
  // Without its discriminator no part of the object can be read.
  const unusable = 'discriminator' in issue && issue.discriminator === at.at(-1) ? at.slice(0, -1) : at
  return [{ at: unusable, kind: 'wrong', problem: { path: pathText(at), message, fix } }]
}

function describe(issue: Exclude<Issue, { code: 'unrecognized_keys' | 'invalid_union' | 'invalid_key' }>) {
  const written = JSON.stringify(issue.input) ?? 'undefined'
  switch (issue.code) {
    case 'invalid_type':
      return {
        message: `${written} is not ${nounOf(issue.expected)}`,
        fix: `Write ${nounOf(issue.expected)}.`,
      }
    case 'invalid_value': {
      const values = issue.values.map(String)
      const fix = didYouMean(String(issue.input), values, `Use one of: ${values.join(', ')}.`)
      return { message: `${written} is not one of ${values.join(', ')}`, fix }
    }
    case 'too_small':
      return {
        message: `${amount(issue)} is too little`,
        fix: `Use ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}${unit(issue)}.`,
      }
    case 'too_big':
      return {
        message: `${amount(issue)} is too much`,
        fix: `Use ${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}${unit(issue)}.`,
      }
    default:
      // The schema's own messages say what to write instead.
      return { message: `${written} cannot be used`, fix: issue.message }
  }
}

const amount = (issue: { origin: string; input?: unknown }) => {
  if (Array.isArray(issue.input)) return `a list of ${issue.input.length}`
  return typeof issue.input === 'string' ? `"${issue.input}"` : String(issue.input)
}

const unit = ({ origin }: { origin: string }) =>
  origin === 'string' ? ' characters' : origin === 'array' || origin === 'set' ? ' entries' : ''

const nouns: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object { … }',
  record: 'an object { … }',
  array: 'a list [ … ]',
}
const nounOf = (expected: string): string => nouns[expected] ?? expected
