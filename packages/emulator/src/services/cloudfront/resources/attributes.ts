/** What the policies of CloudFront have in common in their attributes. */
import type { Value } from '../../../terraform/type/resource-type.ts'
import { firstBlock, stringList, text } from '../../../terraform/type/values.ts'
import type { Selection } from '../model/policies.ts'

/** `headers_config { header_behavior, headers { items } }` and its like; header names in lower case. */
export function selection(value: Value | undefined, noun: 'header' | 'cookie' | 'query_string'): Selection {
  const config = firstBlock(value)
  const behavior = (text(config?.[`${noun}_behavior`]) ?? 'none') as Selection['behavior']
  const items = stringList(firstBlock(config?.[`${noun}s`])?.items)
  return { behavior, items: noun === 'header' ? items.map((item) => item.toLowerCase()) : items }
}
