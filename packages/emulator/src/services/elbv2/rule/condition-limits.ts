/**
 * How much the conditions of one rule may hold. AWS counts over the whole rule, whatever the condition: a rule that
 * asks for two headers and four paths is one too many. Of the two numbers of wildcards that AWS's pages give, 5 and 6,
 * the larger is the one of its quotas, and the one that the service names when it refuses.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
 */
import type { RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2'
import { validationError } from '../model/errors.ts'

export const maxConditionValues = 5
export const maxConditionWildcards = 6

/** A rule has one condition of each of these at most; of headers and query strings it may have several. */
const singleFields = ['host-header', 'http-request-method', 'path-pattern', 'source-ip']

/** Throws the `ValidationError` that AWS would answer; `conditions` are as AWS keeps them. */
export function checkConditionLimits(conditions: readonly RuleCondition[]): void {
  for (const field of singleFields) {
    if (conditions.filter(({ Field }) => Field === field).length > 1) {
      throw validationError(`A rule can only have one '${field}' condition`)
    }
  }
  const values = conditions.reduce((sum, condition) => sum + conditionValues(condition).length, 0)
  if (values > maxConditionValues) {
    throw validationError(`A rule can only have '${maxConditionValues}' condition values and regex values`)
  }
  const wildcards = conditions.reduce((sum, condition) => sum + wildcardsOf(condition), 0)
  if (wildcards > maxConditionWildcards) {
    throw validationError(`A rule can only have '${maxConditionWildcards}' condition wildcards`)
  }
}

/** The values of a condition, whatever its field. */
export function conditionValues(condition: RuleCondition): readonly unknown[] {
  return [
    ...patternsOf(condition),
    ...(condition.HostHeaderConfig?.RegexValues ?? []),
    ...(condition.PathPatternConfig?.RegexValues ?? []),
    ...(condition.HttpHeaderConfig?.RegexValues ?? []),
    ...(condition.HttpRequestMethodConfig?.Values ?? []),
    ...(condition.QueryStringConfig?.Values ?? []),
    ...(condition.SourceIpConfig?.Values ?? []),
  ]
}

const patternsOf = (condition: RuleCondition): readonly string[] => [
  ...(condition.HostHeaderConfig?.Values ?? []),
  ...(condition.PathPatternConfig?.Values ?? []),
  ...(condition.HttpHeaderConfig?.Values ?? []),
]

/** A backslash makes one literal; in a regular expression there are none. */
function wildcardsOf(condition: RuleCondition): number {
  const pairs = condition.QueryStringConfig?.Values ?? []
  const texts = [...patternsOf(condition), ...pairs.flatMap(({ Key = '', Value = '' }) => [Key, Value])]
  return texts.reduce((sum, text) => sum + (text.replace(/\\[*?]/g, '').match(/[*?]/g)?.length ?? 0), 0)
}
