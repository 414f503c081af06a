/**
 * Life-cycle policies: which images of a repository are to go. They see tags and ages and nothing else: an image
 * that a running service is pinned to goes as well, and the service can then start no more tasks.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
 */
import { compileWildcard } from '../../matching/wildcard.ts'
import { invalidParameter } from './errors.ts'
import type { StoredManifest } from './model.ts'

interface Rule {
  readonly rulePriority: number
  readonly selection: {
    readonly tagStatus: 'tagged' | 'untagged' | 'any'
    readonly tagPrefixList?: readonly string[]
    readonly tagPatternList?: readonly string[]
    readonly countType: 'imageCountMoreThan' | 'sinceImagePushed'
    readonly countUnit?: 'days'
    readonly countNumber: number
  }
}

/** Reads a policy; throws InvalidParameterException that says what is wrong with it. */
export function parseLifecyclePolicy(text: string): readonly Rule[] {
  const invalid = (why: string) =>
    invalidParameter(`Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: '${why}'`)
  let rules: unknown
  try {
    rules = JSON.parse(text).rules
  } catch {
    throw invalid('Lifecycle policy validation failure: the policy is no JSON')
  }
  if (!Array.isArray(rules) || rules.length === 0)
    throw invalid('Lifecycle policy validation failure: no rules')
  for (const rule of rules) {
    const why = problemOf(rule)
    if (why !== undefined) throw invalid(`Lifecycle policy validation failure: ${why}`)
  }
  const priorities = rules.map(({ rulePriority }: Rule) => rulePriority)
  if (new Set(priorities).size < rules.length)
    throw invalid('Lifecycle policy validation failure: a priority is used twice')
  return (rules as Rule[]).toSorted((a, b) => a.rulePriority - b.rulePriority)
}

/** True for one policy written in two ways: the order of rules, lists and keys says nothing. */
export function sameLifecyclePolicy(a: string, b: string): boolean {
  try {
    return canonical(JSON.parse(a)) === canonical(JSON.parse(b))
  } catch {
    return false
  }
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).sort().join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).map(([key, item]) => `${key}:${canonical(item)}`)
  return `{${entries.sort().join()}}`
}

function problemOf(rule: Partial<Rule> & { action?: { type?: string } }): string | undefined {
  const {
    tagStatus = '',
    tagPrefixList,
    tagPatternList,
    countType = '',
    countUnit,
    countNumber = 0,
  } = rule.selection ?? {}
  const listed = (tagPrefixList ?? tagPatternList ?? []).length > 0
  if (!Number.isInteger(rule.rulePriority) || Number(rule.rulePriority) < 1)
    return 'rulePriority must be 1 or more'
  if (!['tagged', 'untagged', 'any'].includes(tagStatus)) return `tagStatus "${tagStatus}" is unknown`
  if (tagStatus === 'tagged' && !listed) return 'tagged needs a tagPrefixList or a tagPatternList'
  if (tagStatus !== 'tagged' && listed) return `${tagStatus} takes no list of tags`
  if (!['imageCountMoreThan', 'sinceImagePushed'].includes(countType))
    return `countType "${countType}" is unknown here`
  if (countType === 'sinceImagePushed' && countUnit !== 'days')
    return 'sinceImagePushed needs the countUnit days'
  if (!Number.isInteger(countNumber) || countNumber < 1) return 'countNumber must be 1 or more'
  if (rule.action?.type !== 'expire') return `action "${rule.action?.type}" is unknown here`
  return undefined
}

/** The images that the rules expire. An image is judged by the first rule that selects it, by priority. */
export function expiredImages(
  rules: readonly Rule[],
  images: readonly StoredManifest[],
  ageDays: (image: StoredManifest) => number,
): StoredManifest[] {
  const expired: StoredManifest[] = []
  let left = [...images].sort((a, b) => b.pushedAt - a.pushedAt)
  for (const { selection } of rules) {
    const selected = left.filter(({ tags }) => selects(selection, tags))
    left = left.filter((image) => !selected.includes(image))
    const beyond =
      selection.countType === 'imageCountMoreThan'
        ? selected.slice(selection.countNumber)
        : selected.filter((image) => ageDays(image) > selection.countNumber)
    expired.push(...beyond)
  }
  return expired
}

function selects(selection: Rule['selection'], tags: readonly string[]): boolean {
  if (selection.tagStatus === 'any') return true
  if (selection.tagStatus === 'untagged') return tags.length === 0
  const filters = selection.tagPatternList ?? selection.tagPrefixList?.map((prefix) => `${prefix}*`) ?? []
  // Every filter has to find a tag, so that a list narrows.
  return filters.every((filter) => tags.some((tag) => compileWildcard(filter)(tag)))
}
