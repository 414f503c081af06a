/** How ECS answers lists: pages with tokens, and failures beside the results. */
import { pageOf } from '../../../protocol/paging.ts'
import { invalidParameter } from './errors.ts'

/** A page has at most 100 items, unless the documentation of the operation says less. */
export function page<T>(
  items: readonly T[],
  input: { readonly maxResults?: number | undefined; readonly nextToken?: string | undefined },
  { most = 100, byDefault = most }: { readonly most?: number; readonly byDefault?: number } = {},
): { items: T[]; nextToken: string | undefined } {
  const size = input.maxResults ?? byDefault
  if (!Number.isInteger(size) || size < 1 || size > most)
    throw invalidParameter(`maxResults must be between 1 and ${most}.`)
  const { items: selected, next } = pageOf(items, input.nextToken, size, () =>
    invalidParameter('Invalid token.'),
  )
  return { items: selected, nextToken: next }
}

/** A missing resource is a failure beside the results, not an error. */
export const missing = (arn: string) => ({ arn, reason: 'MISSING' })
