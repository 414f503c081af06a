/**
 * Filter policies: which messages of its topic a subscription lets through, by their attributes or by their body.
 * They are EventBridge's patterns over a flat object of attributes, or over the JSON of the message.
 *
 * https://docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html
 */
import { isObject, parseJson } from '../../json-object.ts'
import { eventPattern } from '../events/contract.ts'
import { invalidParameter } from './errors.ts'
import type { MessageAttributes } from './message.ts'

/** https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html */
const keysMax = 5
const combinationsMax = 150

type Attributes = Readonly<Record<string, string>>

/** Whether a message passes; every one does where there is no policy. */
export type Filter = (message: string, attributes: MessageAttributes) => boolean

/** Reads the attributes of a subscription; throws what SNS says of a policy that it does not take. */
export function filterOf({ FilterPolicy = '', FilterPolicyScope = 'MessageAttributes' }: Attributes): Filter {
  if (!['MessageAttributes', 'MessageBody'].includes(FilterPolicyScope)) {
    throw invalidParameter(
      `FilterPolicyScope: Invalid value [${FilterPolicyScope}]. Please use either MessageBody or MessageAttributes`,
    )
  }
  if (FilterPolicy === '') return () => true
  const byBody = FilterPolicyScope === 'MessageBody'
  const matches = patternOf(FilterPolicy, byBody)
  if (matches === undefined) return () => true
  return byBody
    ? (message) => matches(parseJson(message))
    : (_message, attributes) => matches(attributeValues(attributes))
}

function patternOf(policy: string, nested: boolean): ((value: unknown) => boolean) | undefined {
  const of = parseJson(policy)
  if (!isObject(of)) throw refused('failed to parse JSON')
  const leaves = leavesOf(of, 1)
  if (leaves.length === 0) return undefined
  if (!nested && leaves.some(({ depth }) => depth > 1)) {
    throw refused('Filter policy scope MessageAttributes does not support nested filter policy')
  }
  if (leaves.length > keysMax) throw refused(`Filter policy can not have more than ${keysMax} keys`)
  const combinations = leaves.reduce((product, { values, depth }) => product * values * depth, 1)
  if (combinations > combinationsMax) throw refused('Filter policy is too complex')
  try {
    return eventPattern(policy)
  } catch (cause) {
    throw refused(cause instanceof Error ? cause.message : String(cause))
  }
}

const refused = (reason: string) => invalidParameter(`FilterPolicy: ${reason}`)

/** The keys that hold values, and how deep they lie. Alternatives of `$or` lie where it lies. */
function leavesOf(policy: { [key: string]: unknown }, depth: number): { values: number; depth: number }[] {
  return Object.entries(policy).flatMap(([key, expected]) => {
    if (Array.isArray(expected)) {
      return key === '$or' && expected.every(isObject)
        ? expected.flatMap((alternative) => leavesOf(alternative, depth))
        : [{ values: expected.length, depth }]
    }
    return isObject(expected) ? leavesOf(expected, depth + 1) : [{ values: 1, depth }]
  })
}

/** Attributes of other types than these take no part: https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html */
const attributeValues = (attributes: MessageAttributes): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(attributes).flatMap(([name, { Type, Value }]) => {
      if (Type === 'String') return [[name, Value]]
      if (Type === 'String.Array') return [[name, parseJson(Value)]]
      return Type === 'Number' ? [[name, Number(Value)]] : []
    }),
  )
